import type { Round } from './rounding.js';

/**
 * The sum of `count` doubles from `start`, in the order numpy's `np.sum` adds a contiguous float64
 * run: up to 128 values in eight interleaved sums, more by halves.
 *
 * As in numpy, an empty run and a run of −0 give +0.
 * Source: pairwise_sum_DOUBLE in numpy/_core/src/umath/loops_utils.h.src.
 */
export const pairwiseSum = (values: Float64Array, start: number, count: number): number =>
  0 + sumRun(values, start, count, Number);

/** The same of float32 numbers, each sum rounded to float32. */
export const pairwiseSumOfSingles: typeof pairwiseSum = (values, start, count) =>
  0 + sumRun(values, start, count, Math.fround);

function sumRun(values: Float64Array, start: number, count: number, round: Round): number {
  if (count > 128) {
    const half = Math.floor(count / 16) * 8;
    const first = sumRun(values, start, half, round);
    return round(first + sumRun(values, start + half, count - half, round));
  }
  const end = start + count;
  const rest = end - (count % 8);
  let sum = -0;
  if (count >= 8)
    sum = round(sumHalf(values, start, rest, round) + sumHalf(values, start + 4, rest, round));
  for (let i = rest; i < end; i++) sum = round(sum + values[i]!);
  return sum;
}

/** Four of the eight partial sums, added up. */
const sumHalf = (values: Float64Array, start: number, end: number, round: Round): number =>
  round(
    round(sumEighth(values, start, end, round) + sumEighth(values, start + 1, end, round)) +
      round(sumEighth(values, start + 2, end, round) + sumEighth(values, start + 3, end, round)),
  );

function sumEighth(values: Float64Array, start: number, end: number, round: Round): number {
  let sum = values[start]!;
  for (let i = start + 8; i < end; i += 8) sum = round(sum + values[i]!);
  return sum;
}
