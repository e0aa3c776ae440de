/**
 * Double-double arithmetic: a value is the unevaluated sum of a high and a low double, about 106 bits.
 * JavaScript has no fused multiply-add, so products are split by Veltkamp and Dekker.
 *
 * Functions that yield a pair return the high half and leave the low half in `low[0]`: nothing is
 * allocated, and the caller reads it before the next call.
 */
export const low = new Float64Array(1);

const SPLITTER = 134217729; // 2^27 + 1

/** The exact rounding error of `sum`, the double nearest to `a + b` (Knuth). */
export function sumError(a: number, b: number, sum: number): number {
  const t = sum - a;
  return a - (sum - t) + (b - t);
}

/** The exact rounding error of `product`, the double nearest to `a * b`. Needs |a|, |b| < 2^996. */
export function productError(a: number, b: number, product: number): number {
  let t = SPLITTER * a;
  const aHigh = t - (t - a);
  const aLow = a - aHigh;
  t = SPLITTER * b;
  const bHigh = t - (t - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** `(aHigh + aLow) + (bHigh + bLow)`; the high half, the low one in `low`. */
export function addPairs(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const sum = aHigh + bHigh;
  const error = sumError(aHigh, bHigh, sum) + (aLow + bLow);
  const high = sum + error;
  low[0] = error - (high - sum);
  return high;
}

/** `(aHigh + aLow) * (bHigh + bLow)`; the high half, the low one in `low`. */
export function multiplyPairs(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const product = aHigh * bHigh;
  const error = productError(aHigh, bHigh, product) + (aHigh * bLow + aLow * bHigh);
  const high = product + error;
  low[0] = error - (high - product);
  return high;
}

/** `(high + lowPart) / divisor`, to about 104 bits; the high half, the low one in `low`. */
export function dividePair(high: number, lowPart: number, divisor: number): number {
  const quotient = high / divisor;
  const product = quotient * divisor;
  const rest = high - product - productError(quotient, divisor, product) + lowPart;
  low[0] = rest / divisor;
  return quotient;
}

/**
 * The polynomial with the given coefficients (pairs, lowest power first) at `high + lowPart`;
 * the high half, the low one in `low`.
 */
export function evaluatePolynomial(pairs: Float64Array, high: number, lowPart: number): number {
  let i = pairs.length - 2;
  let result = pairs[i]!;
  low[0] = pairs[i + 1]!;
  while (i > 0) {
    i -= 2;
    result = multiplyPairs(result, low[0]!, high, lowPart);
    result = addPairs(pairs[i]!, pairs[i + 1]!, result, low[0]!);
  }
  return result;
}
