import { low } from './double-double.js';
import { expOfSteps, STEPS_PER_UNIT, TO_INTEGER } from './exp-core.js';
import { scale } from './powers-of-two.js';

/** e^x, correctly rounded but for about one argument in a million, and then by one unit; special values as C99. */
export function exp(x: number): number {
  if (x > 710) return Infinity;
  if (x < -746) return 0;
  if (Number.isNaN(x)) return x;
  const k = x * STEPS_PER_UNIT + TO_INTEGER - TO_INTEGER;
  const high = expOfSteps(x, k);
  return scale(high, low[0]!, k >> 7);
}
