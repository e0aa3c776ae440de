import type { ClassifierHead, Linear, ProbabilityLink } from '../../src/ir/index.js';
import { labelCount } from '../../src/ir/index.js';
import { toFloats } from './arrays.js';
import { type Estimator, isArray } from './estimator.js';
import { describePython, type PyValue } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.linear_model */
export const linearModelTable: LoweringTable = {
  'sklearn.linear_model._base.LinearRegression': lowerLinearRegression,
  'sklearn.linear_model._logistic.LogisticRegression': lowerLogisticRegression,
};

function lowerLinearRegression(estimator: Estimator): Linear {
  const { flat, ...scores } = readScores(estimator);
  return {
    kind: 'linear',
    ...scores,
    nonFinite: 'refuse',
    head: { task: 'regressor', targets: scores.outputs, flat, link: 'identity' },
  };
}

function lowerLogisticRegression(estimator: Estimator): Linear {
  const { flat: _, ...scores } = readScores(estimator);
  const labels = estimator.labels(estimator.get('classes_'), 'classes_');
  const classes = labelCount(labels);
  const expected = classes === 2 ? 1 : classes;
  if (scores.outputs !== expected) {
    estimator.refuse(
      'coef_',
      `expected ${expected} rows for ${classes} classes, found ${scores.outputs}`,
    );
  }
  const head: ClassifierHead = {
    task: 'classifier',
    labels: [labels],
    decide: classes === 2 ? 'positive' : 'argmax',
    probability: logisticProbability(estimator, classes),
    decisionFunction: true,
  };
  return { kind: 'linear', ...scores, nonFinite: 'refuse', head };
}

/** How `predict_proba` turns margins into probabilities: it depends on version, `multi_class`, solver and classes. */
function logisticProbability(estimator: Estimator, classes: number): ProbabilityLink {
  if (estimator.since(1, 8)) return classes === 2 ? 'expit' : 'softmax';
  const mode = estimator.text('multi_class');
  const solver = estimator.text('solver');
  const restSolvers = estimator.since(1, 6) ? ['liblinear'] : ['liblinear', 'newton-cholesky'];
  const automatic = mode === 'auto' || mode === 'deprecated';
  if (
    mode === 'ovr' ||
    mode === 'warn' ||
    (automatic && (classes === 2 || restSolvers.includes(solver)))
  ) {
    return classes === 2 ? 'expit' : 'one-vs-rest';
  }
  if (!automatic && mode !== 'multinomial')
    estimator.refuse('multi_class', `unknown mode ${describePython(mode)}`);
  return classes === 2 ? 'expit-pair' : 'softmax';
}

interface Scores extends Pick<Linear, 'features' | 'outputs' | 'coefficients' | 'intercepts'> {
  /** Whether `coef_` has one dimension. */
  readonly flat: boolean;
}

/** `coef_` [features] or [outputs, features], and `intercept_`, a number or one for each output. */
function readScores(estimator: Estimator): Scores {
  const coef = estimator.array('coef_');
  const coefficients = toFloats(coef);
  if (coefficients === null || coef.shape.length < 1 || coef.shape.length > 2) {
    return estimator.refuse('coef_', 'expected a numeric array of one or two dimensions');
  }
  const features = coef.shape[coef.shape.length - 1]!;
  const flat = coef.shape.length === 1;
  const outputs = flat ? 1 : coef.shape[0]!;
  if (features < 1 || outputs < 1 || outputs > estimator.lowering.limits.classes)
    estimator.refuse('coef_', `expected columns and rows, found [${coef.shape.join(', ')}]`);
  if (features !== estimator.integer('n_features_in_')) {
    estimator.refuse(
      'coef_',
      `expected ${estimator.integer('n_features_in_')} columns, found ${features}`,
    );
  }
  return {
    features,
    outputs,
    coefficients,
    intercepts: readIntercepts(estimator, outputs, coefficients),
    flat,
  };
}

function readIntercepts(
  estimator: Estimator,
  outputs: number,
  coefficients: Float32Array | Float64Array,
): Float32Array | Float64Array {
  const value = estimator.get('intercept_');
  // A Python float takes part in float32 arithmetic as float32.
  const type = coefficients instanceof Float32Array ? Float32Array : Float64Array;
  if (typeof value === 'number') return new type(outputs).fill(value);
  const values = isArray(value) ? toFloats(value) : null;
  if (values === null) return refuseIntercept(estimator, value, outputs);
  if (values.length === outputs) return values;
  return values.length === 1
    ? new type(outputs).fill(values[0]!)
    : refuseIntercept(estimator, value, outputs);
}

function refuseIntercept(estimator: Estimator, value: PyValue, outputs: number): never {
  return estimator.refuse(
    'intercept_',
    `expected a number or ${outputs} of them, found ${describePython(value)}`,
  );
}
