import { type Fields, fail, finite, optional, readAll, readOutputs } from './fields.js';
import { type Head, readHead } from './head.js';
import { type NodeRules, scores } from './rules.js';
import { denseOnly, type Own } from './value.js';

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
  takes: denseOnly,
  validate: validateGaussianProcess,
  gives: scores,
};

function validateGaussianProcess(f: Fields, features: number): Own<GaussianProcess> {
  const outputs = readOutputs(f);
  const count = features - 1;
  if (count < 1) fail(f, 'features', 'no training rows');
  const given = readAll(f, {
    coefficients: finite(outputs * count),
    scales: finite(outputs),
    offsets: finite(outputs),
    factor: finite((count * features) / 2),
    weights: optional(finite(count)),
    head: readHead(outputs, false, true),
  });
  const { factor, head } = given;
  const fits =
    head.task === 'regressor'
      ? head.link === 'identity'
      : head.task === 'classifier' && outputs === 1 && head.probability === 'own' && !head.pairs;
  if (!fits) fail(f, 'head', 'of no Gaussian process');
  for (let i = 0, at = 0; i < count; i++, at += i + 1)
    if (factor[at] === 0) fail(f, `factor[${at}]`, 'none on the diagonal may be 0');
  return { outputs, ...given };
}
