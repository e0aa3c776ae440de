import { addPairs, low, sumError } from './double-double.js';
import { exp } from './exp.js';
import {
  EXP_ERROR,
  expAccurate,
  expFast,
  expm1Near0,
  reduceAccurately,
  STEP_HIGH,
  STEP_MIDDLE,
  STEPS_PER_UNIT,
  TO_INTEGER,
  ULP,
} from './exp-core.js';
import { powersOfTwo } from './powers-of-two.js';

/** e^x − 1 without the loss near 0, correctly rounded as `exp` is; special values as C99. */
export function expm1(x: number): number {
  if (!(x > -40 && x < 709)) return x < 0 ? -1 : exp(x);
  const k = x * STEPS_PER_UNIT + TO_INTEGER - TO_INTEGER;
  // Near 0 the accurate path alone: the fast one would need a rounding test of its own.
  if (k === 0) {
    // A tie but for x³/6, too small for a double-double to tell.
    if (x === ULP) return ULP + ULP * ULP;
    // Below 2^-54 the next term, x²/2, is less than half a last place, and could underflow.
    return Math.abs(x) < 5.551115123125783e-17 ? x : expm1Near0(x, 0);
  }
  const top = x - k * STEP_HIGH;
  const bottom = k * STEP_MIDDLE;
  const r = top - bottom;
  const power = powersOfTwo[(k >> 7) + 1023]!;
  const high = expFast(k, r, top - r - bottom) * power;
  const difference = high - 1;
  const rest = low[0]! * power + sumError(high, -1, difference);
  const error = EXP_ERROR * power;
  const result = difference + (rest - error);
  if (result === difference + (rest + error)) return result;
  const reduced = reduceAccurately(x, 0, k);
  const accurate = expAccurate(k, reduced, low[0]!) * power;
  const sum = addPairs(accurate, low[0]! * power, -1, 0);
  return sum + low[0]!;
}
