import { exp } from './exp.js';
import { pairwiseSum } from './pairwise-sum.js';

/**
 * Replaces `count` values from `start` on by their softmax, as scikit-learn computes it on rows in C order: less the
 * maximum, exp, divided by numpy's pairwise sum.
 */
export function softmax(values: Float64Array, start: number, count: number): void {
  let max = values[start]!;
  for (let i = start + 1; i < start + count; i++) if (values[i]! > max) max = values[i]!;
  for (let i = start; i < start + count; i++) values[i] = exp(values[i]! - max);
  const sum = pairwiseSum(values, start, count);
  for (let i = start; i < start + count; i++) values[i]! /= sum;
}
