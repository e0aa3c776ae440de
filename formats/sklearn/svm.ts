import {
  type Head,
  type Kernel,
  labelCount,
  type Node,
  type SupportVectors,
} from '../../src/ir/index.js';
import { classifierHead } from '../classifier-head.js';
import { type Estimator, unwrapScalar } from './estimator.js';
import { outlierHead } from './heads.js';
import { compareWith, readMatrix, readReferences, weigh } from './kernels.js';
import { lowerMarginClassifier } from './linear-classifier.js';
import { lowerLinearRegressor } from './linear-model.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.svm */
export const svmTable: LoweringTable = {
  'sklearn.svm._classes.LinearSVC': lowerMarginClassifier,
  'sklearn.svm._classes.LinearSVR': (estimator) => lowerLinearRegressor(estimator),
  'sklearn.svm._classes.SVC': lowerClassifier,
  'sklearn.svm._classes.NuSVC': lowerClassifier,
  'sklearn.svm._classes.SVR': lowerRegressor,
  'sklearn.svm._classes.NuSVR': lowerRegressor,
  'sklearn.svm._classes.OneClassSVM': lowerOneClass,
};

function lowerRegressor(estimator: Estimator): Node {
  return lowerSum(estimator, { task: 'regressor', targets: 1, flat: true, link: 'identity' });
}

/** Inliers are 1, outliers −1; `score_samples` are the margins without the offset. */
function lowerOneClass(estimator: Estimator): Node {
  const { values } = estimator.numbers('offset_', 1);
  if (values.length !== 1) estimator.refuse('offset_', `expected 1, found ${values.length}`);
  return lowerSum(estimator, outlierHead({ decide: 'positive', scoreOffset: values }));
}

function lowerClassifier(estimator: Estimator): Node {
  const kernel = lowerKernel(estimator);
  const count = kernel.references.length / kernel.features;
  const labels = estimator.labels(estimator.get('classes_'), 'classes_');
  const classes = labelCount(labels);
  const pairs = (classes * (classes - 1)) / 2;
  const numbers = (attribute: string, length: number): Float64Array => {
    const { values } = estimator.numbers(attribute, 1);
    if (values.length !== length || !values.every(Number.isFinite))
      estimator.refuse(attribute, `expected ${length} finite numbers`);
    return values;
  };
  const { shape, values } = readMatrix(estimator, '_dual_coef_');
  if (classes < 2 || `${shape}` !== `${[classes - 1, count]}`)
    return estimator.refuse('_dual_coef_', `[${shape.join(', ')}] for ${classes} classes`);
  const starts = new Uint32Array(classes + 1);
  numbers('_n_support', classes).forEach((own, i) => {
    starts[i + 1] = starts[i]! + own;
  });
  if (starts[classes] !== count) estimator.refuse('_n_support', `expected ${count} in all`);
  const form = estimator.text('decision_function_shape');
  if (form !== 'ovr' && form !== 'ovo')
    estimator.refuse('decision_function_shape', `unknown shape ${describePython(form)}`);
  const breakTies = estimator.flag('break_ties');
  if (breakTies && form === 'ovo')
    estimator.refuse('break_ties', 'scikit-learn predicts nothing with it and "ovo"');
  const isPair = classes === 2;
  // From 1.9 on it may be "deprecated", which is False.
  const hasProbability = unwrapScalar(estimator.get('probability')) === true;
  const slopes = hasProbability ? numbers('_probA', pairs) : null;
  const offsets = hasProbability ? numbers('_probB', pairs) : null;
  const machine: SupportVectors = {
    kind: 'support-vectors',
    features: count,
    outputs: isPair ? 1 : classes,
    starts,
    coefficients: Float64Array.from(values),
    intercepts: numbers('_intercept_', pairs),
    breakTies: breakTies && !isPair,
    sigmoids:
      slopes &&
      offsets &&
      Float64Array.from(
        { length: 2 * pairs },
        (_, i) => (i % 2 === 0 ? slopes : offsets)[Math.floor(i / 2)]!,
      ),
    head: classifierHead([labels], {
      decide: isPair ? 'nonNegative' : 'argmax',
      probability: hasProbability ? 'own' : null,
      decisionFunction: true,
      ...(form === 'ovo' && !isPair && { pairs: true as const }),
    }),
  };
  return { kind: 'pipeline', steps: [kernel, machine] };
}

/** What has one sum over all support vectors. */
function lowerSum(estimator: Estimator, head: Head): Node {
  const kernel = lowerKernel(estimator);
  const count = kernel.references.length / kernel.features;
  const { shape, values } = readMatrix(estimator, 'dual_coef_');
  const { values: intercept } = estimator.numbers('_intercept_', 1);
  if (`${shape}` !== `${[1, count]}` || intercept.length !== 1)
    return estimator.refuse('dual_coef_', `expected [1, ${count}], found [${shape.join(', ')}]`);
  return weigh(kernel, values, intercept, head);
}

/** libsvm's own kernels, which it calculates in float64. */
function lowerKernel(estimator: Estimator): Kernel {
  const features = estimator.features();
  const name = estimator.get('kernel');
  const number = (attribute: string): number => {
    const value = unwrapScalar(estimator.get(attribute));
    return typeof value === 'number' && Number.isFinite(value)
      ? value
      : estimator.refuse(attribute, `expected a number, found ${describePython(value)}`);
  };
  const references = Float64Array.from(readReferences(estimator, 'support_vectors_', features));
  switch (name) {
    case 'linear':
      return compareWith(references, features, ['dot'], []);
    case 'poly': {
      const operands = [number('_gamma'), number('coef0'), estimator.integer('degree')];
      return compareWith(
        references,
        features,
        ['dot', 'multiply', 'add', 'integer-power'],
        operands,
      );
    }
    case 'rbf': {
      estimator.make(features);
      const operands = [...new Array<number>(features).fill(1), -number('_gamma')];
      return compareWith(
        references,
        features,
        ['squared-differences', 'multiply', 'exp'],
        operands,
      );
    }
    case 'sigmoid':
      return compareWith(
        references,
        features,
        ['dot', 'multiply', 'add', 'tanh'],
        [number('_gamma'), number('coef0')],
      );
    default:
      return estimator.refuse(
        'kernel',
        name === 'precomputed'
          ? 'a kernel that is calculated elsewhere ("precomputed") is not supported'
          : `${describePython(name)} is not supported: linear, poly, rbf and sigmoid are`,
      );
  }
}
