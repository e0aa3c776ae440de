import {
  type ClassifierHead,
  headOf,
  labelCount,
  labelValues,
  lastStep,
  type Node,
  type Threshold,
} from '../../src/ir/index.js';
import { type Estimator, unwrapScalar } from './estimator.js';
import { withoutOtherMethods } from './linear-model.js';
import { lowerMember, withHead, withoutTransform } from './members.js';
import { describePython, type PyValue } from './python.js';
import type { LoweringTable } from './table.js';

const module = 'sklearn.model_selection._classification_threshold';

/** Classifiers that choose by a threshold. */
export const thresholdClasses = [
  `${module}.FixedThresholdClassifier`,
  `${module}.TunedThresholdClassifierCV`,
] as const;

/** sklearn.model_selection: thresholds */
export const thresholdTable: LoweringTable = {
  [thresholdClasses[0]]: (fixed) => {
    const threshold = unwrapScalar(fixed.get('threshold'));
    return lowerThreshold(fixed, threshold === 'auto' ? null : threshold, fixed.get('pos_label'));
  },
  [thresholdClasses[1]]: (tuned) =>
    lowerThreshold(tuned, tuned.number('best_threshold_'), readPositiveLabel(tuned)),
};

/** The estimator's answers, but for the label; without a threshold, that of the method. */
function lowerThreshold(owner: Estimator, threshold: PyValue, label: PyValue): Node {
  const attribute = owner.has('estimator_') ? 'estimator_' : 'estimator';
  const { given } = owner.lowering;
  const node = lowerMember(owner, owner.get(attribute), attribute, given, 'classifier');
  const head = headOf(node) as ClassifierHead;
  if (head.labels.length !== 1 || labelCount(head.labels[0]!) !== 2)
    owner.refuse(attribute, 'expected two classes');
  const asked = owner.text('response_method');
  const of = asked === 'auto' ? (head.probability ? 'predict_proba' : 'decision_function') : asked;
  if (of !== 'predict_proba' && of !== 'decision_function')
    return owner.refuse('response_method', `unknown method ${asked}`);
  const last = lastStep(node);
  const ofParts =
    last.kind === 'ensemble' && (last.combine === 'one-vs-rest' || last.decisions !== null);
  const has =
    of === 'predict_proba'
      ? head.probability !== null && head.probability !== 'own'
      : head.decisionFunction;
  if (!has || ofParts) owner.refuse(attribute, `its ${of} is not found of its scores alone`);
  const value = threshold ?? (of === 'predict_proba' ? 0.5 : 0);
  if (typeof value !== 'number' || !Number.isFinite(value))
    return owner.refuse('threshold', `expected a number, found ${describePython(threshold)}`);
  const positive = placeOf(owner, label, labelValues(head.labels[0]!));
  const chosen: Threshold = { of, positive, value: Float64Array.of(value) };
  return withHead(withoutChooser(withoutTransform(withoutOtherMethods(node))), (own) => ({
    ...own,
    scoreOffset: null,
    threshold: chosen,
  }));
}

/** A node that chooses by its own scores. */
function withoutChooser(node: Node): Node {
  if (node.kind !== 'pipeline') return node;
  const { steps, chooser: _, ...own } = node;
  return { ...own, steps: [...steps.slice(0, -1), withoutChooser(steps[steps.length - 1]!)] };
}

/** Which of the two classes a label is; the second, where none is given. */
function placeOf(owner: Estimator, label: PyValue, classes: readonly unknown[]): number {
  const value = unwrapScalar(label);
  if (value === null) return 1;
  const place = classes.findIndex(
    (known) =>
      known === value ||
      (typeof known !== 'string' && typeof value !== 'string' && Number(known) === Number(value)),
  );
  return place === -1
    ? owner.refuse('pos_label', `${describePython(value)} is none of the classes`)
    : place;
}

/** Metrics whose positive label is 1 unless they are told another, and those that have none. */
const metrics: Readonly<Record<string, number | null>> = {
  f1_score: 1,
  fbeta_score: 1,
  precision_score: 1,
  recall_score: 1,
  jaccard_score: 1,
  accuracy_score: null,
  balanced_accuracy_score: null,
  matthews_corrcoef: null,
  cohen_kappa_score: null,
};

/** The positive label of the metric that the threshold was tuned by. */
function readPositiveLabel(tuned: Estimator): PyValue {
  const scorer = tuned.child('_curve_scorer');
  const kwargs = scorer.get('_kwargs');
  if (kwargs === null || typeof kwargs !== 'object' || kwargs.type !== 'dict')
    return scorer.refuse('_kwargs', `expected a dict, found ${describePython(kwargs)}`);
  const given = kwargs.entries.find(([name]) => name === 'pos_label');
  if (given) return given[1];
  const metric = scorer.get('_score_func');
  const isGlobal = metric !== null && typeof metric === 'object' && metric.type === 'global';
  const name = isGlobal ? metric.name.replace(/^sklearn\.metrics\.\w+\./, '') : '';
  return Object.hasOwn(metrics, name)
    ? metrics[name]!
    : scorer.refuse('_score_func', `${describePython(metric)} may have a positive label`);
}
