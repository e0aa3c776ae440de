import { logFast, roundLog } from './log-core.js';

/** The natural logarithm, correctly rounded but for one argument in 10^14; as C99 outside. */
export function log(x: number): number {
  if (x > 0 && x < Number.POSITIVE_INFINITY) return roundLog(logFast(x, 0));
  if (x === 0) return Number.NEGATIVE_INFINITY;
  return x > 0 ? x : Number.NaN;
}
