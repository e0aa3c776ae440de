import type { Fields } from './fields.js';
import { type Head, validateHead } from './head.js';
import { type NodeRules, scores } from './rules.js';
import type { Own } from './value.js';

/**
 * What a Gaussian process predicts of covariances: means, which are the raw scores, and variances, of which a regressor's
 * standard deviations and a classifier's probabilities are made.
 */
export interface GaussianProcess {
  readonly kind: 'gaussian-process';
  /** Columns of the input: covariances with n training rows, and last the row's own variance before anything was seen. */
  readonly features: number;
  readonly outputs: number;
  /** [outputs × n]. */
  readonly coefficients: Float64Array;
  /** [outputs]: what means are multiplied by, and what is added to them then. */
  readonly scales: Float64Array;
  readonly offsets: Float64Array;
  /** The lower triangle of a matrix L [n × n], row after row, [n · (n + 1) / 2]: a variance is the row's own less |L⁻¹k|². */
  readonly factor: Float64Array;
  /** [n]: what covariances are multiplied by for that; null for 1. */
  readonly weights: Float64Array | null;
  readonly head: Head;
}

export const gaussianProcessRules: NodeRules<GaussianProcess> = {
  kind: 'gaussian-process',
  takesAny: true,
  takes: () => ['dense'],
  validate: validateGaussianProcess,
  gives: scores,
};

function validateGaussianProcess(f: Fields, features: number): Own<GaussianProcess> {
  const outputs = f.integer('outputs', 1, f.limits.classes);
  const count = features - 1;
  if (count < 1) f.fail('features', 'no training rows');
  const head = validateHead(f.map('head'), outputs, false, true);
  const fits =
    head.task === 'regressor'
      ? head.link === 'identity'
      : head.task === 'classifier' && outputs === 1 && head.probability === 'own' && !head.pairs;
  if (!fits) f.fail('head', 'of no Gaussian process');
  const factor = f.finite('factor', (count * (count + 1)) / 2);
  for (let i = 0, at = 0; i < count; i++, at += i + 1)
    if (factor[at] === 0) f.fail(`factor[${at}]`, 'none on the diagonal may be 0');
  return {
    outputs,
    coefficients: f.finite('coefficients', outputs * count),
    scales: f.finite('scales', outputs),
    offsets: f.finite('offsets', outputs),
    factor,
    weights: f.optional('weights', f.finite<'float64'>, count),
    head,
  };
}
