import type { ClassifierHead, Labels, Linear, ProbabilityLink } from '../../src/ir/index.js';
import { labelCount } from '../../src/ir/index.js';
import { classifierHead } from '../classifier-head.js';
import { readCoefficients, readIntercepts, readScores, type Scores } from './coefficients.js';
import type { Estimator } from './estimator.js';
import { describePython } from './python.js';

/** A classifier without probabilities: LinearSVC, Perceptron, PassiveAggressiveClassifier. */
export function lowerMarginClassifier(estimator: Estimator): Linear {
  return lowerClassifier(estimator, estimator, () => null);
}

export function lowerLogisticRegression(estimator: Estimator): Linear {
  return lowerClassifier(estimator, estimator, (classes) =>
    logisticProbability(estimator, classes),
  );
}

export function lowerSgdClassifier(estimator: Estimator): Linear {
  return lowerClassifier(estimator, estimator, (classes) => probabilityOfLoss(estimator, classes));
}

/** Classes are those of the label binarizer; with several labels a row, each is an output of its own. */
export function lowerRidgeClassifier(estimator: Estimator): Linear {
  const binarizer = estimator.child('_label_binarizer', [
    'sklearn.preprocessing._label.LabelBinarizer',
  ]);
  if (!binarizer.text('y_type_').startsWith('multilabel'))
    return lowerClassifier(estimator, binarizer, () => null);
  const scores = readScores(estimator);
  const labels = Array.from({ length: scores.outputs }, (): Labels => {
    return { dtype: 'int64', values: Float64Array.of(0, 1) };
  });
  return classifier(scores, labels, { decide: 'positive' });
}

/** Inliers are 1, outliers −1; `score_samples` are the margins without the offset. */
export function lowerOneClassSvm(estimator: Estimator): Linear {
  const { values, ...shape } = readCoefficients(estimator);
  const offsets = readIntercepts(estimator, 'offset_', 1, values);
  if (shape.outputs !== 1) estimator.refuse('coef_', `expected one row, found ${shape.outputs}`);
  const scores = {
    ...shape,
    coefficients: values,
    intercepts: offsets.map((value) => -value),
  };
  return classifier(scores, [{ dtype: 'int32', values: Float64Array.of(-1, 1) }], {
    decide: 'nonNegative',
    scoreOffset: Float64Array.from(offsets),
  });
}

/** One margin for two classes, one a class for more. `owner` has `classes_`. */
export function lowerClassifier(
  estimator: Estimator,
  owner: Estimator,
  probability: (classes: number) => ProbabilityLink | null,
): Linear {
  const scores = readScores(estimator);
  const labels = owner.labels(owner.get('classes_'), 'classes_');
  const classes = labelCount(labels);
  const expected = classes === 2 ? 1 : classes;
  if (scores.outputs !== expected || classes < 2) {
    estimator.refuse(
      'coef_',
      `expected ${expected} rows for ${classes} classes, found ${scores.outputs}`,
    );
  }
  return classifier(scores, [labels], {
    decide: classes === 2 ? 'positive' : 'argmax',
    probability: probability(classes),
  });
}

function classifier(
  { flat: _, sparse, ...scores }: Scores,
  labels: readonly Labels[],
  head: Pick<ClassifierHead, 'decide'> & Parameters<typeof classifierHead>[1],
): Linear {
  return {
    kind: 'linear',
    ...scores,
    nonFinite: 'refuse',
    deviation: null,
    head: classifierHead(labels, {
      ...head,
      decisionFunction: true,
      sums: sparse && head.decide === 'argmax' ? 'sequential' : null,
    }),
  };
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
    return oneVsRest(estimator, classes);
  }
  if (!automatic && mode !== 'multinomial')
    estimator.refuse('multi_class', `unknown mode ${describePython(mode)}`);
  return classes === 2 ? 'expit-pair' : 'softmax';
}

/** SGDClassifier has probabilities for two of its losses; up to 1.2 one of them had two names. */
function probabilityOfLoss(estimator: Estimator, classes: number): ProbabilityLink | null {
  const loss = estimator.text('loss');
  if (loss === 'modified_huber') return classes === 2 ? 'clip' : 'clip-one-vs-rest';
  const logistic = loss === 'log_loss' || (loss === 'log' && !estimator.since(1, 3));
  return logistic ? oneVsRest(estimator, classes) : null;
}

function oneVsRest(estimator: Estimator, classes: number): ProbabilityLink {
  if (classes === 2) return 'expit';
  return estimator.since(1, 9) ? 'one-vs-rest-uniform' : 'one-vs-rest';
}
