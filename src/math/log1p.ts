import { sumError } from './double-double.js';
import { combineFast, logFast, roundLog } from './log-core.js';

/** log(1 + x) without the loss near 0, correctly rounded as `log` is; special values as C99. */
export function log1p(x: number): number {
  if (x > -1 && x < Infinity) {
    const size = Math.abs(x);
    // Below 2^-54 the next term, x²/2, is less than half a last place, and could underflow.
    if (size < 5.551115123125783e-17) return x;
    if (size < 0.00390625) return roundLog(combineFast(x, 0, 0, 0, 0));
    const sum = 1 + x;
    return roundLog(logFast(sum, sumError(1, x, sum)));
  }
  if (x === -1) return -Infinity;
  return x > 0 ? x : NaN;
}
