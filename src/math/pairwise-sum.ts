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
  /** Of every eighth value. */
  const partial = (first: number): number => {
    let sum = values[first]!;
    for (let i = first + 8; i < rest; i += 8) sum += values[i]!;
    return sum;
  };
  const half = (first: number): number =>
    partial(first) + partial(first + 1) + (partial(first + 2) + partial(first + 3));
  let sum = half(start) + half(start + 4);
  for (let i = rest; i < end; i++) sum += values[i]!;
  return sum;
}
