import type { Value } from '../input/dense.js';
import { float64View, slotCount, type Trees, treeCount, treesRules } from '../ir/index.js';
import { type Forest, type Inputs, walkAll, walkRow } from '../kernels/walk-trees.js';
import { log } from '../math/log.js';
import { logAddExp } from '../math/log-add-exp.js';
import { pow } from '../math/pow.js';
import type { Accelerator, AddLeaves } from './accelerator.js';
import { onDense } from './dense.js';
import { refuseNonFinite } from './finite.js';
import type { NodeKind } from './kind.js';
import type { LeafFinder } from './leaf-finder.js';
import type { Scorer } from './scorer.js';

/**
 * Rows of a block that all pass one tree before the next: more rows for larger forests, so that a tree stays in the cache
 * while they pass (see bench/). Blocks of wide inputs are cut to `blockCells`.
 */
const smallForestSlots = 100_000;
const smallBlockRows = 256;
const largeBlockRows = 4096;
const blockCells = 2 ** 21;
/** Batches up to this many rows go row by row through several trees at once: faster, since lock step needs company. */
const rowByRow = 2;
/** Rows that pass before a forest is made faster, which takes about a millisecond, two or three times as long as they do: some models are there for one row. */
const portableRows = 100;

export const trees: NodeKind<Trees> = {
  rules: treesRules,
  compile: (node, scope) => onDense(compileTrees(node, scope.accelerator), scope),
};

export function compileTrees(trees: Trees, faster?: Accelerator | null): Scorer {
  let accelerator = faster;
  const forest = toForest(trees);
  const count = treeCount(trees);
  const divisor = trees.divisor?.[0] ?? count;
  const { features, outputs, base, categories, isolation, head } = trees;
  const add = createAdder(trees);
  const wanted = slotCount(trees) < smallForestSlots ? smallBlockRows : largeBlockRows;
  const blockRows = Math.max(1, Math.min(wanted, Math.floor(blockCells / features)));
  const Inputs = trees.precision === 'float32' ? Float32Array : Float64Array;
  let inputs: Inputs = new Inputs(features);
  // −0 leaves even a leaf of −0 as it is, as a single tree must; forests start from 0, as scikit-learn's do.
  const neutral = trees.aggregation === 'sum' ? -0 : 0;
  const treeSlots = new Int32Array(count);
  let rowSlots = new Int32Array(0);
  let before = 0;
  let addLeaves: AddLeaves = addPortably;

  /** Fills `inputs`, and returns whether NaN or categories may occur. */
  function load(x: Value, start: number, rows: number, rules = trees): boolean {
    if (inputs.length < rows * features) inputs = new Inputs(rows * features);
    return loadRows(rules, inputs, x, start, rows) || categories !== null;
  }

  /** The slots of one row's leaves. */
  function findLeaves(x: Value, row: number, rules = trees): Int32Array {
    const gaps = load(x, row, 1, rules);
    walkAll(forest, inputs, gaps, count, 0, 1, 0, 0, treeSlots);
    return treeSlots;
  }

  /** The slots that one row passes in each tree. */
  function findPaths(x: Value, row: number): number[][] {
    load(x, row, 1);
    return Array.from(trees.depths, (_, tree) => {
      const path: number[] = [];
      walkRow(forest, tree, inputs, 0, path, trees.pathsMissing ?? 'flags');
      return path;
    });
  }

  /** Adds the leaves of one row, tree after tree. */
  function scoreRow(x: Value, row: number, out: Float64Array): void {
    const slots = findLeaves(x, row);
    for (let tree = 0; tree < count; tree++) add(tree, slots, tree, 1, out, row);
  }

  /** Adds the leaves of a block of rows, tree after tree: each row's sum has the same order as alone. */
  function scoreBlock(x: Value, start: number, rows: number, out: Float64Array): void {
    const gaps = load(x, start, rows);
    if (rowSlots.length < rows) rowSlots = new Int32Array(rows);
    for (let tree = 0; tree < count; tree++) {
      walkAll(forest, inputs, gaps, rows, tree, 0, 0, features, rowSlots);
      add(tree, rowSlots, 0, rows, out, start);
    }
  }

  function addPortably(x: Value, out: Float64Array): void {
    if (x.rows <= rowByRow) for (let row = 0; row < x.rows; row++) scoreRow(x, row, out);
    else {
      for (let start = 0; start < x.rows; start += blockRows)
        scoreBlock(x, start, Math.min(blockRows, x.rows - start), out);
    }
  }

  function score(x: Value, out: Float64Array): boolean {
    const total = x.rows * outputs;
    for (let i = 0; i < total; i++) out[i] = base?.[i % outputs] ?? neutral;
    before += x.rows;
    if (accelerator && before > portableRows) {
      addLeaves = accelerator.accelerate(trees, blockRows, addPortably) ?? addPortably;
      accelerator = null;
    }
    addLeaves(x, out);
    if (trees.aggregation === 'mean') for (let i = 0; i < total; i++) out[i]! /= divisor;
    if (isolation !== null) {
      const lengths = isolation[0]!;
      for (let i = 0; i < total; i++) out[i] = lengths === 0 ? -0.5 : -pow(2, -(out[i]! / lengths));
    }
    return false;
  }

  /** The logarithms of each tree's probabilities, added up as such. */
  function logarithms(x: Value): Float64Array {
    const sums = new Float64Array(x.rows * outputs).fill(Number.NEGATIVE_INFINITY);
    const leaf = new Float64Array(outputs);
    for (let row = 0; row < x.rows; row++) {
      const slots = findLeaves(x, row);
      for (let tree = 0; tree < count; tree++) {
        add(tree, slots, tree, 1, leaf.fill(0), 0);
        for (let k = 0; k < outputs; k++) {
          const at = row * outputs + k;
          sums[at] = logAddExp(sums[at]!, log(leaf[k]!));
        }
      }
    }
    const all = log(count);
    return sums.map((sum) => sum - all);
  }

  const ofPaths = { ...trees, nonFinite: trees.pathsNonFinite ?? trees.nonFinite };
  const leaves =
    trees.paths === null
      ? null
      : createLeafFinder(trees, (x, row) => findLeaves(x, row, ofPaths), findPaths);
  const addsLogarithms = head.task === 'classifier' && head.logProbability === 'parts';
  return {
    outputs,
    head,
    score,
    leaves,
    deviations: null,
    ...(addsLogarithms && { logarithms }),
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

/** Writes rows to the inputs of a walk, which rounds them, checks them, and returns whether there is NaN. */
export function loadRows(
  { features, nonFinite }: Trees,
  inputs: Inputs,
  x: Value,
  start: number,
  rows: number,
): boolean {
  const { data } = x;
  const offset = start * features;
  let gaps = false;
  for (let i = 0; i < rows * features; i++) {
    inputs[i] = data[offset + i]!;
    const value = inputs[i]!;
    // x − x is NaN for infinities and NaN alone; cheaper here than two calls a cell.
    if (value - value === 0) continue;
    refuseNonFinite(nonFinite, x, offset + i, value);
    gaps ||= Number.isNaN(value);
  }
  return gaps;
}

/** Adds to the scores of rows [start, start + rows) the leaves in slots [from, from + rows) of one tree. */
type Adder = (
  tree: number,
  slots: Int32Array,
  from: number,
  rows: number,
  out: Float64Array,
  start: number,
) => void;

function createAdder(trees: Trees): Adder {
  const { nodes, leaves, leafColumns, outputs, treeOutputs, treeWeights } = trees;
  const float64 = float64View(nodes);
  const step = trees.layout === 'wide' ? 2 : 1;
  const values = leaves ?? float64;
  return (tree, slots, from, rows, out, start) => {
    const weight = treeWeights === null ? 1 : treeWeights[tree]!;
    let at = start * outputs + (treeOutputs === null ? 0 : treeOutputs[tree]!);
    for (let row = 0; row < rows; row++, at += outputs) {
      const slot = slots[from + row]!;
      // The slot of a leaf holds its value, or the index of its vector.
      let value = slot * step;
      if (leaves !== null) value = (step === 2 ? float64[value]! : nodes[slot * 2]!) * leafColumns;
      for (let column = 0; column < leafColumns; column++) {
        out[at + column]! += weight * values[value + column]!;
      }
    }
  };
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
