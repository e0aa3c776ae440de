import type { Value } from '../input/dense.js';
import { float64View, slotCount, type Trees, treeCount } from '../ir/index.js';
import { type Forest, type Inputs, walkAll, walkRow } from '../kernels/walk-trees.js';
import { refuseNonFinite } from './finite.js';
import type { LeafFinder, Scorer } from './scorer.js';

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

export function compileTrees(trees: Trees): Scorer {
  const forest = toForest(trees);
  const count = treeCount(trees);
  const { features, outputs } = trees;
  const add = createAdder(trees);
  const wanted = slotCount(trees) < smallForestSlots ? smallBlockRows : largeBlockRows;
  const blockRows = Math.max(1, Math.min(wanted, Math.floor(blockCells / features)));
  const block = createBlock(trees);
  // −0 leaves even a leaf of −0 as it is, as a single tree must; forests start from 0, as scikit-learn's do.
  const neutral = trees.aggregation === 'sum' ? -0 : 0;
  const treeSlots = new Int32Array(count);
  let rowSlots = new Int32Array(0);

  /** The slots of one row's leaves. */
  function findLeaves(x: Value, row: number): Int32Array {
    block.load(x, row, 1);
    walkAll(forest, block.inputs, block.gaps, count, 0, 1, 0, 0, treeSlots);
    return treeSlots;
  }

  /** Adds the leaves of one row, tree after tree. */
  function scoreRow(x: Value, row: number, out: Float64Array): void {
    const slots = findLeaves(x, row);
    for (let tree = 0; tree < count; tree++) add(tree, slots, tree, 1, out, row);
  }

  /** Adds the leaves of a block of rows, tree after tree: each row's sum has the same order as alone. */
  function scoreBlock(x: Value, start: number, rows: number, out: Float64Array): void {
    block.load(x, start, rows);
    if (rowSlots.length < rows) rowSlots = new Int32Array(rows);
    for (let tree = 0; tree < count; tree++) {
      walkAll(forest, block.inputs, block.gaps, rows, tree, 0, 0, features, rowSlots);
      add(tree, rowSlots, 0, rows, out, start);
    }
  }

  function score(x: Value, out: Float64Array): boolean {
    const total = x.rows * outputs;
    if (trees.base === null) out.fill(neutral, 0, total);
    else for (let i = 0; i < total; i++) out[i] = trees.base[i % outputs]!;
    if (x.rows <= rowByRow) for (let row = 0; row < x.rows; row++) scoreRow(x, row, out);
    else {
      for (let start = 0; start < x.rows; start += blockRows) {
        scoreBlock(x, start, Math.min(blockRows, x.rows - start), out);
      }
    }
    if (trees.aggregation === 'mean') for (let i = 0; i < total; i++) out[i]! /= count;
    return false;
  }

  const leaves = trees.paths === null ? null : createLeafFinder(trees, forest, block, findLeaves);
  return { outputs, head: trees.head, score, leaves, deviations: null };
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

/** A block of rows, rounded to the trees' precision and checked. */
interface Block {
  readonly inputs: Inputs;
  /** Whether NaN or categories may occur. */
  readonly gaps: boolean;
  load(x: Value, start: number, rows: number): void;
}

function createBlock(trees: Trees): Block {
  const { features, precision, nonFinite, categories } = trees;
  const type = precision === 'float32' ? Float32Array : Float64Array;
  const block = {
    inputs: new type(features) as Inputs,
    gaps: false,
    load(x: Value, start: number, rows: number): void {
      const cells = rows * features;
      if (block.inputs.length < cells) block.inputs = new type(cells);
      const { inputs } = block;
      const { data } = x;
      const offset = start * features;
      block.gaps = categories !== null;
      for (let i = 0; i < cells; i++) {
        inputs[i] = data[offset + i]!;
        const value = inputs[i]!;
        // x − x is NaN for infinities and NaN alone; cheaper here than two calls a cell.
        if (value - value === 0) continue;
        const row = start + Math.floor(i / features);
        refuseNonFinite(nonFinite, x, row, i % features, value, data[offset + i]!);
        block.gaps ||= Number.isNaN(value);
      }
    },
  };
  return block;
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
  forest: Forest,
  block: Block,
  findLeaves: (x: Value, row: number) => Int32Array,
): LeafFinder {
  const count = treeCount(trees);
  const treeStarts = Int32Array.from(trees.starts);
  let ids: ArrayLike<number> | null = trees.nodeIds;

  return {
    trees: count,
    forest: trees.paths === 'forest',
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
        block.load(x, row, 1);
        for (let tree = 0; tree < count; tree++) {
          const path: number[] = [];
          walkRow(forest, tree, block.inputs, 0, path, trees.pathsMissing ?? 'flags');
          for (const slot of path) indices.push(treeStarts[tree]! + ids[slot]!);
        }
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
