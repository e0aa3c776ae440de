import { addPairs, dividePair, low, sumError } from './double-double.js';
import { logFast } from './log-core.js';

/** Bernoulli's numbers B₂ₖ / 2k, of 1 / x²ᵏ in the asymptotic series. */
const series = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12];

/**
 * The derivative of log Γ at x > 0, to two units of the last place but near its root at 1.46; NaN for other arguments.
 *
 * By ψ(x) = ψ(x + 1) − 1/x up to where the asymptotic series is exact enough.
 */
export function digamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  let high = 0;
  let rest = 0;
  let at = x;
  // What x + steps lacks: its bits that `at` has no room for.
  let lacks = 0;
  for (let steps = 1; at < 20; steps++) {
    const share = dividePair(-1, 0, at);
    high = addPairs(high, rest, share, low[0]! + lacks / (at * at));
    rest = low[0]!;
    at = x + steps;
    lacks = sumError(x, steps, at);
  }
  const logarithm = logFast(at);
  high = addPairs(high, rest, logarithm, low[0]! + lacks / at);
  rest = low[0]!;
  const square = 1 / (at * at);
  let sum = 0;
  for (let i = series.length - 1; i >= 0; i--) sum = (sum + series[i]!) * square;
  return high + (rest - 0.5 / at - sum);
}
