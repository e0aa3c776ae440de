import { exp } from './exp.js';
import { log } from './log.js';
import { log1p } from './near-one.js';
import type { Round } from './rounding.js';
import { maximum, type Sum } from './softmax.js';
import { withRoom } from './zeros.js';

let others = new Float64Array(0);

/**
 * The logarithm of the sum of exps of `count` values from `at` on, as SciPy has found it since 1.15: the largest ones are counted, and
 * not among those that are added. `round` rounds each result.
 */
export function logSumExp(
  values: Float64Array,
  at: number,
  count: number,
  round: Round,
  sum: Sum,
): number {
  const max = maximum(values, at, count);
  let largest = 0;
  others = withRoom(others, count);
  for (let i = 0; i < count; i++) {
    const value = values[at + i]!;
    if (value === max) largest++;
    others[i] = value === max ? 0 : round(exp(round(value - max)));
  }
  const rest = round(sum(others, 0, count, round));
  const more = round(log1p(rest === 0 ? rest : round(rest / largest)));
  return round(round(more + round(log(largest))) + max);
}
