import type { ClassifierHead, EncodeColumn, Linear, Node } from '../../src/ir/index.js';
import { labelCount } from '../../src/ir/index.js';
import { exp } from '../../src/math/exp.js';
import { log } from '../../src/math/log.js';
import { pairwiseSum } from '../../src/math/pairwise-sum.js';
import { classifierHead } from '../classifier-head.js';
import { toFloat64 } from './arrays.js';
import { type Estimator, isArray, lowerEach } from './estimator.js';
import { constantsOf, rowsOf, sumOfLogs, term } from './gaussian.js';
import { constant, elementwise, weakNumber } from './preprocessing.js';
import { chain, isSingle, type Matrix, readMatrix, readVector } from './projection.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.naive_bayes: the scores of a class are logarithms of the joint probability of row and class, or sums of weights */
export const naiveBayesTable: LoweringTable = {
  'sklearn.naive_bayes.MultinomialNB': lowerMultinomial,
  'sklearn.naive_bayes.ComplementNB': lowerComplement,
  'sklearn.naive_bayes.BernoulliNB': lowerBernoulli,
  'sklearn.naive_bayes.CategoricalNB': lowerCategorical,
  'sklearn.naive_bayes.GaussianNB': lowerGaussian,
};

/** How the classes of a naive Bayes answer; `sums` as numpy adds up a row of its scores. */
export function naiveBayesHead(
  estimator: Estimator,
  sums: ClassifierHead['sums'] = null,
): ClassifierHead {
  return classifierHead([estimator.labels(estimator.get('classes_'), 'classes_')], {
    probability: 'softmax-log',
    sums,
    logProbability: 'scores',
    ...(estimator.since(1, 2) && { joint: 'scores' as const }),
  });
}

/** A node without `predict_joint_log_proba`, which only a naive Bayes itself has. */
export function withoutJoint<N extends Node>(node: N): N {
  if (!('head' in node) || node.head?.task !== 'classifier' || node.head.joint !== 'scores')
    return node;
  const { joint: _, ...head } = node.head;
  return { ...node, head };
}

const classesOf = (estimator: Estimator): number =>
  labelCount(estimator.labels(estimator.get('classes_'), 'classes_'));

/** `feature_log_prob_` [classes, features]; infinite ones, of features that were never seen, without smoothing, are refused. */
const readLogProbabilities = (estimator: Estimator): Matrix =>
  readMatrix(estimator, 'feature_log_prob_', {
    rows: classesOf(estimator),
    columns: estimator.features(),
  });

const readPriors = (estimator: Estimator) =>
  readVector(estimator, 'class_log_prior_', classesOf(estimator));

function linear(
  estimator: Estimator,
  coefficients: Matrix,
  intercepts: Linear['intercepts'],
  uncertainty: Linear['uncertainty'] = undefined,
): Linear {
  return {
    kind: 'linear',
    features: coefficients.columns,
    outputs: coefficients.rows,
    nonFinite: 'refuse',
    coefficients: coefficients.values,
    intercepts,
    deviation: null,
    ...(uncertainty && { uncertainty }),
    head: naiveBayesHead(estimator),
  };
}

function lowerMultinomial(estimator: Estimator): Node {
  return linear(estimator, readLogProbabilities(estimator), readPriors(estimator));
}

/** Weights, to which priors are added only where there is one class. */
function lowerComplement(estimator: Estimator): Node {
  const weights = readLogProbabilities(estimator);
  const priors = weights.rows === 1 ? readPriors(estimator) : new Float64Array(weights.rows);
  return linear(estimator, weights, priors);
}

/** Σ x·p + (1 − x)·q, q being the logarithm of 1 − eᵖ, as Σ x·(p − q) + Σ q: x is 1 above the threshold, else 0. */
function lowerBernoulli(estimator: Estimator): Node {
  const { values, rows, columns } = readLogProbabilities(estimator);
  const priors = readPriors(estimator);
  const others = Float64Array.from(values, (value) => log(1 - exp(value)));
  if (!others.every(Number.isFinite))
    estimator.refuse('feature_log_prob_', 'expected probabilities below 1');
  const sums = priors.map((prior, k) => prior + pairwiseSum(others, k * columns, columns));
  // numpy's exp and log may be a step off, which 1 − eᵖ makes more of.
  const steps = Float64Array.from(others, (other, i) => {
    const rest = exp(other);
    return 2 ** -52 * (Math.abs(other) + (1 - rest) / rest + Math.abs(values[i]!));
  });
  const binarizes = estimator.get('binarize') !== null;
  const uncertainty = {
    // Of cells that are 0 and 1 it is no more than that of the intercepts.
    coefficients: binarizes ? null : steps,
    intercepts: Float64Array.from({ length: rows }, (_, k) =>
      steps.subarray(k * columns, (k + 1) * columns).reduce((sum, step) => sum + 2 * step, 0),
    ),
  };
  const differences = values.map((value, i) => value - others[i]!);
  const scores = linear(estimator, { values: differences, rows, columns }, sums, uncertainty);
  if (!binarizes) return scores;
  const threshold = weakNumber(estimator, 'binarize');
  if (estimator.lowering.given.sparse && threshold < 0)
    estimator.refuse('binarize', 'compressed rows cannot be above a negative threshold');
  const binarize = constant(estimator, 'greater', threshold, columns);
  return chain(elementwise(columns, 'refuse', [binarize]), scores);
}

/**
 * The sum of a logarithm for each column's category, one after another: products of rows that have a 1 in the column of each category. Cells are
 * truncated, and categories beyond those known are errors.
 */
function lowerCategorical(estimator: Estimator): Node {
  const features = estimator.features();
  const rows = classesOf(estimator);
  const priors = readPriors(estimator);
  const tables = lowerEach(estimator.items('feature_log_prob_'), (value, i) => {
    const table = isArray(value) ? toFloat64(value) : null;
    const width = table === null ? 0 : table.length / rows;
    const fits = isArray(value) && `${value.shape}` === `${[rows, width]}`;
    return table !== null && fits && width >= 1 && table.every(Number.isFinite)
      ? { table, width }
      : estimator.refuse(
          `feature_log_prob_[${i}]`,
          `expected finite numbers for ${rows} classes, found ${describePython(value)}`,
        );
  });
  if (tables.length !== features)
    estimator.refuse('feature_log_prob_', `expected ${features} arrays, found ${tables.length}`);
  const columns = tables.reduce((sum, { width }) => sum + width, 0);
  const { features: most } = estimator.lowering.limits;
  if (columns > most) estimator.refuse('', `${columns} categories, at most ${most} are supported`);
  const values = new Float64Array(rows * columns);
  let first = 0;
  for (const { table, width } of tables) {
    for (let k = 0; k < rows; k++)
      values.set(table.subarray(k * width, (k + 1) * width), k * columns + first);
    first += width;
  }
  const encoded = tables.map(
    ({ width }): EncodeColumn => ({
      strings: null,
      numbers: Float64Array.from({ length: width }, (_, category) => category),
      missing: false,
      unknown: false,
      width,
      values: null,
      marks: Int32Array.from({ length: width }, (_, category) => category),
    }),
  );
  return chain(
    elementwise(features, 'refuse', [{ operation: 'trunc' }]),
    {
      kind: 'encode',
      features,
      nonFinite: 'refuse',
      type: 'float64',
      sparse: true,
      columns: encoded,
    },
    linear(estimator, { values, rows, columns }, priors),
  );
}

/** The logarithm of the prior, the density's constants, and half the squared distance by variances, in the order of scikit-learn's sums. */
function lowerGaussian(estimator: Estimator): Node {
  const features = estimator.features();
  const rows = classesOf(estimator);
  const { values: means } = readMatrix(estimator, 'theta_', { rows, columns: features });
  const { values: scales } = readMatrix(estimator, 'var_', { rows, columns: features });
  const priors = readVector(estimator, 'class_prior_', rows);
  for (const [attribute, values] of [
    ['var_', scales],
    ['class_prior_', priors],
  ] as const)
    if (!values.every((value) => value > 0))
      estimator.refuse(attribute, 'expected positive numbers');
  const single = [means, scales, priors].every(isSingle);
  const volumes = scales.map((variance) => 2 * Math.PI * variance);
  const terms = [
    term(new Float64Array(rows)),
    sumOfLogs(rowsOf(volumes, rows), -0.5),
    sumOfLogs(rowsOf(priors, rows)),
  ];
  return {
    kind: 'gaussian',
    features,
    outputs: rows,
    nonFinite: 'refuse',
    means,
    distance: 'variances',
    scales,
    ...constantsOf(terms, single),
    rounded: null,
    expanded: false,
    // A column of scores for each class: numpy adds up a row of them in order.
    head: naiveBayesHead(estimator, 'sequential'),
  };
}
