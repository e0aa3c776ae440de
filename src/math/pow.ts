import { low, productError } from './double-double.js';
import {
  EXP_ERROR,
  expFast,
  expRounded,
  STEP_HIGH,
  STEP_MIDDLE,
  STEPS_PER_UNIT,
  TO_INTEGER,
} from './exp-core.js';
import { logFast, refineLog } from './log-core.js';
import { powersOfTwo } from './powers-of-two.js';

/**
 * x^y as C99's pow, which `**` is not: 1^NaN and (−1)^±Infinity are 1. Correctly rounded, exact
 * powers and ties included, but for about one pair in 10^10.
 */
export function pow(x: number, y: number): number {
  if (x > 0 && x < Infinity && y > -1e300 && y < 1e300) return powPositive(x, y, 1);
  return powSpecial(x, y);
}

/** sign · x^y for x positive and finite, |y| < 10^300. */
function powPositive(x: number, y: number, sign: number): number {
  // Roots lie next to ties when x is next to a power of 4; this is right, and numpy's own way.
  if (y === 0.5) return sign * Math.sqrt(x);
  const logHigh = logFast(x);
  const logLow = low[0]!;
  // The logarithm's parts are not normalised: its low part may be 2^-16 of the high one.
  const logSum = logHigh + logLow;
  const logRest = logHigh - logSum + logLow;
  const p = y * logSum;
  if (p > -708 && p < 709) {
    const pLow = productError(y, logSum, p) + y * logRest;
    const k = p * STEPS_PER_UNIT + TO_INTEGER - TO_INTEGER;
    const top = p - k * STEP_HIGH;
    const bottom = k * STEP_MIDDLE;
    const difference = top - bottom;
    const differenceLow = top - difference - bottom + pLow;
    const r = difference + differenceLow;
    const high = expFast(k, r, difference - r + differenceLow);
    const rest = low[0]!;
    const error = EXP_ERROR * (1 + Math.abs(p));
    const result = high + (rest - error);
    if (result === high + (rest + error)) {
      return sign * result * powersOfTwo[(k >> 7) + 1023]!;
    }
  }
  if (p > 710) return sign * Infinity;
  if (p < -746) return sign * 0;
  return sign * powAccurate(y);
}

/** x^y, x being the argument of the last `logFast`. */
function powAccurate(y: number): number {
  const logHigh = refineLog();
  const logLow = low[0]!;
  const p = y * logHigh;
  // An exact tie, such as the square of 27 bits, leaves only noise below 2^-85: dropped, the tie
  // goes to even. Ties need |p| > 2^-27; nearer to 1, digits so far down carry meaning.
  const grid = p > 4e-9 || p < -4e-9 ? TIE_GRID : 0;
  return expRounded(p, productError(y, logHigh, p) + y * logLow, grid);
}

/** Adding and subtracting 1.5 · 2^-33 rounds to a multiple of 2^-85. */
const TIE_GRID = 1.7462298274040222e-10;

function powSpecial(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const size = Math.abs(x);
  if (Math.abs(y) >= 1e300) {
    // No base but ±1 is near enough to 1 to stay finite, and every such exponent is even.
    if (size === 1) return 1;
    return size > 1 === y > 0 ? Infinity : 0;
  }
  const isInteger = Math.floor(y) === y;
  const sign = x < 0 || Object.is(x, -0) ? (isInteger && Math.floor(y / 2) * 2 !== y ? -1 : 1) : 1;
  if (size === 0 || size === Infinity) {
    return size > 0 === y > 0 ? sign * Infinity : sign * 0;
  }
  return isInteger ? powPositive(size, y, sign) : NaN;
}
