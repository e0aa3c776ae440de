import { addPairs, dividePair, evaluatePolynomial, low, multiplyPairs } from './double-double.js';
import { double, HIGH_WORD, words } from './double-words.js';
import { powersOfTwo } from './powers-of-two.js';
import { zeros } from './zeros.js';

/**
 * log(x) = k·ln2 − log(c) + log1p(r), with x = 2^k·m, c ≈ 1/m a float32 and r = m·c − 1, |r| < 2^-8.
 * The fast path is right to about 2^-69, relatively; where that does not decide the rounding (Ziv's
 * test), the accurate path is, to about 2^-103.
 */

/** ln2 as multiples of 2^-42 and of 2^-84, so that k times them is exact, and a rest. */
const LN2_HIGH = 0.6931471805598903;
const LN2_MIDDLE = 5.49792301870721e-14;
const LN2_LOW = 1.1612227229362532e-26;
/** What the fast path's error stays below, relative to the logarithm. */
export const LOG_ERROR = 6.776263578034403e-21; // 2^-67
/** From this interval on, x is taken as 2^(k+1)·(m/2): above √2. */
const FOLD = 53;

/** For m near 1 + j/128: c, and −log(c) (−log(2c) from FOLD on) in the same three parts. Zeros until the first of them is asked for: most models need none. */
const intervals: Float64Array = /* @__PURE__ */ zeros(4 * 129);
/** The series of log1p(r)/r as pairs: 1, −1/2, 1/3 … */
const logSeries: Float64Array = /* @__PURE__ */ makeSeries(15, 1, -1);

function makeSeries(length: number, step: number, sign: number): Float64Array {
  const pairs = zeros(2 * length);
  let numerator = 1;
  for (let n = 0; n < length; n++) {
    pairs[2 * n] = dividePair(numerator, 0, step * n + 1);
    pairs[2 * n + 1] = low[0]!;
    numerator *= sign;
  }
  return pairs;
}

function fillIntervals(): void {
  const series = makeSeries(23, 2, 1);
  for (let j = 0; j <= 128; j++) {
    const c = Math.fround(128 / (128 + j));
    // −log(c) = 2·artanh(s), s = (1 − c)/(1 + c); numerator and denominator are exact.
    const scaled = j < FOLD ? c : 2 * c;
    const s = dividePair(1 - scaled, 0, 1 + scaled);
    const sLow = low[0]!;
    const square = multiplyPairs(s, sLow, s, sLow);
    const sum = evaluatePolynomial(series, square, low[0]!);
    const half = multiplyPairs(sum, low[0]!, s, sLow);
    // Adding and subtracting 1.5 · 2^10 keeps multiples of 2^-42; 1.5 · 2^-32, of 2^-84.
    const first = 2 * half + 1536 - 1536;
    const rest = 2 * half - first;
    const second = rest + 2 * low[0]! + 1.5 * 2 ** -32 - 1.5 * 2 ** -32;
    intervals[4 * j] = c;
    intervals[4 * j + 1] = first;
    intervals[4 * j + 2] = second;
    intervals[4 * j + 3] = rest - second + 2 * low[0]!;
  }
}

/** What the last fast logarithm was made of: r, its low part, and the base in three parts. */
const reduced = new Float64Array(5);

/** log(x), fast, for x positive and finite: the high part; the rest in `low`, not normalised. */
export function logFast(x: number): number {
  double[0] = x;
  let word = words[HIGH_WORD]!;
  let scaled = x;
  let shift = 1023;
  if (word < 0x100000) {
    scaled *= 2 ** 54; // a subnormal
    double[0] = scaled;
    word = words[HIGH_WORD]!;
    shift = 1077;
  }
  const exponent = word >> 20;
  const j = ((word & 0xfffff) + 0x1000) >> 13;
  const m = scaled * powersOfTwo[2046 - exponent]!;
  if (intervals[4 * j] === 0) fillIntervals();
  const c = intervals[4 * j]!;
  const k = exponent - shift + ((j + 128 - FOLD) >> 7); // a branch would be mispredicted half the time
  const mHead = Math.fround(m);
  const a = mHead * c - 1; // exact: 24 bits times 24 bits
  const b = (m - mHead) * c; // exact: 29 bits times 24 bits
  const r = a + b;
  const rLow = a - r + b;
  const base = k * LN2_HIGH + intervals[4 * j + 1]!; // exact, and 0 or larger than r
  const baseMiddle = k * LN2_MIDDLE + intervals[4 * j + 2]!; // exact
  reduced[0] = r;
  reduced[1] = rLow;
  reduced[2] = base;
  reduced[3] = baseMiddle;
  reduced[4] = k * LN2_LOW + intervals[4 * j + 3]!;
  const sum = base + r;
  const rHead = Math.fround(r);
  const square = -0.5 * rHead * rHead; // exact: 24 bits times 24 bits
  const high = sum + square;
  const rTail = r - rHead;
  const r2 = r * r;
  low[0] =
    r -
    (sum - base) +
    (square - (high - sum)) +
    (baseMiddle +
      (rLow -
        r * rLow -
        0.5 * rTail * (r + rHead) +
        r2 *
          r *
          (1 / 3 - 0.25 * r + r2 * (0.2 - (1 / 6) * r + r2 * (1 / 7 - 0.125 * r + r2 * (1 / 9))))));
  return high;
}

/** The last fast logarithm again, to double-double precision and normalised. */
export function refineLog(): number {
  const r = reduced[0]!;
  const rLow = reduced[1]!;
  const series = evaluatePolynomial(logSeries, r, rLow);
  const high = multiplyPairs(series, low[0]!, r, rLow);
  const highLow = low[0]!;
  const base = addPairs(reduced[2]!, 0, reduced[3]!, reduced[4]!);
  return addPairs(base, low[0]!, high, highLow);
}
