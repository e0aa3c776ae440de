import {
  type Fields,
  fail,
  finite,
  flag,
  integer,
  list,
  map,
  notBelow,
  oneOf,
  optional,
  type Reader,
  read,
  readAll,
  sized,
  upTo,
} from './fields.js';
import { type Labels, labelCount, readLabels } from './labels.js';

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
  /** From raw scores to predictions. */
  readonly link: RegressorLink;
  /** [1]: what raw scores are multiplied by before; absent for 1. */
  readonly factor?: Float64Array;
}

/** `score_samples` alone: it is the single raw score, or the logarithm of the sum of exps of several. */
export interface DensityHead {
  readonly task: 'density';
  /** How many raw scores there are, whose exps are added up; absent where the single one is the answer. */
  readonly components?: number;
  /** [1]: how far that sum may be from the source's own, which adds and subtracts as it goes; absent for 0. Only comparisons ask. */
  readonly uncertainty?: Float64Array;
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

/** `softmax` is of a row's targets, `signed-square` of a score s is s · |s|, `exp-table` is exp as CatBoost takes it. */
export const regressorLinks = [
  'identity',
  'exp',
  'exp-table',
  'expit',
  'softmax',
  'signed-square',
] as const;
export type RegressorLink = (typeof regressorLinks)[number];

/**
 * * `complement`: two classes, one column s: [1 − s, s], s counting as 1 where it is more.
 * * `expit`: two classes, one column s: [1 − expit(s), expit(s)].
 * * `expit-pair`: two classes, one column s: softmax of [−s, s].
 * * `expit-twice`: `expit` of 2 · s.
 * * `softmax-pair-half`: two classes, one column s: softmax of [−s/2, s/2].
 * * `clip`: two classes, one column s: p = (s clipped to [−1, 1] + 1) / 2: [1 − p, p], in float64 also of float32 scores.
 * * `identity`: raw scores are probabilities.
 * * `normalize`: divided by the row's sum, 1 where the sum is 0.
 * * `normalize-nan`: divided by the row's sum: NaN where that is 0.
 * * `normalize-uniform`: divided by the row's sum, all alike where that is 0.
 * * `softmax`: softmax of the columns.
 * * `softmax-table`: softmax of the columns, by exp as CatBoost takes it, added up in order.
 * * `softmax-shared`: softmax of the columns, each divided by one less than there are.
 * * `softmax-log`: exp of the columns less the logarithm of the sum of their exps: softmax, rounded otherwise.
 * * `softmax-log-max`: the same, where the maximum is subtracted first.
 * * `expit-each`: expit of each column.
 * * `one-vs-rest`: expit of each column, divided by the row's sum: NaN where that is 0.
 * * `one-vs-rest-uniform`: the same, but all alike where the sum is 0.
 * * `clip-one-vs-rest`: that p of each column, divided by the row's sum: all alike where that is 0.
 * * `own`: what the node itself finds, where its kind does.
 */
export const probabilityLinks = [
  'complement',
  'expit',
  'expit-pair',
  'expit-twice',
  'softmax-pair-half',
  'clip',
  'identity',
  'normalize',
  'normalize-nan',
  'normalize-uniform',
  'softmax',
  'softmax-table',
  'softmax-shared',
  'softmax-log',
  'softmax-log-max',
  'expit-each',
  'one-vs-rest',
  'one-vs-rest-uniform',
  'clip-one-vs-rest',
  'own',
] as const;
export type ProbabilityLink = (typeof probabilityLinks)[number];

/** Links of two classes with one column of scores: the first ones. */
const ofOneColumn: readonly ProbabilityLink[] = probabilityLinks.slice(0, 6);

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
  if (head.task === 'density') return head.components ?? 1;
  if (head.task === 'regressor') return head.targets;
  return head.labels.reduce((sum, _, output) => sum + scoreColumns(head, output), 0);
}

/** Whether a classifier has one output, of two classes. */
const isBinary = ({ labels }: Pick<ClassifierHead, 'labels'>): boolean =>
  labels.length === 1 && labelCount(labels[0]!) === 2;

/** Columns of `decision_function`: one where one output has two classes. */
export function decisionColumns(head: ClassifierHead): number {
  if (isBinary(head)) return 1;
  const columns = headColumns(head);
  return head.pairs ? (columns * (columns - 1)) / 2 : columns;
}

/**
 * Reads the head of a node with so many outputs. `parts`: whether it has such as answer themselves; `own`: whether it finds probabilities
 * itself; `decides`: whether it finds decisions that are not its scores.
 */
export const readHead = (
  outputs: number,
  parts = false,
  own = false,
  decides = false,
): Reader<Head> =>
  map((f) => {
    const task = read(f, 'task', oneOf('regressor', 'classifier', 'density'));
    const head =
      task === 'density'
        ? readAll(
            f,
            { task: oneOf(task) },
            { components: upTo('features'), uncertainty: notBelow(0, finite(1)) },
          )
        : task === 'regressor'
          ? validateRegressor(f)
          : validateClassifier(f);
    const columns = headColumns(head);
    if (columns !== outputs) fail(f, 'task', `takes ${columns} columns, is given ${outputs}`);
    if (head.task !== 'classifier') return head;
    if (!parts && head.logProbability === 'parts') fail(f, 'logProbability', 'there are no parts');
    if (!own && (head.probability === 'own' || head.pairs))
      fail(f, head.pairs ? 'pairs' : 'probability', 'the node finds none itself');
    // What it finds of one decision are two probabilities.
    if (own && outputs === 1 && labelCount(head.labels[0]!) !== 2)
      fail(f, 'labels', 'expected two classes');
    if (head.decisionFunction && !decides && !head.folded)
      if (columns > 1 && decisionColumns(head) === 1)
        fail(f, 'decisionFunction', 'of two columns of two classes');
    return head;
  });

function validateRegressor(f: Fields): RegressorHead {
  const head = readAll(
    f,
    {
      task: oneOf('regressor'),
      targets: upTo('classes'),
      flat: flag,
      link: oneOf(...regressorLinks),
    },
    { factor: finite(1) },
  );
  if (head.flat && head.targets !== 1) fail(f, 'flat', 'only for one target');
  return head;
}

function validateClassifier(f: Fields): ClassifierHead {
  const labels = read(f, 'labels', sized(list(readLabels), 1, f.limits.classes));
  const reading = {
    decide: oneOf(...decisions),
    probability: optional(oneOf(...probabilityLinks)),
    sums: optional(oneOf('sequential')),
  };
  const head = {
    task: 'classifier' as const,
    labels,
    ...readAll(
      f,
      {
        ...reading,
        decisionFunction: flag,
        scoreOffset: optional(finite(1)),
        decisionOffset: optional(finite(1)),
        logProbability: optional(oneOf(...logProbabilities)),
      },
      {
        joint: oneOf(...joints),
        folded: flag,
        pairs: flag,
        outlierLabels: sized(list(readLabels), labels.length),
        each: sized(list(map((one) => readAll(one, reading))), labels.length),
        seconds: flag,
        threshold: map((own) =>
          readAll(own, { of: oneOf(...thresholds), positive: integer(0, 1), value: finite(1) }),
        ),
      },
    ),
  };
  const { decide, probability, decisionFunction, scoreOffset, decisionOffset } = head;
  const { logProbability, joint, folded, outlierLabels, each, threshold } = head;
  const isOne = labels.length === 1;
  const argmax = hasColumns(head);
  validateReading(f, '', head, each ? [] : labels);
  each?.forEach((one, k) => {
    validateReading(f, `each[${k}].`, one, [labels[k]!]);
  });
  const offset = scoreOffset ? 'scoreOffset' : 'decisionOffset';
  if (head[offset] && (argmax || !isOne)) fail(f, offset, 'only for a single score');
  if (scoreOffset && decisionOffset) fail(f, 'decisionOffset', 'not beside scoreOffset');
  if (logProbability === 'scores' && !isThroughLogarithms(head))
    fail(f, 'logProbability', `not of ${probability}`);
  for (const name of ['joint', 'pairs', 'outlierLabels'] as const)
    if (head[name] && (decide !== 'argmax' || (name === 'outlierLabels' ? each : !isOne)))
      fail(f, name, 'only with argmax, of one output or all');
  if (folded && !(decisionFunction && argmax && isBinary(head)))
    fail(f, 'folded', 'only of two classes, a column each');
  if (head.seconds && (!probability || labels.some((output) => labelCount(output) < 2)))
    fail(f, 'seconds', 'needs probabilities of two classes');
  if (each) {
    if (each.some((one) => !one.probability !== !probability || one.probability === 'own'))
      fail(f, 'each', 'some have probabilities, or of no scores');
    if (each.some(hasColumns) && decisionFunction)
      fail(f, 'decisionFunction', 'of several columns');
    if (scoreOffset || decisionOffset || joint || folded || (logProbability ?? 'none') !== 'none')
      fail(f, 'each', 'not with what one output has');
  }
  outlierLabels?.forEach((one, i) => {
    const { dtype } = labels[i]!;
    if (one.dtype !== dtype || labelCount(one) !== 1)
      fail(f, `outlierLabels[${i}]`, `expected one label of dtype ${dtype}`);
  });
  if (threshold) {
    const { of } = threshold;
    const has = of === 'predict_proba' ? probability && probability !== 'own' : !argmax || folded;
    if (!has || !isBinary(head)) fail(f, 'threshold', `has no ${of}`);
  }
  return head;
}

/** How outputs with these labels are read, as the fields after `place` say. */
function validateReading(
  f: Fields,
  place: string,
  reading: Reading,
  labels: readonly Labels[],
): void {
  const { decide, probability } = reading;
  const argmax = hasColumns(reading);
  if (!argmax && labels.some((output) => labelCount(output) !== 2))
    fail(f, `${place}labels`, `${decide} needs two classes`);
  if (decide === 'probable' && (!probability || probability === 'own'))
    fail(f, `${place}probability`, `${decide} needs them, of scores`);
  if (probability && probability !== 'own' && ofOneColumn.includes(probability) === argmax)
    fail(f, `${place}probability`, `${probability} does not go with ${decide}`);
}
