import { low } from './double-double.js';
import {
  EXP_ERROR,
  expFast,
  expRounded,
  STEP_HIGH,
  STEP_MIDDLE,
  STEPS_PER_UNIT,
  TO_INTEGER,
} from './exp-core.js';
import { powersOfTwo } from './powers-of-two.js';

/** e^x, correctly rounded but for about one argument in 10^14; special values as C99. */
export function exp(x: number): number {
  if (x > -708 && x < 709) {
    const k = x * STEPS_PER_UNIT + TO_INTEGER - TO_INTEGER;
    const top = x - k * STEP_HIGH;
    const bottom = k * STEP_MIDDLE;
    const r = top - bottom;
    const high = expFast(k, r, top - r - bottom);
    const rest = low[0]!;
    const result = high + (rest - EXP_ERROR);
    if (result === high + (rest + EXP_ERROR)) return result * powersOfTwo[(k >> 7) + 1023]!;
  }
  if (x > 710) return Infinity;
  if (x < -746) return 0;
  return Number.isNaN(x) ? x : expRounded(x, 0, 0);
}
