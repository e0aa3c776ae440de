import { rowOf, type Value } from '../input/dense.js';
import { type GaussianProcess, gaussianProcessRules } from '../ir/index.js';
import { multiply } from '../kernels/multiply.js';
import { erf } from '../math/erf.js';
import { zeros } from '../math/zeros.js';
import type { NodeKind } from './kind.js';
import type { Scorer } from './scorer.js';

export const gaussianProcess: NodeKind<GaussianProcess> = {
  rules: gaussianProcessRules,
  compile: compileGaussianProcess,
};

function compileGaussianProcess(node: GaussianProcess): Scorer {
  const { features, outputs, coefficients, scales, offsets, head } = node;
  const count = features - 1;
  const solved = zeros(count);
  const isRegressor = head.task === 'regressor';

  function score({ data, rows }: Value, out: Float64Array): boolean {
    for (let row = 0; row < rows; row++) {
      const start = row * features;
      const covariances = data.subarray(start, start + count);
      const to = rowOf(out, row, outputs);
      multiply(covariances, 1, count, coefficients, outputs, to);
      for (let k = 0; k < outputs; k++) to[k] = scales[k]! * to[k]! + offsets[k]!;
    }
    return false;
  }

  /** Writes `width` numbers that `of` makes of each row's variance. */
  function eachVariance(
    { data, rows }: Value,
    width: number,
    out: Float64Array,
    of: (variance: number, row: number, k: number) => number,
  ): boolean {
    for (let row = 0; row < rows; row++) {
      const start = row * features;
      solve(node, data.subarray(start, start + count), solved);
      let sum = 0;
      for (let i = 0; i < count; i++) sum += solved[i]! * solved[i]!;
      const variance = data[start + count]! - sum;
      for (let k = 0; k < width; k++) out[row * width + k] = of(variance, row, k);
    }
    return false;
  }

  return {
    outputs,
    head,
    score,
    deviations: isRegressor
      ? {
          columns: outputs,
          write: (x, out) =>
            // Rounding may make a variance negative.
            eachVariance(x, outputs, out, (variance, _row, k) =>
              Math.sqrt((variance < 0 ? 0 : variance) * (scales[k]! * scales[k]!)),
            ),
        }
      : null,
    probabilities: isRegressor
      ? null
      : {
          columns: 2,
          write(x, out) {
            const means = zeros(x.rows);
            score(x, means);
            return eachVariance(x, 2, out, (variance, row, k) => {
              const second = probabilityOf(means[row]!, variance);
              return k === 0 ? 1 - second : second;
            });
          },
        },
  };
}

/** Solves L · v = weights · covariances from the top down. */
export function solve(
  { factor, weights }: GaussianProcess,
  covariances: ArrayLike<number>,
  v: Float64Array,
): void {
  let at = 0;
  for (let i = 0; i < v.length; i++) {
    let sum = 0;
    for (let j = 0; j < i; j++) sum += factor[at++]! * v[j]!;
    const value = weights === null ? covariances[i]! : weights[i]! * covariances[i]!;
    v[i] = (value - sum) / factor[at++]!;
  }
}

/** Five error functions that add up to the logistic function, nearly (Williams and Barber, 1998). */
const slopes = [0.41, 0.4, 0.37, 0.44, 0.39] as const;
const shares = [-1854.8214151, 3516.89893646, 221.29346712, 128.12323805, -2010.49422654] as const;

/** The logistic function of a normal variable, on average, in scikit-learn's operations. */
export function probabilityOf(mean: number, variance: number): number {
  const alpha = 1 / (2 * variance);
  let sum = 0;
  let all = 0;
  for (let i = 0; i < slopes.length; i++) {
    const slope = slopes[i]!;
    const inside = slope * mean * Math.sqrt(alpha / (alpha + slope * slope));
    const integral =
      (Math.sqrt(Math.PI / alpha) * erf(inside)) / (2 * Math.sqrt(variance * 2 * Math.PI));
    sum += shares[i]! * integral;
    all += shares[i]!;
  }
  return sum + 0.5 * all;
}
