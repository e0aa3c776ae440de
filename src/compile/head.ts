import type { Value } from '../input/dense.js';
import {
  type ClassifierHead,
  decisionColumns,
  type Head,
  headColumns,
  labelCount,
  type ProbabilityLink,
  type Reading,
  type RegressorLink,
  readingOf,
  scoreColumns,
  type Threshold,
} from '../ir/index.js';
import { exp } from '../math/exp.js';
import { expit } from '../math/expit.js';
import { log } from '../math/log.js';
import { logSumExp } from '../math/log-sum-exp.js';
import { pairwiseSum } from '../math/pairwise-sum.js';
import { type Round, rounding } from '../math/rounding.js';
import { divideBySum, maximum, type Sum, sequentialSum, softmax } from '../math/softmax.js';
import { tableExp, tableSoftmax } from '../math/table-exp.js';
import { withRoom, zeros } from '../math/zeros.js';
import type { Answer, Scorer, Write } from './scorer.js';

/** What a classifier's methods make of raw scores, for one of its outputs. */
export interface ClassifierOutput {
  readonly classes: number;
  /**
   * Writes the index of each row's class, or the number of classes where it has the outliers' label, to `out`, from `at` on, `step` apart;
   * `single`: whether scores are float32.
   */
  choose(
    raw: Float64Array,
    rows: number,
    out: Indices,
    at: number,
    step: number,
    single?: boolean,
  ): void;
  /** Writes the probabilities [rows × classes] to `out`, float32 ones where scores are `single`; null where there are none. */
  readonly probabilities: Make | null;
  /** The same of their logarithms. */
  readonly logarithms: Make | null;
}

type Make = (raw: Float64Array, rows: number, single: boolean, out: Float64Array) => void;

/** Changes the first `count` values in place, to float32 ones where they are `single`: links, logarithms, offsets. */
export function changeInPlace(
  values: Float64Array,
  count: number,
  single: boolean,
  change: Round,
): Float64Array {
  const round = rounding(single);
  for (let i = 0; i < count; i++) values[i] = round(change(values[i]!));
  return values;
}

/** Whether probabilities are float32, where scores are `single`: scikit-learn clips one column into float64. */
export const singleProbabilities = (
  { probability }: Pick<Reading, 'probability'>,
  single: boolean,
): boolean => single && probability !== 'clip';

/** The logarithm of a probability. */
export const logarithmOf =
  ({ logProbability }: ClassifierHead, single: boolean): ((p: number) => number) =>
  (p) =>
    log(p === 0 && logProbability === 'normal' ? (single ? 2 ** -126 : 2 ** -1022) : p);

export function compileClassifierOutputs(head: ClassifierHead): ClassifierOutput[] {
  const { outlierLabels } = head;
  const stride = headColumns(head);
  const offset = head.decisionOffset?.[0] ?? 0;
  let before = 0;
  return head.labels.map((labels, output) => {
    const { decide, probability, sums } = readingOf(head, output);
    const link = probability && links[probability];
    const logLink = head.logProbability === 'scores' ? logLinks[probability as LogLink] : null;
    const sum = sums === null ? pairwiseSum : sequentialSum;
    const classes = labelCount(labels);
    const columns = scoreColumns(head, output);
    const first = before;
    before += columns;
    const scratch = zeros(Math.max(classes, columns));
    const { threshold } = head;
    /** The class that a threshold chooses for a row that begins at `start`. */
    const above = (
      { of, positive, value }: Threshold,
      raw: Float64Array,
      start: number,
      single: boolean,
    ) => {
      for (let i = 0; i < columns; i++) scratch[i] = raw[start + i]!;
      if (of === 'predict_proba') link!(scratch, 0, 2, rounding(single), sum);
      else decisionsInPlace(head, scratch, 1, single);
      const answer = of === 'predict_proba' ? scratch[positive]! : scratch[0]! * (2 * positive - 1);
      const passes =
        answer >= (singleProbabilities(head, single) ? Math.fround(value[0]!) : value[0]!);
      return passes ? positive : 1 - positive;
    };
    const writer =
      (link: Link): Make =>
      (raw, rows, single, out) => {
        const round = rounding(single);
        for (let row = 0; row < rows; row++) {
          const from = row * stride + first;
          const to = row * classes;
          for (let i = 0; i < columns; i++) out[to + i] = raw[from + i]!;
          link(out, to, classes, round, sum);
        }
      };
    const probabilities = link && writer(link);
    const takeLogarithms: Make = (raw, rows, single, out) => {
      const singles = singleProbabilities({ probability }, single);
      probabilities!(raw, rows, single, out);
      changeInPlace(out, rows * classes, singles, logarithmOf(head, singles));
    };
    return {
      classes,
      choose(raw, rows, out, at, step, single = false) {
        for (let row = 0; row < rows; row++) {
          const start = row * stride + first;
          let index: number;
          if (threshold) index = above(threshold, raw, start, single);
          else if (decide === 'argmax')
            index =
              outlierLabels && isZero(raw, start, classes) ? classes : argmax(raw, start, classes);
          else if (decide === 'argmaxLast') index = argmax(raw, start, classes, 1, true);
          else if (decide === 'argmin') index = argmax(raw, start, classes, -1);
          else if (decide === 'probable') {
            for (let i = 0; i < columns; i++) scratch[i] = raw[start + i]!;
            link!(scratch, 0, classes, Number, sum);
            index = argmax(scratch, 0, classes);
          } else {
            const score = raw[start]! - offset;
            index = Number(decide === 'positive' ? score > 0 : score >= 0);
          }
          out[at + row * step] = index;
        }
      },
      probabilities,
      logarithms: logLink ? writer(logLink) : probabilities && takeLogarithms,
    };
  });
}

/** Makes the raw scores of `rows` rows what `decision_function` answers, in place, from the first on. */
export function decisionsInPlace(
  { decisionOffset, folded }: ClassifierHead,
  scores: Float64Array,
  rows: number,
  single: boolean,
): void {
  if (decisionOffset) changeInPlace(scores, rows, false, (score) => score - decisionOffset[0]!);
  if (!folded) return;
  const round = rounding(single);
  for (let row = 0; row < rows; row++) scores[row] = round(scores[2 * row + 1]! - scores[2 * row]!);
}

/** What a regressor predicts; of other heads, the scores. */
export function compileValues({ score, head, outputs }: Scorer): Write {
  if (head.task !== 'regressor' || head.link === 'identity') return score;
  const change = valueLinks[head.link];
  const factor = head.factor?.[0] ?? 1;
  return (x, out) => {
    const single = score(x, out);
    const round = rounding(single);
    const count = x.rows * outputs;
    for (let i = 0; i < count; i++) out[i] = round(factor * out[i]!);
    for (let at = 0; at < count; at += outputs) change(out, at, outputs, round, sumInDoubles);
    return single;
  };
}

/** In float64 until they are divided by, as XGBoost adds up float32 exps. */
const sumInDoubles: Sum = (values, start, count) => sequentialSum(values, start, count, Number);

const toExps = each((score, round) => round(exp(score)));
const leastSingle = Math.fround(-88.7);

/** What becomes of a row of a regressor's raw scores. */
const valueLinks: { readonly [L in Exclude<RegressorLink, 'identity'>]: Link } = {
  exp: toExps,
  'exp-table': each((score, round) => round(tableExp(score))),
  // XGBoost's float32 exp is kept from overflowing.
  expit: each((score, round) =>
    expit(round === Number ? score : Math.max(score, leastSingle), round),
  ),
  softmax,
  'signed-square': each((score) => score * Math.abs(score)),
};

function each(of: (score: number, round: Round) => number): Link {
  return (values, at, count, round) => {
    for (let i = at; i < at + count; i++) values[i] = of(values[i]!, round);
  };
}

/** What `decision_function` answers. */
export function compileDecisions(
  { score, outputs, decisions }: Scorer,
  head: ClassifierHead,
): Answer {
  if (decisions) return decisions;
  const columns = decisionColumns(head);
  let scores = zeros(0);
  return {
    columns,
    write(x, out) {
      const { rows } = x;
      // There may be scores of both of two classes.
      const isWide = columns < outputs;
      if (isWide) scores = withRoom(scores, rows * outputs);
      const own = isWide ? scores : out;
      const single = score(x, own);
      decisionsInPlace(head, own, rows, single);
      if (isWide) out.set(own.subarray(0, rows * columns));
      return single;
    },
  };
}

/** Memory for the index of a class, or several. */
export type Indices = Int32Array | Uint8Array | Uint16Array;

/** Writes the index of each row's class to `out` [x.rows × outputs of the head]. */
export function compileChoices(
  { choosing, score, outputs: columns }: Scorer,
  head: ClassifierHead,
): (x: Value, out: Indices) => void {
  const outputs = compileClassifierOutputs(head);
  const count = outputs.length;
  let scores = zeros(0);
  return (x, out) => {
    scores = withRoom(scores, x.rows * columns);
    const single = (choosing ?? score)(x, scores);
    for (let k = 0; k < count; k++) outputs[k]!.choose(scores, x.rows, out, k, count, single);
  };
}

/** Writes what `predict_proba` answers for each output [x.rows × classes], or its logarithms, and returns whether that is float32. */
export function compileProbabilities(
  scorer: Scorer,
  head: ClassifierHead,
  logarithms: boolean,
): (x: Value, out: readonly Float64Array[]) => boolean {
  const own = ownProbabilities(scorer, head, logarithms);
  if (own) return (x, out) => own.write(x, out[0]!);
  const { probable, score } = scorer;
  const makers = compileClassifierOutputs(head).map(
    (output) => output[logarithms ? 'logarithms' : 'probabilities']!,
  );
  let scores = zeros(0);
  return (x, out) => {
    scores = withRoom(scores, x.rows * scorer.outputs);
    const single = (probable ?? score)(x, scores);
    // Not `forEach`, whose function would be made anew for each row.
    for (let k = 0; k < makers.length; k++) makers[k]!(scores, x.rows, single, out[k]!);
    return singleProbabilities(head, single);
  };
}

/** Probabilities that a scorer finds itself, or their logarithms. */
function ownProbabilities(
  { probabilities, logarithms }: Scorer,
  head: ClassifierHead,
  ofLogarithms: boolean,
): Answer | null | undefined {
  if (!ofLogarithms) return probabilities;
  if (logarithms || !probabilities) return logarithms;
  const { columns, write } = probabilities;
  return {
    columns,
    write(x, out) {
      write(x, out);
      changeInPlace(out, x.rows * columns, false, logarithmOf(head, false));
      return false;
    },
  };
}

/** What `score_samples` makes of raw scores, in place, from the first on; null where there is none. */
export function compileSamples(
  head: Head,
): ((scores: Float64Array, rows: number, single: boolean) => void) | null {
  if (head.task === 'regressor') return null;
  if (head.task === 'density')
    return head.components ? logSums(head.components, pairwiseSum) : () => {};
  if (head.decisionOffset) return () => {};
  const { scoreOffset, joint } = head;
  if (scoreOffset)
    return (scores, rows, single) =>
      changeInPlace(scores, rows, single, (margin) => margin + scoreOffset[0]!);
  if (joint !== 'sum') return null;
  return logSums(headColumns(head), head.sums === null ? pairwiseSum : sequentialSum);
}

const logSums =
  (columns: number, sum: Sum) =>
  (scores: Float64Array, rows: number, single: boolean): void => {
    const round = rounding(single);
    for (let row = 0; row < rows; row++)
      scores[row] = logSumExp(scores, row * columns, columns, round, sum);
  };

function isZero(values: Float64Array, start: number, count: number): boolean {
  for (let i = start; i < start + count; i++) if (values[i] !== 0) return false;
  return true;
}

/** The first of the largest values, as numpy's argmax, or the `last`; with a sign of −1 of the smallest. */
function argmax(
  values: Float64Array,
  start: number,
  count: number,
  sign = 1,
  last = false,
): number {
  let best = start;
  let most = sign * values[start]!;
  for (let i = start + 1; i < start + count; i++) {
    const value = sign * values[i]!;
    if (value > most || (last && value === most)) {
      most = value;
      best = i;
    }
  }
  return best - start;
}

/** Makes one row's probabilities `values[at, at + classes)` of the scores that stand there from `at` on. */
type Link = (values: Float64Array, at: number, classes: number, round: Round, sum: Sum) => void;

/** A score from −1 to 1 as a probability. */
export const clipped = (score: number, round: Round): number =>
  round(Math.min(Math.max(score, -1), 1) + 1) / 2;

let exps = new Float64Array(0);

/** Links through logarithms: these, of which `links` take exp. */
const logLinks = {
  'softmax-log': less(logSumExp),
  'softmax-log-max': less((values, at, classes, round, sum) => {
    const max = maximum(values, at, classes);
    exps = withRoom(exps, classes);
    for (let i = 0; i < classes; i++) {
      values[at + i] = round(values[at + i]! - max);
      exps[i] = round(exp(values[at + i]!));
    }
    return round(log(round(sum(exps, 0, classes, round))));
  }),
} satisfies { readonly [L in ProbabilityLink]?: Link };
type LogLink = keyof typeof logLinks;

/** Each score less what `of` finds of all. */
function less(of: (...scores: Parameters<Link>) => number): Link {
  return (values, at, classes, round, sum) => {
    const found = of(values, at, classes, round, sum);
    for (let i = at; i < at + classes; i++) values[i] = round(values[i]! - found);
  };
}

function expOf(name: LogLink): Link {
  return (values, at, classes, round, sum) => {
    logLinks[name](values, at, classes, round, sum);
    toExps(values, at, classes, round, sum);
  };
}

const links: { readonly [L in ProbabilityLink]: Link } = {
  identity() {},
  normalize(values, at, classes, round, sum) {
    if (pairwiseSum(values, at, classes) !== 0) divideBySum(values, at, classes, round, sum);
  },
  'normalize-nan': shares(Number, false),
  'normalize-uniform': shares(Number, true),
  complement(values, at, _classes, round) {
    const probability = values[at]!;
    values[at] = round(1 - probability);
    values[at + 1] = Math.min(probability, 1);
  },
  expit: expitOf(Number),
  'expit-pair': pairOf(1),
  'expit-twice': expitOf((score) => 2 * score),
  'softmax-pair-half': pairOf(2),
  softmax,
  'softmax-table': tableSoftmax,
  'softmax-shared'(values, at, classes, round, sum) {
    for (let i = at; i < at + classes; i++) values[i] = round(values[i]! / (classes - 1));
    softmax(values, at, classes, round, sum);
  },
  'softmax-log': expOf('softmax-log'),
  'softmax-log-max': expOf('softmax-log-max'),
  'expit-each': each(expit),
  // 0/0 where every class has a probability of 0: NaN, as in scikit-learn.
  'one-vs-rest': shares(expit, false),
  'one-vs-rest-uniform': shares(expit, true),
  clip(values, at) {
    values[at + 1] = clipped(values[at]!, Number);
    values[at] = 1 - values[at + 1]!;
  },
  'clip-one-vs-rest': shares(clipped, true),
  own() {},
};

/** The logistic function of what `of` makes of the score, of two classes. */
function expitOf(of: (score: number) => number): Link {
  return (values, at, _classes, round) => {
    const probability = expit(of(values[at]!), round);
    values[at] = round(1 - probability);
    values[at + 1] = probability;
  };
}

/** Softmax of [−s, s], s being a part of the score of two classes. */
function pairOf(divisor: number): Link {
  return (values, at, _classes, round) => {
    const part = round(values[at]! / divisor);
    values[at] = -part;
    values[at + 1] = part;
    softmax(values, at, 2, round);
  };
}

/** What `of` makes of each score, divided by the sum; all alike where that is 0, if `uniform`. */
function shares(of: (score: number, round: Round) => number, uniform: boolean): Link {
  const change = each(of);
  return (values, at, classes, round, sum) => {
    change(values, at, classes, round, sum);
    if (uniform && pairwiseSum(values, at, classes) === 0) values.fill(1, at, at + classes);
    divideBySum(values, at, classes, round, sum);
  };
}

/** How results are rounded: to float32, or not beyond the float64 that they are. */
