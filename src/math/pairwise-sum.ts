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

/** The same of float32 numbers, each sum rounded to float32. */
export function pairwiseSumOfSingles(values: Float64Array, start: number, count: number): number {
  if (count < 8) {
    let sum = 0;
    for (let i = start; i < start + count; i++) sum = Math.fround(sum + values[i]!);
    return sum;
  }
  if (count > 128) {
    const half = Math.floor(count / 16) * 8;
    const first = pairwiseSumOfSingles(values, start, half);
    return Math.fround(first + pairwiseSumOfSingles(values, start + half, count - half));
  }
  const sums = values.slice(start, start + 8);
  const rest = count - (count % 8);
  for (let i = 8; i < rest; i++) sums[i % 8] = Math.fround(sums[i % 8]! + values[start + i]!);
  for (let step = 1; step < 8; step *= 2)
    for (let i = 0; i < 8; i += 2 * step) sums[i] = Math.fround(sums[i]! + sums[i + step]!);
  let sum = sums[0]!;
  for (let i = rest; i < count; i++) sum = Math.fround(sum + values[start + i]!);
  return sum;
}
