import { exp } from './exp.js';
import { pairwiseSum } from './pairwise-sum.js';
import type { Round } from './rounding.js';

/** Adds up `count` values from `start` on, each sum rounded by `round` if that is not left to the end. */
export type Sum = (values: Float64Array, start: number, count: number, round: Round) => number;

/** In order: how numpy adds up a row whose cells lie apart. */
export const sequentialSum: Sum = (values, start, count, round) => {
  let sum = values[start]!;
  for (let i = start + 1; i < start + count; i++) sum = round(sum + values[i]!);
  return sum;
};

/** The largest of `count` values from `start` on. */
export function maximum(values: Float64Array, start: number, count: number): number {
  let max = values[start]!;
  for (let i = start + 1; i < start + count; i++) if (values[i]! > max) max = values[i]!;
  return max;
}

/**
 * Replaces `count` values from `start` on by their softmax, as scikit-learn computes it: less the maximum, exp, divided by
 * the sum, each result rounded by `round`.
 */
export function softmax(
  values: Float64Array,
  start: number,
  count: number,
  round: Round,
  sum: Sum = pairwiseSum,
): void {
  const max = maximum(values, start, count);
  for (let i = start; i < start + count; i++) values[i] = round(exp(round(values[i]! - max)));
  divideBySum(values, start, count, round, sum);
}

/** Divides values by their sum. */
export function divideBySum(
  values: Float64Array,
  start: number,
  count: number,
  round: Round,
  sum: Sum,
): void {
  const total = round(sum(values, start, count, round));
  for (let i = start; i < start + count; i++) values[i] = round(values[i]! / total);
}
