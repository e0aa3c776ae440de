import { low, sumError } from './double-double.js';
import { exp } from './exp.js';
import { expOfSteps, expTail, STEPS_PER_UNIT, TO_INTEGER } from './exp-core.js';
import { log } from './log.js';
import { logFast } from './log-core.js';
import { powersOfTwo } from './powers-of-two.js';

/** log(1 + x), correctly rounded but for about one argument in a thousand; special values as C99. */
export function log1p(x: number): number {
  const sum = 1 + x;
  // Tiny arguments are their own result, −0 too.
  if (sum === 1) return x;
  if (!(sum > 0 && sum < Infinity)) return log(sum);
  const rest = sumError(1, x, sum) / sum;
  const high = logFast(sum);
  return high + (low[0]! + rest);
}

/** e^x − 1, correctly rounded but for about one argument in a thousand; special values as C99. */
export function expm1(x: number): number {
  if (Math.abs(x) < 2 ** -10) return x + expTail(x);
  if (!(x < 60)) return exp(x);
  if (x < -60) return -1;
  const k = x * STEPS_PER_UNIT + TO_INTEGER - TO_INTEGER;
  const power = powersOfTwo[(k >> 7) + 1023]!;
  const high = expOfSteps(x, k) * power;
  const rest = low[0]! * power;
  const sum = high - 1;
  return sum + (sumError(high, -1, sum) + rest);
}
