import type { Value } from '../input/dense.js';
import { featureShift, nodeFlags, type Trees } from '../ir/index.js';
import { type Forest, goesRight } from '../kernels/walk-trees.js';
import { ulpOf } from '../math/ulp.js';
import { compileTrees, toForest } from './trees.js';

/**
 * How far scores of rows may be off whose cells [rows × features] are off by at most `error`: nothing, or anything where a row may reach
 * leaves that differ. A step of a float where scores are powers.
 */
export function boundTrees(
  trees: Trees,
  value: Value,
  cells: Float64Array,
  error: Float64Array | null,
): Float64Array | null {
  const { features, outputs, starts, isolation } = trees;
  const result = new Float64Array(value.rows * outputs);
  if (isolation) {
    compileTrees(trees).score(value, result);
    result.forEach((score, i) => {
      result[i] = ulpOf(score);
    });
  }
  if (error === null || error.every((one) => one === 0)) return isolation && result;
  const forest = toForest(trees);
  const round = trees.precision === 'float32' ? Math.fround : Number;
  const low = cells.map((cell, i) => round(cell - error[i]!));
  const high = cells.map((cell, i) => round(cell + error[i]!));
  for (let row = 0; row < value.rows; row++) {
    const [from, to] = [row * features, (row + 1) * features];
    if (error.subarray(from, to).every((one) => one === 0)) continue;
    const scores = result.subarray(row * outputs, (row + 1) * outputs);
    for (let tree = 0; tree + 1 < starts.length; tree++)
      openOutputs(trees, forest, tree, low.subarray(from, to), high.subarray(from, to), scores);
  }
  return result;
}

/** Makes infinite what is open: each output in which leaves differ that a tree has for cells from `low` to `high`. Stops when all are. */
function openOutputs(
  { outputs, leafColumns, leaves, treeOutputs }: Trees,
  forest: Forest,
  tree: number,
  low: Float64Array,
  high: Float64Array,
  scores: Float64Array,
): void {
  const { wide, words, float64, featureBits } = forest;
  const stride = wide ? 4 : 2;
  const mask = wide ? 0xfffffff : (1 << featureBits) - 1;
  const root = forest.starts[tree]!;
  const own = leafColumns === outputs ? [...scores.keys()] : [treeOutputs?.[tree] ?? 0];
  const leafOf = (slot: number, output: number): number => {
    if (leaves === null) return float64[(slot * stride) >> 1]!;
    const vector = wide ? float64[2 * slot]! : words[2 * slot]!;
    return leaves[vector * leafColumns + output]!;
  };
  let first: number | null = null;
  const waiting = forest.starts[tree + 1]! - root > 1 ? [root] : [];
  while (waiting.length > 0 && own.some((output) => scores[output]! < Number.POSITIVE_INFINITY)) {
    const at = waiting.pop()! * stride;
    const word = words[at + stride / 2]!;
    const feature = (word >>> featureShift) & mask;
    const child = root + (wide ? words[at + 3]! : word >>> (featureShift + featureBits));
    const [least, most] = [low[feature]!, high[feature]!];
    const isSet = (word & nodeFlags.categorical) !== 0;
    for (const right of [0, 1]) {
      const isOpen = isSet && least !== most && !Number.isNaN(least);
      const ends = [least, most].map((cell) => goesRight(forest, at, word, cell));
      if (!isOpen && !ends.includes(right)) continue;
      const slot = child + right;
      if ((word & (nodeFlags.leftLeaf << right)) === 0) waiting.push(slot);
      else if (first === null) first = slot;
      else
        for (const output of own)
          if (leafOf(slot, output) !== leafOf(first, output))
            scores[output] = Number.POSITIVE_INFINITY;
    }
  }
}
