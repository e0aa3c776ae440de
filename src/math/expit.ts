import { exp } from './exp.js';
import type { Round } from './rounding.js';

/**
 * The logistic function 1/(1 + e^-x), evaluated as scipy.special.expit does: three rounded
 * operations, not one correctly rounded result. `round` rounds each.
 */
export const expit = (x: number, round: Round = Number): number =>
  round(1 / round(1 + round(exp(-x))));
