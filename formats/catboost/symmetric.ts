import { malformed } from '../json/json.js';
import type { CatboostTree } from './model.js';

/** CatBoost's own bound. */
const deepest = 16;

/** Leaves of a tree of so many levels. */
export function leafCount(depth: number, path: string): number {
  if (depth <= deepest) return 1 << depth;
  throw malformed(path, `${depth} levels, of ${deepest} at most`);
}

/**
 * A tree that asks the same question in every node of a level, as one of nodes. The first question decides the lowest bit of a leaf's number, and so is
 * that of the deepest level here.
 */
export function growSymmetric(
  splits: ArrayLike<number>,
  leaves: ArrayLike<number>,
  weights: ArrayLike<number> | null,
  outputs: number,
  path: string,
): CatboostTree {
  const depth = splits.length;
  const count = leafCount(depth, path);
  if (leaves.length !== count * outputs)
    throw malformed(path, `expected ${count * outputs} values of leaves, found ${leaves.length}`);
  if (weights !== null && weights.length !== count)
    throw malformed(path, `expected ${count} weights of leaves, found ${weights.length}`);
  const first = count - 1;
  const nodes = first + count;
  const values = new Float64Array(nodes * outputs);
  for (let i = 0; i < leaves.length; i++) values[first * outputs + i] = leaves[i]!;
  // Children of node n are 2n + 1 and 2n + 2.
  const child = (side: number) =>
    Int32Array.from({ length: nodes }, (_, node) => (node < first ? 2 * node + side : -1));
  return {
    path,
    left: child(1),
    right: child(2),
    split: Int32Array.from(
      { length: first },
      (_, node) => splits[depth - 32 + Math.clz32(node + 1)]!,
    ),
    values,
    weights: weights && summedUp(weights, first),
  };
}

/** Weights of all nodes, from those of the leaves. */
function summedUp(weights: ArrayLike<number>, first: number): Float64Array {
  const all = new Float64Array(first + weights.length);
  all.set(Array.from(weights), first);
  for (let node = first - 1; node >= 0; node--) all[node] = all[2 * node + 1]! + all[2 * node + 2]!;
  return all;
}
