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
  // Eight partial sums, each of every eighth value.
  const partial = partialSums;
  for (let j = 0; j < 8; j++) partial[j] = values[start + j]!;
  let i = start + 8;
  for (; i + 8 <= end; i += 8) for (let j = 0; j < 8; j++) partial[j]! += values[i + j]!;
  for (let width = 1; width < 8; width *= 2) {
    for (let j = 0; j < 8; j += 2 * width) partial[j]! += partial[j + width]!;
  }
  let sum = partial[0]!;
  for (; i < end; i++) sum += values[i]!;
  return sum;
}

const partialSums = new Float64Array(8);
