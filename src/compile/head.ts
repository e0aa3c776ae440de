import {
  type ClassifierHead,
  headColumns,
  type Labels,
  labelCount,
  type ProbabilityLink,
  type RegressorHead,
  scoreColumns,
} from '../ir/index.js';
import { exp } from '../math/exp.js';
import { expit } from '../math/expit.js';
import { log } from '../math/log.js';
import { pairwiseSum } from '../math/pairwise-sum.js';
import { divideBySum, type Sum, sequentialSum, softmax } from '../math/softmax.js';

/** What a classifier's methods make of raw scores, for one of its outputs. */
export interface ClassifierOutput {
  readonly labels: Labels;
  readonly classes: number;
  /** Writes the index of each row's class to `out`, from `at` on, `step` apart. */
  choose(
    raw: Float64Array,
    rows: number,
    out: Int32Array | Uint8Array | Uint16Array,
    at: number,
    step: number,
  ): void;
  /** Writes the probabilities [rows × classes] to `out`, float32 ones where scores are `single`; null where there are none. */
  readonly probabilities:
    | ((raw: Float64Array, rows: number, single: boolean, out: Float64Array) => void)
    | null;
}

/** Makes predictions of raw scores in place, as a regressor's link says; float32 ones where scores are `single`. */
export function linkInPlace(
  { link }: RegressorHead,
  values: Float64Array,
  count: number,
  single: boolean,
): void {
  if (link === 'identity') return;
  const round = rounding(single);
  for (let i = 0; i < count; i++) values[i] = round(exp(values[i]!));
}

/** Adds the head's offset to scores in place: `score_samples`. */
export function addOffset(
  { scoreOffset }: ClassifierHead,
  scores: Float64Array,
  single: boolean,
): Float64Array {
  const round = rounding(single);
  for (let i = 0; i < scores.length; i++) scores[i] = round(scores[i]! + scoreOffset![0]!);
  return scores;
}

/** Whether probabilities are float32, where scores are `single`: scikit-learn clips one column into float64. */
export function singleProbabilities({ probability }: ClassifierHead, single: boolean): boolean {
  return single && probability !== 'clip';
}

export function compileClassifierOutputs(head: ClassifierHead): ClassifierOutput[] {
  const stride = headColumns(head);
  let first = 0;
  return head.labels.map((labels) => {
    const output = compileOutput(head, labels, first, stride);
    first += scoreColumns(head, labels);
    return output;
  });
}

function compileOutput(
  head: ClassifierHead,
  labels: Labels,
  first: number,
  stride: number,
): ClassifierOutput {
  const classes = labelCount(labels);
  const { decide } = head;
  const link = head.probability === null ? null : links[head.probability];
  const sum = head.sums === null ? pairwiseSum : sequentialSum;
  return {
    labels,
    classes,
    choose(raw, rows, out, at, step) {
      for (let row = 0; row < rows; row++) {
        const offset = row * stride + first;
        const score = raw[offset]!;
        out[at + row * step] =
          decide === 'argmax'
            ? argmax(raw, offset, classes)
            : Number(decide === 'positive' ? score > 0 : score >= 0);
      }
    },
    probabilities:
      link === null
        ? null
        : (raw, rows, single, out) => {
            const round = rounding(single);
            for (let row = 0; row < rows; row++)
              link(raw, row * stride + first, out, row * classes, classes, round, sum);
          },
  };
}

/** The first of the largest values, as numpy's argmax. */
function argmax(values: Float64Array, start: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}

/** Makes one row's probabilities `out[to, to + classes)` of its scores `raw[from, …)`. */
type Link = (
  raw: Float64Array,
  from: number,
  out: Float64Array,
  to: number,
  classes: number,
  round: Round,
  sum: Sum,
) => void;

function copy(
  raw: Float64Array,
  from: number,
  out: Float64Array,
  to: number,
  classes: number,
): void {
  for (let i = 0; i < classes; i++) out[to + i] = raw[from + i]!;
}

const links: { readonly [L in ProbabilityLink]: Link } = {
  identity: copy,
  normalize(raw, from, out, to, classes, round, sum) {
    copy(raw, from, out, to, classes);
    if (pairwiseSum(out, to, classes) !== 0) divideBySum(out, to, classes, round, sum);
  },
  expit(raw, from, out, to, _classes, round) {
    const probability = expit(raw[from]!, round);
    out[to] = round(1 - probability);
    out[to + 1] = probability;
  },
  'expit-pair'(raw, from, out, to, _classes, round) {
    const score = raw[from]!;
    out[to] = -score;
    out[to + 1] = score;
    softmax(out, to, 2, round);
  },
  softmax(raw, from, out, to, classes, round, sum) {
    copy(raw, from, out, to, classes);
    softmax(out, to, classes, round, sum);
  },
  // 0/0 where every class has a probability of 0: NaN, as in scikit-learn.
  'one-vs-rest': shares(expit, false),
  'one-vs-rest-uniform': shares(expit, true),
  clip(raw, from, out, to) {
    out[to + 1] = clipped(raw[from]!, Number);
    out[to] = 1 - out[to + 1]!;
  },
  'clip-one-vs-rest': shares(clipped, true),
};

type Round = (value: number) => number;

function clipped(score: number, round: Round): number {
  return round(Math.min(Math.max(score, -1), 1) + 1) / 2;
}

/** What `of` makes of each score, divided by the sum; all alike where that is 0, if `uniform`. */
function shares(of: (score: number, round: Round) => number, uniform: boolean): Link {
  return (raw, from, out, to, classes, round, sum) => {
    for (let i = 0; i < classes; i++) out[to + i] = of(raw[from + i]!, round);
    if (uniform && pairwiseSum(out, to, classes) === 0) out.fill(1, to, to + classes);
    divideBySum(out, to, classes, round, sum);
  };
}

/** How results are rounded: to float32, or not beyond the float64 that they are. */
function rounding(single: boolean): (value: number) => number {
  return single ? Math.fround : Number;
}

/** Natural logarithms in place: `predict_log_proba`. */
export function logInPlace(values: Float64Array, single: boolean): void {
  const round = rounding(single);
  for (let i = 0; i < values.length; i++) values[i] = round(log(values[i]!));
}
