import { low } from './double-double.js';
import { logFast } from './log-core.js';

/** The natural logarithm, correctly rounded but for less than one argument in a million; as C99 outside. */
export function log(x: number): number {
  if (x > 0 && x < Infinity) return logFast(x) + low[0]!;
  if (x === 0) return -Infinity;
  return x > 0 ? x : NaN;
}
