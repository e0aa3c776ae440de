/**
 * The sum of `count` doubles from `start`, in the order numpy's `np.sum` adds a contiguous float64
 * run: up to 128 values in eight interleaved sums, more by halves.
 *
 * As in numpy, an empty run and a run of −0 give +0.
 * Source: pairwise_sum_DOUBLE in numpy/_core/src/umath/loops_utils.h.src.
 */
export function pairwiseSum(values: Float64Array, start: number, count: number): number {
  return 0 + sumRun(values, start, count);
}

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
  let s0 = values[start]!;
  let s1 = values[start + 1]!;
  let s2 = values[start + 2]!;
  let s3 = values[start + 3]!;
  let s4 = values[start + 4]!;
  let s5 = values[start + 5]!;
  let s6 = values[start + 6]!;
  let s7 = values[start + 7]!;
  let i = start + 8;
  for (; i + 8 <= end; i += 8) {
    s0 += values[i]!;
    s1 += values[i + 1]!;
    s2 += values[i + 2]!;
    s3 += values[i + 3]!;
    s4 += values[i + 4]!;
    s5 += values[i + 5]!;
    s6 += values[i + 6]!;
    s7 += values[i + 7]!;
  }
  let sum = s0 + s1 + (s2 + s3) + (s4 + s5 + (s6 + s7));
  for (; i < end; i++) sum += values[i]!;
  return sum;
}
