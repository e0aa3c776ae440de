import {
  type Head,
  headOf,
  type Linear,
  type Node,
  type RegressorLink,
} from '../../src/ir/index.js';
import { readScores } from './coefficients.js';
import { readDeviation, readNumber, readRelevantDeviation } from './deviation.js';
import type { Estimator } from './estimator.js';
import {
  lowerLogisticRegression,
  lowerMarginClassifier,
  lowerOneClassSvm,
  lowerRidgeClassifier,
  lowerSgdClassifier,
} from './linear-classifier.js';
import { withoutJoint } from './naive-bayes.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.linear_model */
export const linearModelTable: LoweringTable = {
  'sklearn.linear_model._base.LinearRegression': lowerLinearRegressor,
  'sklearn.linear_model._ridge.Ridge': lowerLinearRegressor,
  'sklearn.linear_model._ridge.RidgeCV': lowerLinearRegressor,
  'sklearn.linear_model._ridge.RidgeClassifier': lowerRidgeClassifier,
  'sklearn.linear_model._ridge.RidgeClassifierCV': lowerRidgeClassifier,
  'sklearn.linear_model._coordinate_descent.Lasso': lowerLinearRegressor,
  'sklearn.linear_model._coordinate_descent.LassoCV': lowerLinearRegressor,
  'sklearn.linear_model._coordinate_descent.ElasticNet': lowerLinearRegressor,
  'sklearn.linear_model._coordinate_descent.ElasticNetCV': lowerLinearRegressor,
  'sklearn.linear_model._coordinate_descent.MultiTaskLasso': lowerLinearRegressor,
  'sklearn.linear_model._coordinate_descent.MultiTaskLassoCV': lowerLinearRegressor,
  'sklearn.linear_model._coordinate_descent.MultiTaskElasticNet': lowerLinearRegressor,
  'sklearn.linear_model._coordinate_descent.MultiTaskElasticNetCV': lowerLinearRegressor,
  'sklearn.linear_model._least_angle.Lars': lowerLinearRegressor,
  'sklearn.linear_model._least_angle.LarsCV': lowerLinearRegressor,
  'sklearn.linear_model._least_angle.LassoLars': lowerLinearRegressor,
  'sklearn.linear_model._least_angle.LassoLarsCV': lowerLinearRegressor,
  'sklearn.linear_model._least_angle.LassoLarsIC': lowerLinearRegressor,
  'sklearn.linear_model._omp.OrthogonalMatchingPursuit': lowerLinearRegressor,
  'sklearn.linear_model._omp.OrthogonalMatchingPursuitCV': lowerLinearRegressor,
  'sklearn.linear_model._bayes.BayesianRidge': (estimator) => ({
    ...lowerLinearRegressor(estimator),
    deviation: readDeviation(estimator),
  }),
  'sklearn.linear_model._bayes.ARDRegression': (estimator) => ({
    ...lowerLinearRegressor(estimator),
    deviation: readRelevantDeviation(estimator),
  }),
  'sklearn.linear_model._huber.HuberRegressor': lowerLinearRegressor,
  'sklearn.linear_model._theil_sen.TheilSenRegressor': lowerLinearRegressor,
  'sklearn.linear_model._quantile.QuantileRegressor': lowerLinearRegressor,
  'sklearn.linear_model._ransac.RANSACRegressor': lowerRansac,
  'sklearn.linear_model._glm.glm.PoissonRegressor': (estimator) =>
    lowerLinearRegressor(estimator, 'exp'),
  'sklearn.linear_model._glm.glm.GammaRegressor': (estimator) =>
    lowerLinearRegressor(estimator, 'exp'),
  'sklearn.linear_model._glm.glm.TweedieRegressor': (estimator) =>
    lowerLinearRegressor(estimator, tweedieLink(estimator)),
  'sklearn.linear_model._stochastic_gradient.SGDRegressor': lowerSgdRegressor,
  'sklearn.linear_model._stochastic_gradient.SGDClassifier': lowerSgdClassifier,
  'sklearn.linear_model._stochastic_gradient.SGDOneClassSVM': lowerOneClassSvm,
  'sklearn.linear_model._passive_aggressive.PassiveAggressiveRegressor': lowerSgdRegressor,
  'sklearn.linear_model._passive_aggressive.PassiveAggressiveClassifier': lowerMarginClassifier,
  'sklearn.linear_model._perceptron.Perceptron': lowerMarginClassifier,
  'sklearn.linear_model._logistic.LogisticRegression': lowerLogisticRegression,
  'sklearn.linear_model._logistic.LogisticRegressionCV': lowerLogisticRegression,
};

/** Predictions are as many-dimensional as `coef_`. */
export function lowerLinearRegressor(
  estimator: Estimator,
  link: RegressorLink = 'identity',
): Linear {
  const { flat, sparse: _, ...scores } = readScores(estimator);
  const head: Head = { task: 'regressor', targets: scores.outputs, flat, link };
  return { kind: 'linear', ...scores, nonFinite: 'refuse', deviation: null, head };
}

/** A vector of predictions, also where `sparsify` made `coef_` a matrix. */
function lowerSgdRegressor(estimator: Estimator): Linear {
  const linear = lowerLinearRegressor(estimator);
  if (linear.outputs !== 1) estimator.refuse('coef_', `expected one row, found ${linear.outputs}`);
  return { ...linear, head: { task: 'regressor', targets: 1, flat: true, link: 'identity' } };
}

function tweedieLink(estimator: Estimator): RegressorLink {
  const link = estimator.text('link');
  if (link === 'auto') return readNumber(estimator, 'power')[0]! <= 0 ? 'identity' : 'exp';
  if (link === 'identity') return link;
  return link === 'log' ? 'exp' : estimator.refuse('link', `unknown link ${describePython(link)}`);
}

/** The regressor fitted on the inliers; of its methods, `predict` alone is offered. */
function lowerRansac(estimator: Estimator): Node {
  const node = estimator.lowering.lower(estimator.child('estimator_'));
  if (headOf(node)?.task !== 'regressor')
    return estimator.refuse('estimator_', 'expected a regressor');
  return withoutOtherMethods(node);
}

/** Of a part's methods those that every estimator of its task has. */
export function withoutOtherMethods(node: Node): Node {
  switch (node.kind) {
    case 'pipeline':
      return { ...node, steps: node.steps.map(withoutOtherMethods) };
    case 'trees':
      return { ...node, paths: null, pathsMissing: null, pathsNonFinite: null, nodeIds: null };
    case 'answers': {
      const { paths: _, ...others } = node;
      return others;
    }
    case 'linear':
      return { ...withoutJoint(node), deviation: null };
    default:
      return withoutJoint(node);
  }
}
