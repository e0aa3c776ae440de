import { log } from './log.js';
import { log1p } from './log1p.js';

/** log(p/(1 − p)), evaluated as scipy.special.logit does: near 1/2 by log1p, elsewhere plainly. */
export function logit(p: number): number {
  if (p < 0.3 || p > 0.65) return log(p / (1 - p));
  const s = 2 * (p - 0.5);
  return log1p(s) - log1p(-s);
}
