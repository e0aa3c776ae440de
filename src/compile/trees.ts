import type { Value } from '../input/dense.js';
import {
  arrayTypes,
  float64View,
  slotCount,
  type Trees,
  treeCount,
  treesRules,
} from '../ir/index.js';
import {
  addLeaf,
  addLeavesOfRow,
  findSingles,
  type Leaves,
  type Sums,
} from '../kernels/add-leaf.js';
import { addTree, createLists } from '../kernels/partition.js';
import { type Forest, type Inputs, walkTree, walkTrees } from '../kernels/walk-trees.js';
import { log } from '../math/log.js';
import { logAddExp } from '../math/log-add-exp.js';
import { pow } from '../math/pow.js';
import { zeros } from '../math/zeros.js';
import type { Accelerator, AddLeaves } from './accelerator.js';
import { onDense } from './dense.js';
import { refuseNonFinite } from './finite.js';
import { changeInPlace } from './head.js';
import type { NodeKind } from './kind.js';
import type { LeafFinder } from './leaf-finder.js';
import type { Scorer } from './scorer.js';

/** Rows of a block, and its cells: not more than these. The more rows, the more go the same way through a tree. */
const blockRows = 2 ** 14;
const blockCells = 2 ** 20;
/** Batches of so many rows or more are split as trees split them, instead of walking row by row: five times as many as a tree has leaves, at most so many. */
const mostRowByRow = 800;
/** Rows with more cells than this, and than this for each tree, walk: to turn them into columns takes longer than splitting spares. */
const fewCells = { row: 32, tree: 5 };
/** Rows that pass before a forest is made faster, which takes about a millisecond, two or three times as long as they do: some models are there for one row. */
const portableRows = 100;

export const trees: NodeKind<Trees> = {
  rules: treesRules,
  compile: (node, scope) => onDense(compileTrees(node, scope.accelerator), scope),
};

export function compileTrees(trees: Trees, faster?: Accelerator | null): Scorer {
  let accelerator = faster;
  const forest = toForest(trees);
  const leaves = toLeaves(trees, forest);
  const count = treeCount(trees);
  const divisor = trees.divisor?.[0] ?? count;
  const { features, outputs, base, categories, isolation, head, treeOutputs, treeWeights } = trees;
  const mostRows = Math.max(1, Math.min(blockRows, Math.floor(blockCells / features)));
  const leastRows =
    features > fewCells.row + fewCells.tree * count
      ? Infinity
      : Math.min(mostRowByRow, (5 / 2) * (slotCount(trees) / count + 1));
  const Inputs = arrayTypes[trees.precision];
  let inputs: Inputs = new Inputs(features);
  let lists = createLists(1);
  // −0 leaves even a leaf of −0 as it is, as a single tree must; forests start from 0, as scikit-learn's do.
  const neutral = trees.aggregation === 'sum' ? -0 : 0;
  const treeSlots = new Int32Array(count);
  const single = trees.sums !== undefined;
  let singles = new Float32Array(0);
  let before = 0;
  const portably: AddLeaves = single ? addSingles : addPortably;
  let addLeaves = portably;

  /** The slots of one row's leaves. */
  function findLeaves(x: Value, row: number, rules = trees): Int32Array {
    const gaps = loadRow(rules, inputs, 0, x, row);
    walkTrees(forest, inputs, gaps || categories !== null, treeSlots);
    return treeSlots;
  }

  /** The slots that one row passes in each tree. */
  function findPaths(x: Value, row: number): number[][] {
    loadRow(trees, inputs, 0, x, row);
    return Array.from(trees.depths, (_, tree) => {
      const path: number[] = [];
      walkTree(forest, tree, inputs, path, trees.pathsMissing);
      return path;
    });
  }

  /** Adds the leaves of one row, tree after tree. */
  function scoreRow(x: Value, row: number, out: Sums): void {
    addLeavesOfRow(leaves, findLeaves(x, row), treeWeights, treeOutputs, out, row * outputs);
  }

  /** Adds the leaves of a block of rows, tree after tree: each row's sum has the same order as alone. */
  function scoreBlock(x: Value, start: number, rows: number, out: Sums): void {
    if (inputs.length < rows * features) inputs = new Inputs(rows * features);
    if (lists.even.length < rows) lists = createLists(rows);
    const gaps = loadColumns(trees, inputs, x, start, rows) || categories !== null;
    const batch = { x: inputs, rows, columnCells: rows, gaps, out, first: start * outputs };
    for (let tree = 0; tree < count; tree++)
      addTree(
        forest,
        leaves,
        tree,
        treeWeights?.[tree] ?? 1,
        treeOutputs?.[tree] ?? 0,
        batch,
        lists,
      );
  }

  function addPortably(x: Value, out: Sums): void {
    if (Math.min(x.rows, mostRows) < leastRows)
      for (let row = 0; row < x.rows; row++) scoreRow(x, row, out);
    else {
      for (let start = 0; start < x.rows; start += mostRows)
        scoreBlock(x, start, Math.min(mostRows, x.rows - start), out);
    }
  }

  /** The same where sums are float32: they lie in memory of it. */
  function addSingles(x: Value, out: Float64Array): void {
    const total = x.rows * outputs;
    if (singles.length < total) singles = new Float32Array(total);
    for (let i = 0; i < total; i++) singles[i] = out[i]!;
    addPortably(x, singles);
    for (let i = 0; i < total; i++) out[i] = singles[i]!;
  }

  function score(x: Value, out: Float64Array): boolean {
    const total = x.rows * outputs;
    out.fill(neutral, 0, total);
    for (let i = 0; base && i < total; i++) out[i] = base[i % outputs]!;
    before += x.rows;
    if (accelerator && before > portableRows) {
      addLeaves = accelerator.accelerate(trees, portably) ?? portably;
      accelerator = null;
    }
    addLeaves(x, out);
    if (single) return true;
    if (trees.aggregation === 'mean') for (let i = 0; i < total; i++) out[i]! /= divisor;
    if (isolation) {
      const lengths = isolation[0]!;
      for (let i = 0; i < total; i++) out[i] = lengths === 0 ? -0.5 : -pow(2, -(out[i]! / lengths));
    }
    return false;
  }

  /** The logarithms of each tree's probabilities, added up as such. */
  function addLogarithms(x: Value, sums: Float64Array): boolean {
    sums.fill(-Infinity, 0, x.rows * outputs);
    const leaf = zeros(outputs);
    const alone = new Int32Array(1);
    for (let row = 0; row < x.rows; row++) {
      const slots = findLeaves(x, row);
      for (let tree = 0; tree < count; tree++) {
        addLeaf(leaves, slots[tree]!, 1, alone, 0, 1, leaf.fill(0), 0);
        for (let k = 0; k < outputs; k++) {
          const at = row * outputs + k;
          sums[at] = logAddExp(sums[at]!, log(leaf[k]!));
        }
      }
    }
    const all = log(count);
    changeInPlace(sums, x.rows * outputs, false, (sum) => sum - all);
    return false;
  }

  const ofPaths = { ...trees, nonFinite: trees.pathsNonFinite ?? trees.nonFinite };
  const finder = trees.paths
    ? createLeafFinder(trees, (x, row) => findLeaves(x, row, ofPaths), findPaths)
    : null;
  const addsLogarithms = head.task === 'classifier' && head.logProbability === 'parts';
  return {
    outputs,
    head,
    score,
    leaves: finder,
    logarithms: addsLogarithms ? { columns: outputs, write: addLogarithms } : null,
  };
}

/** The arrays of validated trees as the walks use them. */
export function toForest(trees: Trees): Forest {
  const { nodes, starts, depths, featureBits, categories } = trees;
  const wide = trees.layout === 'wide';
  return {
    wide,
    lockStep: !wide && !depths.includes(0),
    words: nodes,
    float32: new Float32Array(nodes.buffer, nodes.byteOffset, nodes.length),
    float64: float64View(nodes),
    starts,
    featureBits,
    categories,
  };
}

const toLeaves = (trees: Trees, { words, float64, wide }: Forest): Leaves => ({
  outputs: trees.outputs,
  columns: trees.leafColumns,
  vectors: trees.leaves,
  single: singlesOf(trees),
  words,
  float64,
  wide,
});

/** `findSingles` of leaves that may be added by their single columns: adding 0 leaves all numbers as they are but −0, which no sum may start from. */
export const singlesOf = ({ leaves, leafColumns, base, aggregation }: Trees): Int32Array | null =>
  leaves !== null && (base?.every((value) => !Object.is(value, -0)) ?? aggregation === 'mean')
    ? findSingles(leaves, leafColumns)
    : null;

/** Writes a row to the inputs of a walk from `at` on, which rounds its cells, checks them, and returns whether there is NaN. */
export function loadRow(trees: Trees, inputs: Inputs, at: number, x: Value, row: number): boolean {
  const { features } = trees;
  const { data } = x;
  const offset = row * features;
  let finite = true;
  for (let i = 0; i < features; i++) {
    inputs[at + i] = data[offset + i]!;
    const value = inputs[at + i]!;
    // x − x is NaN for infinities and NaN alone; cheaper here than two calls a cell.
    if (value - value !== 0) finite = false;
  }
  return !finite && hasGaps(trees, x, row, 1);
}

/** Rows whose cells are put into columns before the next: so many lines of the cache are read at a time. */
const togetherRows = 16;

/** As `loadRow`, of rows from `start` on: column after column. */
function loadColumns(trees: Trees, inputs: Inputs, x: Value, start: number, rows: number): boolean {
  const { features } = trees;
  const { data } = x;
  let finite = true;
  for (let first = 0; first < rows; first += togetherRows) {
    const last = Math.min(first + togetherRows, rows);
    for (let feature = 0; feature < features; feature++) {
      const to = feature * rows;
      let from = (start + first) * features + feature;
      for (let row = first; row < last; row++, from += features) {
        inputs[to + row] = data[from]!;
        const value = inputs[to + row]!;
        if (value - value !== 0) finite = false;
      }
    }
  }
  return !finite && hasGaps(trees, x, start, rows);
}

/** Whether there is NaN in some rows, of which some cell is not finite once rounded; throws for the first that the trees do not take. */
export function hasGaps(
  { features, nonFinite, precision }: Trees,
  x: Value,
  start: number,
  rows: number,
): boolean {
  let gaps = false;
  for (let i = start * features; i < (start + rows) * features; i++) {
    const value = precision === 'float32' ? Math.fround(x.data[i]!) : x.data[i]!;
    if (Number.isFinite(value)) continue;
    refuseNonFinite(nonFinite, x, i, value);
    gaps ||= Number.isNaN(value);
  }
  return gaps;
}

function createLeafFinder(
  trees: Trees,
  findLeaves: (x: Value, row: number) => Int32Array,
  findPaths: (x: Value, row: number) => number[][],
): LeafFinder {
  const count = treeCount(trees);
  const treeStarts = Int32Array.from(trees.starts);
  let ids: ArrayLike<number> | null = trees.nodeIds;

  return {
    trees: count,
    forest: trees.paths !== 'tree',
    hasPaths: trees.paths !== 'stages',
    apply(x) {
      ids ??= preorderIds(trees);
      const result = new Int32Array(x.rows * count);
      for (let row = 0; row < x.rows; row++) {
        const slots = findLeaves(x, row);
        for (let tree = 0; tree < count; tree++) result[row * count + tree] = ids[slots[tree]!]!;
      }
      return result;
    },
    decisionPath(x) {
      ids ??= preorderIds(trees);
      const { rows } = x;
      const indptr = new Int32Array(rows + 1);
      const indices: number[] = [];
      for (let row = 0; row < rows; row++) {
        findPaths(x, row).forEach((path, tree) => {
          for (const slot of path) indices.push(treeStarts[tree]! + ids![slot]!);
        });
        indptr[row + 1] = indices.length;
      }
      const cols = treeStarts[count]!;
      return { rows, cols, indptr, indices: Int32Array.from(indices), treeStarts };
    },
  };
}

/** The number of each slot's node as a depth-first walk meets it, left before right. */
function preorderIds({ layout, nodes, starts, featureBits }: Trees): Int32Array {
  const wide = layout === 'wide';
  const result = new Int32Array(starts[starts.length - 1]!);
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    const root = starts[tree]!;
    const single = starts[tree + 1]! - root === 1;
    // Leaves are held as their complement.
    const stack = [single ? ~root : root];
    let next = 0;
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      result[top < 0 ? ~top : top] = next++;
      if (top < 0) continue;
      const word = nodes[wide ? top * 4 + 2 : top * 2 + 1]!;
      const left = root + (wide ? nodes[top * 4 + 3]! : word >>> (4 + featureBits));
      const right = left + 1;
      stack.push((word & 4) !== 0 ? ~right : right, (word & 2) !== 0 ? ~left : left);
    }
  }
  return result;
}
