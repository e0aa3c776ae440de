import { log } from './log.js';

/**
 * The derivative of log Γ at x > 10⁻⁶ as scikit-learn finds it: by ψ(x) = ψ(x + 1) − 1/x up to where few terms of the asymptotic series are right to 2.5·10⁻⁹.
 * `round` rounds to the type of x.
 *
 * Source: psi in sklearn/decomposition/_online_lda_fast.pyx.
 */
export function psi(x: number, round: (value: number) => number): number {
  let result = 0;
  let at = x;
  for (; at < 6; at = round(at + 1)) result = round(result - 1 / at);
  const share = round(1 / at);
  result = round(result + (log(at) - 0.5 * share));
  const square = round(share * share);
  return round(result - square * (1 / 12 - square * (1 / 120 - square * (1 / 252))));
}
