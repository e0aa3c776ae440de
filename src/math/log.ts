import { logFast, roundLog } from './log-core.js';

/** The natural logarithm, correctly rounded but for one argument in 10^14; as C99 outside. */
export function log(x: number): number {
  if (x > 0 && x < Infinity) return roundLog(logFast(x));
  if (x === 0) return -Infinity;
  return x > 0 ? x : NaN;
}
