import { exp } from './exp.js';
import { log1p } from './near-one.js';

/** log(eᵃ + eᵇ), as numpy's logaddexp. */
export function logAddExp(a: number, b: number): number {
  if (a === b) return a + Math.LN2;
  const difference = a - b;
  return difference > 0 ? a + log1p(exp(-difference)) : b + log1p(exp(difference));
}
