import {
  type ClassifierHead,
  headColumns,
  type Labels,
  labelCount,
  type ProbabilityLink,
  scoreColumns,
} from '../ir/index.js';
import { exp } from '../math/exp.js';
import { expit } from '../math/expit.js';
import { log } from '../math/log.js';
import { pairwiseSum } from '../math/pairwise-sum.js';
import { softmax } from '../math/softmax.js';

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
  const positive = head.decide === 'positive';
  const link = head.probability === null ? null : links[head.probability];
  return {
    labels,
    classes,
    choose(raw, rows, out, at, step) {
      for (let row = 0; row < rows; row++) {
        const offset = row * stride + first;
        out[at + row * step] = positive ? (raw[offset]! > 0 ? 1 : 0) : argmax(raw, offset, classes);
      }
    },
    probabilities:
      link === null
        ? null
        : (raw, rows, single, out) => {
            for (let row = 0; row < rows; row++)
              link(raw, row * stride + first, out, row * classes, classes, single);
            if (single) roundToSingle(out, rows * classes);
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
  single: boolean,
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
  normalize(raw, from, out, to, classes) {
    copy(raw, from, out, to, classes);
    const sum = pairwiseSum(out, to, classes);
    if (sum === 0) return;
    for (let i = to; i < to + classes; i++) out[i]! /= sum;
  },
  expit(raw, from, out, to, _classes, single) {
    const probability = (single ? singleExpit : expit)(raw[from]!);
    out[to] = 1 - probability;
    out[to + 1] = probability;
  },
  'expit-pair'(raw, from, out, to, _classes, single) {
    const score = raw[from]!;
    out[to] = -score;
    out[to + 1] = score;
    (single ? singleSoftmax : softmax)(out, to, 2);
  },
  softmax(raw, from, out, to, classes, single) {
    copy(raw, from, out, to, classes);
    (single ? singleSoftmax : softmax)(out, to, classes);
  },
  'one-vs-rest'(raw, from, out, to, classes, single) {
    const link = single ? singleExpit : expit;
    for (let i = 0; i < classes; i++) out[to + i] = link(raw[from + i]!);
    // 0/0 where every class has a probability of 0: NaN, as in scikit-learn.
    const sum = pairwiseSum(out, to, classes);
    for (let i = to; i < to + classes; i++) out[i]! /= single ? Math.fround(sum) : sum;
  },
};

/** expit in float32, every operation rounded: e^-x that is too large for float32 makes it 0. */
function singleExpit(x: number): number {
  return Math.fround(1 / Math.fround(1 + Math.fround(exp(-x))));
}

/** softmax in float32; the rounded distance from the maximum decides the leading digits of small probabilities. */
function singleSoftmax(values: Float64Array, start: number, count: number): void {
  const end = start + count;
  let max = values[start]!;
  for (let i = start + 1; i < end; i++) if (values[i]! > max) max = values[i]!;
  for (let i = start; i < end; i++) values[i] = Math.fround(exp(Math.fround(values[i]! - max)));
  const sum = Math.fround(pairwiseSum(values, start, count));
  for (let i = start; i < end; i++) values[i]! /= sum;
}

/** Rounds the first `count` values to float32 in place. */
function roundToSingle(values: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) values[i] = Math.fround(values[i]!);
}

/** Natural logarithms in place: `predict_log_proba`. */
export function logInPlace(values: Float64Array, single: boolean): void {
  for (let i = 0; i < values.length; i++) values[i] = log(values[i]!);
  if (single) roundToSingle(values, values.length);
}
