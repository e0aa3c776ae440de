import { exp } from './exp.js';

/**
 * The logistic function 1/(1 + e^-x), evaluated as scipy.special.expit does: three rounded
 * operations, not one correctly rounded result.
 */
export function expit(x: number): number {
  return 1 / (1 + exp(-x));
}
