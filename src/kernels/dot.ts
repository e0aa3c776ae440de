/**
 * The dot product of `count` elements of `a` and `b` from the given offsets on, in float64.
 *
 * Eight partial sums, added pairwise: the rounding error grows with count / 8, as BLAS's does, and the additions overlap.
 */
export function dot(
  a: Float64Array | Float32Array,
  aStart: number,
  b: Float64Array | Float32Array,
  bStart: number,
  count: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let s4 = 0;
  let s5 = 0;
  let s6 = 0;
  let s7 = 0;
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    const p = aStart + i;
    const q = bStart + i;
    s0 += a[p]! * b[q]!;
    s1 += a[p + 1]! * b[q + 1]!;
    s2 += a[p + 2]! * b[q + 2]!;
    s3 += a[p + 3]! * b[q + 3]!;
    s4 += a[p + 4]! * b[q + 4]!;
    s5 += a[p + 5]! * b[q + 5]!;
    s6 += a[p + 6]! * b[q + 6]!;
    s7 += a[p + 7]! * b[q + 7]!;
  }
  for (; i < count; i++) s0 += a[aStart + i]! * b[bStart + i]!;
  return s0 + s1 + (s2 + s3) + (s4 + s5 + (s6 + s7));
}

/** Σ |aᵢ bᵢ|: what the error bound of a dot product is measured in. */
export function absoluteDot(
  a: Float64Array | Float32Array,
  aStart: number,
  b: Float64Array | Float32Array,
  bStart: number,
  count: number,
): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Math.abs(a[aStart + i]! * b[bStart + i]!);
  return sum;
}
