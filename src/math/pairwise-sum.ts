/**
 * The sum of `count` doubles from `start`, in the order numpy's `np.sum` adds a contiguous float64
 * run: up to 128 values in eight interleaved sums, more by halves.
 *
 * As in numpy, an empty run and a run of −0 give +0.
 * Source: pairwise_sum_DOUBLE in numpy/_core/src/umath/loops_utils.h.src.
 */
export const pairwiseSum = (values: Float64Array, start: number, count: number): number =>
  0 + sumRun(values, start, count);

function sumRun(values: Float64Array, start: number, count: number): number {
  const end = start + count;
  if (count < 8) {
    let sum = -0;
    for (let i = start; i < end; i++) sum += values[i]!;
    return sum;
  }
  if (count > 128) {
    let half = Math.floor(count / 2);
    half -= half % 8;
    return sumRun(values, start, half) + sumRun(values, start + half, count - half);
  }
  const rest = end - (count % 8);
  let sum = sumHalf(values, start, rest) + sumHalf(values, start + 4, rest);
  for (let i = rest; i < end; i++) sum += values[i]!;
  return sum;
}

/** Four of the eight partial sums, added up. */
const sumHalf = (values: Float64Array, start: number, end: number): number =>
  sumEighth(values, start, end) +
  sumEighth(values, start + 1, end) +
  (sumEighth(values, start + 2, end) + sumEighth(values, start + 3, end));

function sumEighth(values: Float64Array, start: number, end: number): number {
  let sum = values[start]!;
  for (let i = start + 8; i < end; i += 8) sum += values[i]!;
  return sum;
}
