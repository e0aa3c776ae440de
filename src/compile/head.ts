import {
  type ClassifierHead,
  headColumns,
  labelCount,
  type ProbabilityLink,
  scoreColumns,
} from '../ir/index.js';
import { expit } from '../math/expit.js';
import { pairwiseSum } from '../math/pairwise-sum.js';
import { divideBySum, type Sum, sequentialSum, softmax } from '../math/softmax.js';

/** What a classifier's methods make of raw scores, for one of its outputs. */
export interface ClassifierOutput {
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

/** Changes the first `count` values in place, to float32 ones where they are `single`: links, logarithms, offsets. */
export function changeInPlace(
  values: Float64Array,
  count: number,
  single: boolean,
  change: (value: number) => number,
): Float64Array {
  const round = rounding(single);
  for (let i = 0; i < count; i++) values[i] = round(change(values[i]!));
  return values;
}

/** Whether probabilities are float32, where scores are `single`: scikit-learn clips one column into float64. */
export const singleProbabilities = ({ probability }: ClassifierHead, single: boolean): boolean =>
  single && probability !== 'clip';

export function compileClassifierOutputs(head: ClassifierHead): ClassifierOutput[] {
  const { decide, probability } = head;
  const stride = headColumns(head);
  const link = probability && links[probability];
  const sum = head.sums === null ? pairwiseSum : sequentialSum;
  let before = 0;
  return head.labels.map((labels) => {
    const classes = labelCount(labels);
    const columns = scoreColumns(head, labels);
    const first = before;
    before += columns;
    return {
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
        link &&
        ((raw, rows, single, out) => {
          const round = rounding(single);
          for (let row = 0; row < rows; row++) {
            const from = row * stride + first;
            const to = row * classes;
            for (let i = 0; i < columns; i++) out[to + i] = raw[from + i]!;
            link(out, to, classes, round, sum);
          }
        }),
    };
  });
}

/** The first of the largest values, as numpy's argmax. */
function argmax(values: Float64Array, start: number, count: number): number {
  let best = start;
  let most = values[start]!;
  for (let i = start + 1; i < start + count; i++) {
    const value = values[i]!;
    if (value > most) {
      most = value;
      best = i;
    }
  }
  return best - start;
}

type Round = (value: number) => number;

/** Makes one row's probabilities `values[at, at + classes)` of the scores that stand there from `at` on. */
type Link = (values: Float64Array, at: number, classes: number, round: Round, sum: Sum) => void;

const clipped = (score: number, round: Round): number =>
  round(Math.min(Math.max(score, -1), 1) + 1) / 2;

const links: { readonly [L in ProbabilityLink]: Link } = {
  identity() {},
  normalize(values, at, classes, round, sum) {
    if (pairwiseSum(values, at, classes) !== 0) divideBySum(values, at, classes, round, sum);
  },
  expit(values, at, _classes, round) {
    values[at + 1] = expit(values[at]!, round);
    values[at] = round(1 - values[at + 1]!);
  },
  'expit-pair'(values, at, _classes, round) {
    values[at + 1] = values[at]!;
    values[at] = -values[at + 1]!;
    softmax(values, at, 2, round);
  },
  softmax,
  // 0/0 where every class has a probability of 0: NaN, as in scikit-learn.
  'one-vs-rest': shares(expit, false),
  'one-vs-rest-uniform': shares(expit, true),
  clip(values, at) {
    values[at + 1] = clipped(values[at]!, Number);
    values[at] = 1 - values[at + 1]!;
  },
  'clip-one-vs-rest': shares(clipped, true),
};

/** What `of` makes of each score, divided by the sum; all alike where that is 0, if `uniform`. */
function shares(of: (score: number, round: Round) => number, uniform: boolean): Link {
  return (values, at, classes, round, sum) => {
    for (let i = at; i < at + classes; i++) values[i] = of(values[i]!, round);
    if (uniform && pairwiseSum(values, at, classes) === 0) values.fill(1, at, at + classes);
    divideBySum(values, at, classes, round, sum);
  };
}

/** How results are rounded: to float32, or not beyond the float64 that they are. */
const rounding = (single: boolean): Round => (single ? Math.fround : Number);
