import { exp } from './exp.js';
import { pairwiseSum } from './pairwise-sum.js';

/**
 * Replaces `count` values from `start` on by their softmax, as scikit-learn computes it on rows in C order: less the
 * maximum, exp, divided by numpy's pairwise sum, each result rounded by `round`.
 */
export function softmax(
  values: Float64Array,
  start: number,
  count: number,
  round: (value: number) => number,
): void {
  const end = start + count;
  let max = values[start]!;
  for (let i = start + 1; i < end; i++) if (values[i]! > max) max = values[i]!;
  for (let i = start; i < end; i++) values[i] = round(exp(round(values[i]! - max)));
  divideBySum(values, start, count, round);
}

/** Divides values by their sum. */
export function divideBySum(
  values: Float64Array,
  start: number,
  count: number,
  round: (value: number) => number,
): void {
  const sum = round(pairwiseSum(values, start, count));
  for (let i = start; i < start + count; i++) values[i] = round(values[i]! / sum);
}
