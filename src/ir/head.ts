import type { Fields } from './fields.js';
import { type Labels, labelCount, validateLabels } from './labels.js';

/**
 * What scikit-learn's methods make of a node's raw scores.
 *
 * Raw scores are a float64 matrix [rows, outputs of the node]. The head turns them into labels, probabilities or values.
 */
export type Head = RegressorHead | ClassifierHead | DensityHead;

export interface RegressorHead {
  readonly task: 'regressor';
  /** Number of targets; raw scores have as many columns. */
  readonly targets: number;
  /** Whether `predict` gives a vector [rows] (true) or a matrix [rows, targets]. */
  readonly flat: boolean;
  /** From raw score to prediction. */
  readonly link: RegressorLink;
}

/** `score_samples` alone: it is the single raw score. */
export interface DensityHead {
  readonly task: 'density';
}

export interface ClassifierHead {
  readonly task: 'classifier';
  /** One set of labels per output. Raw scores hold the outputs side by side. */
  readonly labels: readonly Labels[];
  /**
   * How a label is chosen from an output's raw scores: the first maximum or minimum, or the last maximum (one column per class),
   * or the second of two classes where the single column is above 0, or is not below 0; `probable`: the first of the largest
   * probabilities, which may be equal where scores are not.
   */
  readonly decide: Decision;
  /** From raw scores to probabilities; null where the estimator has no `predict_proba`. */
  readonly probability: ProbabilityLink | null;
  /** Whether `decision_function` exists; it gives the raw scores, less `decisionOffset`. */
  readonly decisionFunction: boolean;
  /** How probabilities are added up: in order, or (null) pairwise, as numpy does where a row's cells lie side by side. */
  readonly sums: 'sequential' | null;
  /** [1]: `score_samples` is the single raw score plus this; null where the estimator has no `score_samples`. */
  readonly scoreOffset: Float64Array | null;
  /** [1]: `score_samples` is the single raw score itself; less this, it is what `decision_function` gives and the choice is made of. */
  readonly decisionOffset: Float64Array | null;
  /**
   * `none` where there are probabilities, but no `predict_log_proba`; `parts` where it adds up those of an ensemble's parts, or trees;
   * `normal` where a probability of 0 has the logarithm of the smallest normal float; `scores` where it is what the link makes of scores before
   * exp; null where it is the logarithm of the probabilities.
   */
  readonly logProbability: LogProbability | null;
  /**
   * Set where raw scores are logarithms of joint probabilities: `scores` where the model offers them (`predict_joint_log_proba`), `sum`
   * where it offers the logarithm of the sum of their exps (`score_samples`).
   */
  readonly joint?: Joint;
  /** Set where `decision_function` of two classes, one column each, is the second score less the first. */
  readonly folded?: true;
  /** Set where `decision_function` gives a decision between every two classes, for three or more: libsvm's classifiers alone. */
  readonly pairs?: true;
  /** How each output is read, where they are not all read as `decide`, `probability` and `sums` say. */
  readonly each?: readonly Reading[];
  /** Set where `predict_proba` is one matrix [rows × outputs]: of each output's classes, the second's. */
  readonly seconds?: true;
  /** For each output one label, which `predict` gives where all of the output's scores are 0; without, it gives the first class. */
  readonly outlierLabels?: readonly Labels[];
  /** How one of two classes is chosen instead. */
  readonly threshold?: Threshold;
}

/** A class is chosen where what a method answers for it is not below a number; else the other. */
export interface Threshold {
  readonly of: (typeof thresholds)[number];
  /** Which of the two classes. A decision function's answer for the first is its answer for the second with the other sign. */
  readonly positive: number;
  /** [1]: rounded to float32 where answers are. */
  readonly value: Float64Array;
}
const thresholds = ['predict_proba', 'decision_function'] as const;

/** How an output's raw scores become labels and probabilities. */
export type Reading = Pick<ClassifierHead, 'decide' | 'probability' | 'sums'>;

export const readingOf = (head: ClassifierHead, output: number): Reading =>
  head.each?.[output] ?? head;

const logProbabilities = ['none', 'parts', 'normal', 'scores'] as const;
export type LogProbability = (typeof logProbabilities)[number];

const joints = ['scores', 'sum'] as const;
export type Joint = (typeof joints)[number];

export const decisions = [
  'argmax',
  'argmaxLast',
  'argmin',
  'positive',
  'nonNegative',
  'probable',
] as const;
export type Decision = (typeof decisions)[number];

export const regressorLinks = ['identity', 'exp'] as const;
export type RegressorLink = (typeof regressorLinks)[number];

/**
 * * `identity`: raw scores are probabilities.
 * * `normalize`: divided by the row's sum, 1 where the sum is 0.
 * * `normalize-nan`: divided by the row's sum: NaN where that is 0.
 * * `normalize-uniform`: divided by the row's sum, all alike where that is 0.
 * * `complement`: two classes, one column s: [1 − s, s], s counting as 1 where it is more.
 * * `expit`: two classes, one column s: [1 − expit(s), expit(s)].
 * * `expit-pair`: two classes, one column s: softmax of [−s, s].
 * * `expit-twice`: `expit` of 2 · s.
 * * `softmax-pair-half`: two classes, one column s: softmax of [−s/2, s/2].
 * * `softmax`: softmax of the columns.
 * * `softmax-shared`: softmax of the columns, each divided by one less than there are.
 * * `softmax-log`: exp of the columns less the logarithm of the sum of their exps: softmax, rounded otherwise.
 * * `softmax-log-max`: the same, where the maximum is subtracted first.
 * * `one-vs-rest`: expit of each column, divided by the row's sum: NaN where that is 0.
 * * `one-vs-rest-uniform`: the same, but all alike where the sum is 0.
 * * `clip`: two classes, one column s: p = (s clipped to [−1, 1] + 1) / 2: [1 − p, p], in float64 also of float32 scores.
 * * `clip-one-vs-rest`: that p of each column, divided by the row's sum: all alike where that is 0.
 * * `own`: what the node itself finds, where its kind does.
 */
export const probabilityLinks = [
  'identity',
  'normalize',
  'normalize-nan',
  'normalize-uniform',
  'complement',
  'expit',
  'expit-pair',
  'expit-twice',
  'softmax-pair-half',
  'softmax',
  'softmax-shared',
  'softmax-log',
  'softmax-log-max',
  'one-vs-rest',
  'one-vs-rest-uniform',
  'clip',
  'clip-one-vs-rest',
  'own',
] as const;
export type ProbabilityLink = (typeof probabilityLinks)[number];

/** Links of two classes with one column of scores. */
const ofOneColumn: readonly ProbabilityLink[] = [
  'complement',
  'expit',
  'expit-pair',
  'expit-twice',
  'softmax-pair-half',
  'clip',
];

/** Whether the last step of a link is exp: what it makes of scores before are logarithms of probabilities. */
export const isThroughLogarithms = ({ probability }: Pick<ClassifierHead, 'probability'>) =>
  probability?.startsWith('softmax-log') ?? false;

/** Whether the scores of an output are a column for each class. */
const hasColumns = ({ decide, probability }: Pick<ClassifierHead, 'decide' | 'probability'>) =>
  decide.startsWith('arg') || (decide === 'probable' && !ofOneColumn.includes(probability!));

/** Columns of raw scores that an output takes. */
export const scoreColumns = (head: ClassifierHead, output: number): number =>
  hasColumns(readingOf(head, output)) ? labelCount(head.labels[output]!) : 1;

/** Columns of raw scores that the head expects. */
export function headColumns(head: Head): number {
  if (head.task !== 'classifier') return head.task === 'regressor' ? head.targets : 1;
  return head.labels.reduce((sum, _, output) => sum + scoreColumns(head, output), 0);
}

/** Columns of `decision_function`: one where one output has two classes. */
export function decisionColumns(head: ClassifierHead): number {
  if (head.labels.length === 1 && labelCount(head.labels[0]!) === 2) return 1;
  const columns = headColumns(head);
  return head.pairs ? (columns * (columns - 1)) / 2 : columns;
}

/**
 * `parts`: whether the node with this head has such as answer themselves; `own`: whether it finds probabilities itself; `decides`: whether it
 * finds decisions that are not its scores.
 */
export function validateHead(
  f: Fields,
  outputs: number,
  parts = false,
  own = false,
  decides = false,
): Head {
  const head = validators[f.oneOf('task', tasks)](f);
  const columns = headColumns(head);
  if (!parts && head.task === 'classifier' && head.logProbability === 'parts')
    f.fail('logProbability', 'there are no parts');
  if (!own && head.task === 'classifier' && (head.probability === 'own' || head.pairs))
    f.fail(head.pairs ? 'pairs' : 'probability', 'the node finds none itself');
  if (columns !== outputs) f.fail('task', `takes ${columns} columns, is given ${outputs}`);
  // What it finds of one decision are two probabilities.
  if (own && head.task === 'classifier' && outputs === 1 && labelCount(head.labels[0]!) !== 2)
    f.fail('labels', 'expected two classes');
  if (head.task === 'classifier' && head.decisionFunction && !decides && !head.folded)
    if (columns > 1 && decisionColumns(head) === 1)
      f.fail('decisionFunction', 'of two columns of two classes');
  return head;
}

const tasks = ['regressor', 'classifier', 'density'] as const;

const validators: { readonly [T in Head['task']]: (f: Fields) => Head } = {
  regressor: validateRegressor,
  classifier: validateClassifier,
  density: () => ({ task: 'density' }),
};

function validateRegressor(f: Fields): RegressorHead {
  const targets = f.integer('targets', 1, f.limits.classes);
  const flat = f.flag('flat');
  if (flat && targets !== 1) f.fail('flat', 'only for one target');
  return { task: 'regressor', targets, flat, link: f.oneOf('link', regressorLinks) };
}

function validatePairs(f: Fields, decide: Decision, labels: readonly Labels[]): boolean {
  const pairs = f.optional('pairs', f.flag) ?? false;
  if (pairs && (decide !== 'argmax' || labels.length > 1)) f.fail('pairs', 'of no scores a class');
  return pairs;
}

function validateClassifier(f: Fields): ClassifierHead {
  const labels = f.maps('labels').map(validateLabels);
  f.within('labels', labels.length, 1, f.limits.classes);
  const each = f.optional('each', (name) =>
    f.maps(name).map((reading, k) => validateReading(reading, labels.slice(k, k + 1))),
  );
  if (each !== null) f.within('each', each.length, labels.length, labels.length);
  const { decide, probability, sums } = validateReading(f, each === null ? labels : []);
  const argmax = hasColumns({ decide, probability });
  const scoreOffset = f.optional('scoreOffset', f.finite<'float64'>, 1);
  if (scoreOffset !== null && (argmax || labels.length > 1))
    f.fail('scoreOffset', 'only for a single score');
  const decisionOffset = f.optional('decisionOffset', f.finite<'float64'>, 1);
  if (decisionOffset !== null && (argmax || labels.length > 1 || scoreOffset !== null))
    f.fail('decisionOffset', 'only for a single score without another offset');
  const logProbability = f.optional('logProbability', f.oneOf<LogProbability>, logProbabilities);
  if (logProbability === 'scores' && !isThroughLogarithms({ probability }))
    f.fail('logProbability', `not of ${probability}`);
  const joint = f.optional('joint', f.oneOf<Joint>, joints);
  if (joint !== null && (decide !== 'argmax' || labels.length > 1))
    f.fail('joint', 'only with argmax, of one output');
  const decisionFunction = f.flag('decisionFunction');
  const folded = f.optional('folded', f.flag) ?? false;
  if (
    folded &&
    !(decisionFunction && argmax && labels.length === 1 && labelCount(labels[0]!) === 2)
  )
    f.fail('folded', 'only decisions of two classes with a column each');
  const seconds = f.optional('seconds', f.flag) ?? false;
  if (seconds && (probability === null || labels.some((output) => labelCount(output) < 2)))
    f.fail('seconds', 'only of probabilities of two classes or more');
  if (each !== null) {
    if (each.some((reading) => (reading.probability === null) !== (probability === null)))
      f.fail('each', 'some have probabilities');
    if (each.some((reading) => reading.probability === 'own'))
      f.fail('each', 'probabilities of no scores');
    if (each.some(hasColumns) && decisionFunction) f.fail('decisionFunction', 'of several columns');
    if (scoreOffset ?? decisionOffset ?? joint ?? (folded || (logProbability ?? 'none') !== 'none'))
      f.fail('each', 'not with what one output has');
  }
  const outlierLabels = f.optional('outlierLabels', (name) => validateOutliers(f, name, labels));
  if (outlierLabels !== null && (decide !== 'argmax' || each !== null))
    f.fail('outlierLabels', 'only with argmax, of all outputs');
  const threshold = f.optional('threshold', (name) => {
    const isBinary = labels.length === 1 && labelCount(labels[0]!) === 2;
    const own = f.map(name);
    const of = own.oneOf('of', thresholds);
    const has =
      of === 'predict_proba' ? probability !== null && probability !== 'own' : !argmax || folded;
    if (!isBinary || !has) f.fail(name, `has no ${of}`);
    return { of, positive: own.integer('positive', 0, 1), value: own.finite('value', 1) };
  });
  return {
    task: 'classifier',
    labels,
    decide,
    probability,
    decisionFunction,
    sums,
    scoreOffset,
    decisionOffset,
    logProbability,
    ...(joint && { joint }),
    ...(folded && { folded: true as const }),
    ...(validatePairs(f, decide, labels) && { pairs: true as const }),
    ...(outlierLabels && { outlierLabels }),
    ...(each && { each }),
    ...(seconds && { seconds: true as const }),
    ...(threshold && { threshold }),
  };
}

/** How outputs with these labels are read. */
function validateReading(f: Fields, labels: readonly Labels[]): Reading {
  const decide = f.oneOf('decide', decisions);
  const probability = f.optional('probability', f.oneOf<ProbabilityLink>, probabilityLinks);
  if (decide === 'probable' && probability === null) f.fail('probability', `${decide} needs them`);
  const argmax = hasColumns({ decide, probability });
  if (!argmax && labels.some((output) => labelCount(output) !== 2))
    f.fail('labels', `${decide} needs two classes`);
  if (probability === 'own' && decide === 'probable') f.fail('decide', 'of no scores');
  if (probability !== null && probability !== 'own' && ofOneColumn.includes(probability) === argmax)
    f.fail('probability', `${probability} does not go with ${decide}`);
  const sums = f.optional('sums', f.oneOf<'sequential'>, ['sequential']);
  return { decide, probability, sums };
}

function validateOutliers(f: Fields, name: string, labels: readonly Labels[]): Labels[] {
  const outliers = f.maps(name).map(validateLabels);
  f.within(name, outliers.length, labels.length, labels.length);
  outliers.forEach((one, i) => {
    if (one.dtype !== labels[i]!.dtype || labelCount(one) !== 1)
      f.fail(`${name}[${i}]`, `expected one label of dtype ${labels[i]!.dtype}`);
  });
  return outliers;
}
