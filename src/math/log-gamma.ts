import { addPairs, dividePair, low, multiplyPairs, sumError } from './double-double.js';
import { logFast } from './log-core.js';

/** Bernoulli's numbers B₂ₖ / (2k · (2k − 1)), of 1 / x²ᵏ⁻¹ in Stirling's series. */
const series = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

/** ½ · ln 2π in two parts. */
const HALF_LOG_HIGH = 0.9189385332046728;
const HALF_LOG_LOW = -3.8782941580672414e-17;

/**
 * ln Γ(x) at x > 0, to two units of the last place but near its roots at 1 and 2; NaN for other arguments.
 *
 * By ln Γ(x) = ln Γ(x + n) − ln(x · (x + 1) · … ) up to where Stirling's series is exact enough.
 */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  if (x > 2 ** 1000) return x === Number.POSITIVE_INFINITY ? x : x * (logFast(x) - 1);
  let high = 1;
  let rest = 0;
  let at = x;
  // What x + steps lacks: its bits that `at` has no room for.
  let lacks = 0;
  for (let steps = 1; at < 20; steps++) {
    high = multiplyPairs(high, rest, at, lacks);
    rest = low[0]!;
    at = x + steps;
    lacks = sumError(x, steps, at);
  }
  const product = logFast(high);
  const productRest = low[0]! + rest / high;
  // (at − ½) · ln at − at + ½ · ln 2π
  const logarithm = logFast(at);
  high = multiplyPairs(logarithm, low[0]! + lacks / at, at - 0.5, lacks);
  rest = low[0]!;
  high = addPairs(high, rest, -at, -lacks);
  rest = low[0]!;
  high = addPairs(high, rest, HALF_LOG_HIGH, HALF_LOG_LOW);
  rest = low[0]!;
  const square = 1 / (at * at);
  let sum = 0;
  for (let i = series.length - 1; i >= 0; i--) sum = sum * square + series[i]!;
  const share = dividePair(sum, 0, at);
  high = addPairs(high, rest, share, low[0]!);
  rest = low[0]!;
  high = addPairs(high, rest, -product, -productRest);
  return high + low[0]!;
}
