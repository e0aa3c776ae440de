import { low, productError } from './double-double.js';
import { EXP_ERROR, expAccurate, expFast, TO_INTEGER } from './exp-core.js';
import { powersOfTwo, scale } from './powers-of-two.js';

const LN2 = Math.LN2;
const LN2_REST = 2.3190468138462996e-17;

/** 2^x, correctly rounded but for about one argument in 10^14; special values as C99. */
export function exp2(x: number): number {
  if (!(x < 1024)) return x > 0 ? Infinity : x;
  if (x < -1076) return 0;
  const k = x * 128 + TO_INTEGER - TO_INTEGER;
  const fraction = x - k / 128; // exact
  const r = fraction * LN2;
  const rLow = productError(fraction, LN2, r) + fraction * LN2_REST;
  if (x > -1021 && x < 1023) {
    const high = expFast(k, r, rLow);
    const rest = low[0]!;
    const result = high + (rest - EXP_ERROR);
    if (result === high + (rest + EXP_ERROR)) return result * powersOfTwo[(k >> 7) + 1023]!;
  }
  const high = expAccurate(k, r, rLow);
  return scale(high, low[0]!, k >> 7);
}
