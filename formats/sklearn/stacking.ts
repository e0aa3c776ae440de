import type {
  Answers,
  ClassifierHead,
  Labels,
  Node,
  Pipeline,
  UnionPart,
} from '../../src/ir/index.js';
import { classCount, headOf, labelValues } from '../../src/ir/index.js';
import { type Estimator, lowerEach } from './estimator.js';
import { givenAfter } from './given.js';
import { withoutOtherMethods } from './linear-model.js';
import { lowerMember, withHead } from './members.js';
import { assembleUnion } from './pipeline.js';
import { describePython, type PyValue } from './python.js';
import type { LoweringTable } from './table.js';

export const stackingClasses = {
  classifier: 'sklearn.ensemble._stacking.StackingClassifier',
  regressor: 'sklearn.ensemble._stacking.StackingRegressor',
} as const;

/** sklearn.ensemble: stacking */
export const stackingTable: LoweringTable = {
  [stackingClasses.classifier]: lowerClassifier,
  [stackingClasses.regressor]: (stacking) => lowerStack(stacking, 'regressor', 0),
};

function lowerClassifier(stacking: Estimator): Node {
  const labels = stacking.labels(stacking.get('classes_'), 'classes_');
  const stack = lowerStack(stacking, 'classifier', labelValues(labels).length);
  return withHead(stack, (head) => {
    const { labels: own, ...rest } = head as ClassifierHead;
    if (own.length !== 1)
      return stacking.refuse('final_estimator_', 'several outputs are not supported');
    return {
      ...rest,
      labels: [chosenLabels(stacking, labels, own[0]!)],
      logProbability: rest.probability === null ? null : 'none',
    };
  });
}

/** The labels at the positions that the final estimator was fitted on. */
function chosenLabels(stacking: Estimator, labels: Labels, own: Labels): Labels {
  const chosen = labelValues(own).map(Number);
  const all = labelValues(labels);
  if (!chosen.every((i) => i >= 0 && i < all.length))
    stacking.refuse('final_estimator_', 'knows a class that the model does not');
  const values = chosen.map((i) => labels.values[i]!);
  if (labels.dtype === 'str' || labels.dtype === 'object')
    return { dtype: labels.dtype, values: values as string[] };
  return labels.dtype === 'bool'
    ? { dtype: 'bool', values: Uint8Array.from(values as number[]) }
    : { dtype: labels.dtype, values: Float64Array.from(values as number[]) };
}

/** What the estimators answer side by side, perhaps beside the rows themselves, and the final estimator, of which some methods are offered. */
function lowerStack(
  stacking: Estimator,
  task: 'classifier' | 'regressor',
  classes: number,
): Pipeline<Node> {
  const { given } = stacking.lowering;
  const members = stacking.items('estimators_');
  const methods = stacking.items('stack_method_');
  if (members.length === 0 || methods.length !== members.length)
    stacking.refuse('stack_method_', `expected a method for each of ${members.length} estimators`);
  const parts: UnionPart<Node>[] = lowerEach(members, (member, i) => ({
    columns: null,
    node: lowerAnswers(stacking, member, i, readMethod(stacking, methods[i]!, i), task, classes),
  }));
  const passthrough = stacking.flag('passthrough');
  if (passthrough) parts.push({ columns: null, node: null });
  const union = assembleUnion(stacking, parts, passthrough && given.sparse);
  const value = stacking.get('final_estimator_');
  const last = lowerMember(stacking, value, 'final_estimator_', givenAfter(union, given), task);
  return { kind: 'pipeline', steps: [union, withoutOtherMethods(last)], transforms: true };
}

const stackMethods = ['predict', 'predict_proba', 'decision_function'] as const;
type StackMethod = (typeof stackMethods)[number];

function readMethod(stacking: Estimator, value: PyValue, i: number): StackMethod {
  return (
    stackMethods.find((method) => method === value) ??
    stacking.refuse(
      `stack_method_[${i}]`,
      `expected one of ${stackMethods.join(', ')}, found ${describePython(value)}`,
    )
  );
}

/** Of two classes' probabilities the first says nothing new. */
function lowerAnswers(
  stacking: Estimator,
  member: PyValue,
  i: number,
  method: StackMethod,
  task: 'classifier' | 'regressor',
  classes: number,
): Answers<Node> {
  const place = `estimators_[${i}]`;
  const { given } = stacking.lowering;
  // A classifier's parts may be regressors where they are asked for predictions.
  const node = stacking.lowerPart(member, place, given);
  const head = headOf(node);
  if (head === null || (task === 'regressor' && head.task !== task))
    return stacking.refuse(place, `expected a ${task}`);
  if (head.task === 'classifier') {
    const { labels, probability, decisionFunction } = head;
    const numeric = typeof labels[0]!.values[0] === 'number';
    const has = {
      predict: numeric,
      predict_proba: probability !== null,
      decision_function: decisionFunction,
    };
    if (labels.length !== 1) stacking.refuse(place, 'several outputs are not supported here');
    if (!has[method]) stacking.refuse(place, `has no ${method} that gives numbers`);
  } else if (method !== 'predict') stacking.refuse(place, `has no ${method}`);
  const drops = method === 'predict_proba' && classes === 2;
  if (drops && classCount(head as ClassifierHead) < 2)
    stacking.refuse(place, 'knows one class only');
  const features = given.columns ?? stacking.refuse('', 'does not say how many columns it takes');
  return { kind: 'answers', features, node, method, skip: drops ? 1 : 0 };
}
