/**
 * The dot product of `count` elements of `a` and `b` from the given offsets on, in float64.
 *
 * Four partial sums, added pairwise: the rounding error stays near BLAS's, and the additions overlap.
 */
export function dot(
  a: Float64Array | Float32Array | Uint8Array,
  aStart: number,
  b: Float64Array | Float32Array,
  bStart: number,
  count: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const p = aStart + i;
    const q = bStart + i;
    s0 += a[p]! * b[q]!;
    s1 += a[p + 1]! * b[q + 1]!;
    s2 += a[p + 2]! * b[q + 2]!;
    s3 += a[p + 3]! * b[q + 3]!;
  }
  for (; i < count; i++) s0 += a[aStart + i]! * b[bStart + i]!;
  return s0 + s1 + (s2 + s3);
}

/** The dot product of the cells `from` to `to` of compressed rows with `b`, in float64. */
export function dotSparse(
  a: Float64Array | Float32Array | Uint8Array,
  indices: Int32Array,
  from: number,
  to: number,
  b: Float64Array | Float32Array,
  bStart: number,
): number {
  let s0 = 0;
  let s1 = 0;
  let i = from;
  for (; i + 2 <= to; i += 2) {
    s0 += a[i]! * b[bStart + indices[i]!]!;
    s1 += a[i + 1]! * b[bStart + indices[i + 1]!]!;
  }
  if (i < to) s0 += a[i]! * b[bStart + indices[i]!]!;
  return s0 + s1;
}
