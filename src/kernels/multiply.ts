type Numbers = Float64Array | Float32Array | Uint8Array;

/**
 * The products of `rows` rows of `a` with each of `others` rows of `b`, `count` numbers each, in float64: [rows × others], written to `out`.
 *
 * Four partial sums each, added pairwise: the rounding error stays near BLAS's, and the additions overlap. Two products at a time, which share the
 * numbers of `a`: a fifth less time. V8 builds functions of this size into the loop of a model, and larger ones not.
 */
export function multiply(
  a: Numbers,
  rows: number,
  count: number,
  b: Numbers,
  others: number,
  out: Float64Array,
): void {
  for (let row = 0, at = 0; row < rows; row++) {
    let other = 0;
    for (; other + 2 <= others; other += 2, at += 2)
      multiplyTwo(a, row * count, b, other * count, count, out, at);
    if (other < others) multiplyOne(a, row * count, b, other * count, count, out, at++);
  }
}

function multiplyOne(
  a: Numbers,
  p: number,
  b: Numbers,
  q: number,
  count: number,
  out: Float64Array,
  at: number,
): void {
  const end = p + count;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (; p + 4 <= end; p += 4, q += 4) {
    s0 += a[p]! * b[q]!;
    s1 += a[p + 1]! * b[q + 1]!;
    s2 += a[p + 2]! * b[q + 2]!;
    s3 += a[p + 3]! * b[q + 3]!;
  }
  for (; p < end; p++, q++) s0 += a[p]! * b[q]!;
  out[at] = s0 + s1 + (s2 + s3);
}

function multiplyTwo(
  a: Numbers,
  p: number,
  b: Numbers,
  q: number,
  count: number,
  out: Float64Array,
  at: number,
): void {
  const end = p + count;
  let r = q + count;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let t0 = 0;
  let t1 = 0;
  let t2 = 0;
  let t3 = 0;
  for (; p + 4 <= end; p += 4, q += 4, r += 4) {
    const a0 = a[p]!;
    const a1 = a[p + 1]!;
    const a2 = a[p + 2]!;
    const a3 = a[p + 3]!;
    s0 += a0 * b[q]!;
    t0 += a0 * b[r]!;
    s1 += a1 * b[q + 1]!;
    t1 += a1 * b[r + 1]!;
    s2 += a2 * b[q + 2]!;
    t2 += a2 * b[r + 2]!;
    s3 += a3 * b[q + 3]!;
    t3 += a3 * b[r + 3]!;
  }
  for (; p < end; p++, q++, r++) {
    s0 += a[p]! * b[q]!;
    t0 += a[p]! * b[r]!;
  }
  out[at] = s0 + s1 + (s2 + s3);
  out[at + 1] = t0 + t1 + (t2 + t3);
}

/**
 * The same of compressed rows, row i being the cells `indptr[i]` to `indptr[i + 1] − 1`: added one after another, as scipy does, and in float32 if
 * `single`.
 */
export function multiplySparse(
  a: Numbers,
  indices: Int32Array,
  indptr: Int32Array,
  rows: number,
  count: number,
  b: Numbers,
  others: number,
  single: boolean,
  out: Float64Array,
): void {
  for (let row = 0, at = 0; row < rows; row++) {
    for (let other = 0; other < others; other++) {
      let sum = 0;
      for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
        const product = a[i]! * b[other * count + indices[i]!]!;
        sum = single ? Math.fround(sum + Math.fround(product)) : sum + product;
      }
      out[at++] = sum;
    }
  }
}
