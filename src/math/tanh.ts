import { low, productError, sumError } from './double-double.js';
import { expOfSteps, STEPS_PER_UNIT, TO_INTEGER } from './exp-core.js';
import { powersOfTwo } from './powers-of-two.js';

/** The hyperbolic tangent, correctly rounded but for about one argument in a thousand: (e^2x − 1) / (e^2x + 1), in pairs. */
export function tanh(x: number): number {
  const size = Math.abs(x);
  if (size < 2 ** -10) {
    const square = x * x;
    // −0 stays.
    return x === 0 ? x : x + x * square * (square * (2 / 15) - 1 / 3);
  }
  if (!(size < 20)) return Number.isNaN(x) ? x : Math.sign(x);
  const twice = 2 * size;
  const k = twice * STEPS_PER_UNIT + TO_INTEGER - TO_INTEGER;
  const power = powersOfTwo[(k >> 7) + 1023]!;
  const head = expOfSteps(twice, k);
  const sum = head + low[0]!;
  const high = sum * power;
  const rest = (low[0]! - (sum - head)) * power;
  const less = high - 1;
  const lessRest = sumError(high, -1, less) + rest;
  const more = high + 1;
  const moreRest = sumError(high, 1, more) + rest;
  const quotient = less / more;
  const product = quotient * more;
  const error = productError(quotient, more, product);
  const result = quotient + (less - product - error + lessRest - quotient * moreRest) / more;
  return x < 0 ? -result : result;
}
