import {
  addPairs,
  dividePair,
  evaluatePolynomial,
  low,
  multiplyPairs,
  productError,
} from './double-double.js';
import { scale } from './powers-of-two.js';
import { zeros } from './zeros.js';

/**
 * e^x = 2^(k/128) · e^r with |r| ≤ ln2/256, the method of Tang (1989). The fast path is right to
 * about 2^-69; whoever calls it tests whether that decides the rounding (Ziv) and otherwise takes
 * the accurate path, right to about 2^-103.
 */

/** ln2/128 in three parts: k · first is exact for |k| < 2^18. */
export const STEP_HIGH = 0.0054152123482253955;
export const STEP_MIDDLE = -1.0082281460997769e-13;
export const STEP_LOW = 2.3681038446414578e-30;
export const STEPS_PER_UNIT = 184.6649652337873; // 128/ln2
/** Adding and subtracting 1.5 · 2^52 rounds to an integer. */
export const TO_INTEGER = 6755399441055744;
const ULP = 2.220446049250313e-16; // 2^-52
/** What the fast path's error stays below, relatively; four times the worst measured. */
export const EXP_ERROR = 6.776263578034403e-21; // 2^-67

/** 2^(j/128) for j = 0…127: the high half, the low half, the high half as a float32. Zeros until the first of them is asked for: most models need none. */
const roots: Float64Array = /* @__PURE__ */ zeros(384);
/** 1/n! as pairs. */
const inverseFactorials: Float64Array = /* @__PURE__ */ makeInverseFactorials();
const tailSeries: Float64Array = /* @__PURE__ */ inverseFactorials.subarray(4);

function fillRoots(): void {
  roots[0] = 1;
  let high = 2;
  let lowPart = 0;
  for (let step = 64; step >= 1; step /= 2) {
    // high + lowPart = 2^(2·step/128): its square root, by one Newton step.
    const root = Math.sqrt(high);
    const square = root * root;
    lowPart = (high - square - productError(root, root, square) + lowPart) / (2 * root);
    high = root + lowPart;
    lowPart -= high - root;
    for (let j = 0; j < 128; j += 2 * step) {
      const at = 3 * (j + step);
      roots[at] = multiplyPairs(roots[3 * j]!, roots[3 * j + 1]!, high, lowPart);
      roots[at + 1] = low[0]!;
    }
  }
  for (let at = 0; at < roots.length; at += 3) roots[at + 2] = Math.fround(roots[at]!);
}

function makeInverseFactorials(): Float64Array {
  const pairs = zeros(22);
  pairs[0] = 1;
  for (let n = 1; n < 11; n++) {
    pairs[2 * n] = dividePair(pairs[2 * n - 2]!, pairs[2 * n - 1]!, n);
    pairs[2 * n + 1] = low[0]!;
  }
  return pairs;
}

/** e^r − 1 − r for |r| < 2^-8, to a unit in the last place. */
export function expTail(r: number): number {
  return r * r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720)))));
}

/** 2^((k mod 128)/128) · e^(r + rLow), fast: the high part; the rest in `low`, not normalised. */
export function expFast(k: number, r: number, rLow: number): number {
  const at = (k & 127) * 3;
  if (roots[at] === 0) fillRoots();
  const root = roots[at]!;
  const rootHead = roots[at + 2]!;
  const rHead = Math.fround(r);
  const tail = expTail(r);
  const step = rootHead * rHead; // exact: 24 bits times 24 bits
  const high = root + step;
  low[0] =
    step -
    (high - root) +
    (roots[at + 1]! * (1 + rHead) + (root - rootHead) * rHead + root * (r - rHead + rLow + tail));
  return high;
}

/** As `expFast`, to double-double precision, and normalised. */
export function expAccurate(k: number, r: number, rLow: number): number {
  const at = (k & 127) * 3;
  if (roots[at] === 0) fillRoots();
  const high = evaluatePolynomial(inverseFactorials, r, rLow);
  return multiplyPairs(high, low[0]!, roots[at]!, roots[at + 1]!);
}

/** e^x over a power of two, for the k that `x` is nearest to in steps: the rounded value, the rest in `low`. */
export function expOfSteps(x: number, k: number): number {
  const top = x - k * STEP_HIGH;
  const bottom = k * STEP_MIDDLE;
  const r = top - bottom;
  return expFast(k, r, top - r - bottom);
}

/** e^(x + xLow) − 1 for |x| < 2^-8, to 2^-104 of itself; the rounded value, the rest in `low`. */
function expm1Near0(x: number, xLow: number): number {
  const square = multiplyPairs(x, xLow, x, xLow);
  const squareLow = low[0]!;
  const series = evaluatePolynomial(tailSeries, x, xLow);
  const tail = multiplyPairs(square, squareLow, series, low[0]!);
  return addPairs(x, xLow, tail, low[0]!);
}

/** `x + xLow` less k steps of ln2/128, to double-double precision. */
function reduceAccurately(x: number, xLow: number, k: number): number {
  const middle = k * STEP_MIDDLE;
  const error = productError(k, STEP_MIDDLE, middle) + k * STEP_LOW;
  return addPairs(x - k * STEP_HIGH, xLow, -middle, -error);
}

/**
 * e^(x + xLow) rounded once from double-double precision, for |x| < 750. Adding and subtracting
 * `grid` drops noise that would hide an exact tie; 0 keeps every digit.
 */
export function expRounded(x: number, xLow: number, grid: number): number {
  const k = x * STEPS_PER_UNIT + TO_INTEGER - TO_INTEGER;
  if (k === 0) {
    const high = expm1Near0(x, xLow);
    const sum = 1 + high;
    let error = high - (sum - 1);
    const rest = error + low[0]!;
    // At a tie, as e^(2^-53) is, a rest too small to be added still decides.
    const isTie = rest === error && sum + 2 * error - sum === 2 * error;
    error = isTie ? error * (low[0]! > 0 === error > 0 ? 1 + ULP : 1 - ULP) : rest;
    return sum + error;
  }
  const r = reduceAccurately(x, xLow, k);
  const high = expAccurate(k, r, low[0]!);
  return scale(high, low[0]! + grid - grid, k >> 7);
}
