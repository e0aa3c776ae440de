import type { Value } from '../input/dense.js';
import {
  type AnswerMethod,
  type ClassifierHead,
  type Ensemble,
  type Head,
  isThroughLogarithms,
  labelCount,
  type Node,
  type ProbabilityLink,
  type RegressorHead,
  readingOf,
  scoreColumns,
} from '../ir/index.js';
import { exp } from '../math/exp.js';
import { log } from '../math/log.js';
import { expm1 } from '../math/near-one.js';
import { tableExpError } from '../math/table-exp.js';
import { ulpOf } from '../math/ulp.js';
import { compileAnswer } from './answers.js';
import { clipped, compileClassifierOutputs } from './head.js';
import type { Scorer } from './scorer.js';

/** A part of a model that answers, and how far its raw scores may be off. */
export interface UncertainScorer {
  readonly scorer: Scorer;
  readonly value: Value;
  readonly error: Float64Array | null;
  readonly decisions?: Float64Array | null | undefined;
  readonly probabilities?: Float64Array | null | undefined;
  /** Of what labels are chosen by, where the scorer has that. */
  readonly choosing?: Float64Array | null | undefined;
  /** Of what probabilities are made of, where the scorer has that. */
  readonly probable?: Float64Array | null | undefined;
}

type Errors = Float64Array | null;

const exactLinks: readonly ProbabilityLink[] = [
  'identity',
  'normalize',
  'normalize-nan',
  'normalize-uniform',
  'complement',
  'clip',
  'softmax-table',
];

/** How far what a method answers may be off, [x.rows × columns]; null where it is the same in every correct evaluation. */
export function boundAnswer(part: UncertainScorer, method: AnswerMethod): Errors {
  const { scorer, value, decisions } = part;
  const { head } = scorer;
  const isOther = method === 'predict_proba' && scorer.probable;
  const error = isOther ? (part.probable ?? null) : part.error;
  if (method === 'apply')
    return (
      error &&
      Float64Array.from({ length: value.rows * scorer.leaves!.trees }, (_, i) =>
        largest(error, Math.floor(i / scorer.leaves!.trees) * scorer.outputs, scorer.outputs) > 0
          ? Number.POSITIVE_INFINITY
          : 0,
      )
    );
  if (method === 'raw') return error;
  if (method === 'decision_function') {
    if (scorer.decisions) return decisions ?? null;
    const isFolded = head.task === 'classifier' && head.folded;
    if (error === null || !isFolded) return error;
    // A difference is rounded otherwise where its terms are off: by less than they are.
    return Float64Array.from(
      { length: value.rows },
      (_, row) => 1.25 * (error[2 * row]! + error[2 * row + 1]!),
    );
  }
  if (head.task === 'classifier' && method === 'predict') return boundChoice(part);
  if (scorer.probabilities) return part.probabilities ?? null;
  if (head.task === 'density' || (head.task === 'regressor' && head.link === 'identity'))
    return error;
  if (error === null && head.task === 'classifier' && exactLinks.includes(head.probability!))
    return null;
  const answer = compileAnswer(scorer, method);
  const found = new Float64Array(value.rows * answer.columns);
  const step = answer.write(value, found) ? 2 ** 29 : 1;
  const { columns } = answer;
  const link = head.task === 'classifier' ? head.probability : null;
  let raw: Float64Array | null = null;
  let rawError = error;
  if (link?.startsWith('normalize') || link?.startsWith('clip')) {
    raw = new Float64Array(value.rows * scorer.outputs);
    (scorer.probable ?? scorer.score)(value, raw);
    if (link.startsWith('clip')) {
      rawError = raw.map((score, i) => boundClipped(score, error?.[i] ?? 0, step));
      raw = raw.map((score) => clipped(score, Number));
    }
  }
  const moved = (row: number) => largest(error, row * scorer.outputs, scorer.outputs);
  const ofLogarithms = stepsOfLogarithms(part);
  return found.map((result, i) => {
    const row = Math.floor(i / columns);
    if (link === 'identity') return error![i]!;
    if (link === 'complement') return error![row]! + step * ulpOf(1);
    if (link === 'clip') return rawError![row]! + step * ulpOf(1);
    if (head.task === 'regressor')
      return boundThroughLink(head, result, moved(row)) + step * 3 * ulpOf(result);
    const tables = link === 'softmax-table' ? errorOfTables(result, columns) : 0;
    // 1 − p may cancel: its steps are those of the largest probability.
    const size = largest(found, row * columns, columns);
    if (raw !== null)
      return (
        4 * step * ulpOf(size) + errorOfShare(raw, rawError!, row * columns, (row + 1) * columns, i)
      );
    const more = 2 * moved(row) + (ofLogarithms?.[row] ?? 0);
    return 4 * step * ulpOf(size) + boundThroughExp(result, more) + tables;
  });
}

/** How far a score that is clipped to a probability may be off there: not at all beyond the ends, and half as far between them, however small it is. */
function boundClipped(score: number, error: number, step: number): number {
  const here = clipped(score, Number);
  const up = clipped(score + error, Number) - here;
  const down = here - clipped(score - error, Number);
  const most = Math.max(up, down);
  return most > 0 ? most + 2 * step * ulpOf(here) : 0;
}

/** How far a regressor's prediction may be off whose scores are off by at most `error`. */
function boundThroughLink({ link, factor }: RegressorHead, result: number, error: number): number {
  const moved = error * Math.abs(factor?.[0] ?? 1);
  switch (link) {
    case 'softmax':
      return boundThroughExp(result, 2 * moved);
    case 'exp':
      return result * moved * exp(moved);
    case 'exp-table':
      return result * (moved * exp(moved) + 2 * tableExpError(Math.abs(log(result)) + moved));
    case 'signed-square':
      return (2 * Math.sqrt(Math.abs(result)) + moved) * moved;
    default:
      // The logistic function is a quarter as steep at most.
      return moved;
  }
}

/** What `tableExp` makes of two scores that are nearly the same: the logarithm of a probability is at least what its score lies below the largest. */
const errorOfTables = (probability: number, classes: number): number =>
  probability === 0
    ? 0
    : 2 * probability * (tableExpError(log(probability)) + tableExpError(log(classes)));

/** How far probabilities of several outputs may be off, side by side as `predict_proba` has them. */
export function boundOutputs(part: UncertainScorer): Float64Array {
  const { rows } = part.value;
  const { seconds, labels } = part.scorer.head as ClassifierHead;
  const bounds = labels.map((own, k) => {
    const errors = boundAnswer(ofOutput(part, k), 'predict_proba');
    const found = errors ?? new Float64Array(rows * labelCount(own));
    return seconds ? found.filter((_, i) => i % labelCount(own) === 1) : found;
  });
  const width = bounds.reduce((sum, { length }) => sum + length / rows, 0);
  const all = new Float64Array(rows * width);
  for (let row = 0, at = 0; row < rows; row++)
    for (const own of bounds) {
      const count = own.length / rows;
      for (let i = 0; i < count; i++) all[at++] = own[row * count + i]!;
    }
  return all;
}

/** One of the outputs of a part as a part of its own, with what probabilities are made of for its scores. */
function ofOutput(part: UncertainScorer, output: number): UncertainScorer {
  const { value } = part;
  const { probable, ...scorer } = part.scorer;
  const error = probable ? part.probable : part.error;
  const head = scorer.head as ClassifierHead;
  const { each: _, seconds: __, ...shared } = head;
  const first = head.labels
    .slice(0, output)
    .reduce((sum, _labels, k) => sum + scoreColumns(head, k), 0);
  const columns = scoreColumns(head, output);
  const choose = (values: Float64Array, out: Float64Array): Float64Array => {
    for (let i = 0; i < out.length; i++) {
      const row = Math.floor(i / columns);
      out[i] = values[row * scorer.outputs + first + (i % columns)]!;
    }
    return out;
  };
  return {
    value,
    error: error ? choose(error, new Float64Array(value.rows * columns)) : null,
    scorer: {
      ...scorer,
      outputs: columns,
      head: { ...shared, ...readingOf(head, output), labels: [head.labels[output]!] },
      score(x, out) {
        const scores = new Float64Array(x.rows * scorer.outputs);
        const single = (probable ?? scorer.score)(x, scores);
        choose(scores, out.subarray(0, x.rows * columns));
        return single;
      },
    },
  };
}

/** How far a probability may be off whose logarithm may be off by `error`. */
export const boundThroughExp = (probability: number, error: number): number =>
  Math.min(1, probability * expm1(error));

/** `boundOfLogSum` of each row's scores; null where a head's probabilities are no exps of logarithms. */
function stepsOfLogarithms({ scorer, value }: UncertainScorer): Errors {
  const { head, outputs, score } = scorer;
  if (head.task !== 'classifier' || !isThroughLogarithms(head)) return null;
  const scores = new Float64Array(value.rows * outputs);
  const step = score(value, scores) ? 2 ** 29 : 1;
  return Float64Array.from(
    { length: value.rows },
    (_, row) => step * boundOfLogSum(scores, row * outputs, outputs),
  );
}

/** Two steps of the logarithm of a sum of exps, which is about as large as the scores: many steps of the probabilities that exp makes of it. */
export function boundOfLogSum(scores: Float64Array, start: number, count: number): number {
  return 2 * ulpOf(largest(scores.subarray(start, start + count).map(Math.abs), 0, count) + 1);
}

/** What errors of a row's scores, from `start` to `end`, make of one that is divided by their sum: anything where that may be 0. */
function errorOfShare(
  raw: Float64Array,
  error: Float64Array,
  start: number,
  end: number,
  at: number,
): number {
  let sum = 0;
  let moved = 0;
  for (let i = start; i < end; i++) {
    sum += raw[i]!;
    moved += error[i]!;
  }
  if (moved === 0) return 0;
  if (sum <= moved) return Number.POSITIVE_INFINITY;
  return (error[at]! + (raw[at]! / sum) * moved) / (sum - moved);
}

const largest = (values: Errors, start: number, count: number): number =>
  values?.subarray(start, start + count).reduce((most, value) => Math.max(most, value), 0) ?? 0;

/** Nothing, or anything where scores are as close as their bounds. */
function boundChoice({ scorer, value, error: own, choosing }: UncertainScorer): Errors {
  const error = scorer.choosing ? (choosing ?? null) : own;
  if (error === null) return null;
  const { outputs } = scorer;
  const head = scorer.head as ClassifierHead;
  const scores = new Float64Array(value.rows * outputs);
  (scorer.choosing ?? scorer.score)(value, scores);
  return Float64Array.from({ length: value.rows }, (_, row) =>
    isTie(head, scores, error, row * outputs, 0) ? Number.POSITIVE_INFINITY : 0,
  );
}

/** Whether an output's scores, those of a row beginning at `start`, lie within their bounds of another choice. */
export function isTie(
  head: ClassifierHead,
  scores: Float64Array,
  bounds: Float64Array,
  start: number,
  output: number,
): boolean {
  const before = head.labels.slice(0, output).reduce((sum, _, k) => sum + scoreColumns(head, k), 0);
  const columns = scoreColumns(head, output);
  const s = scores.subarray(start + before, start + before + columns);
  const b = bounds.subarray(start + before, start + before + columns);
  if (head.threshold) return isTieAtThreshold(head, s, b);
  const { decide, probability } = readingOf(head, output);
  const half = decide === 'probable' && probability === 'complement' ? 0.5 : 0;
  if (columns === 1) return Math.abs(s[0]! - (head.decisionOffset?.[0] ?? half)) <= b[0]!;
  const best = s.indexOf(decide === 'argmin' ? Math.min(...s) : Math.max(...s));
  return s.some((score, k) => k !== best && Math.abs(s[best]! - score) <= b[best]! + b[k]!);
}

/** Whether a class is chosen otherwise where scores are off by their bounds, each its own way. */
function isTieAtThreshold(head: ClassifierHead, s: Float64Array, b: Float64Array): boolean {
  const [output] = compileClassifierOutputs(head);
  const choice = (sign: number): number => {
    const chosen = new Int32Array(1);
    const moved = s.map((score, i) => score + (i === 0 ? -sign : sign) * b[i]!);
    output!.choose(moved, 1, chosen, 0, 1);
    return chosen[0]!;
  };
  return choice(1) !== choice(-1);
}

export interface EnsembleErrors {
  readonly error: Errors;
  readonly decisions: Errors;
  readonly transformed: Errors;
  readonly probable?: Errors;
}

/** What errors of an ensemble's parts make of its own answers. */
export function boundEnsemble(
  node: Ensemble<Node>,
  parts: readonly UncertainScorer[],
  rows: number,
): EnsembleErrors {
  const { combine, outputs, folded } = node;
  const columns = folded ? 2 : outputs;
  const method = (head: Head): AnswerMethod =>
    combine === 'vote' || head.task === 'regressor' ? 'predict' : 'predict_proba';
  const answers = parts.map((part) => boundAnswer(part, method(part.scorer.head)));
  const sums = new Float64Array(rows * columns);
  parts.forEach((part, i) => {
    addError(node, part, i, answers[i]!, sums, columns);
  });
  const isExact = combine !== 'samme-r' && answers.every((error) => error === null);
  const margins = parts.map((part) => boundAnswer(part, 'decision_function'));
  return {
    error: isExact ? null : combineErrors(node, sums, rows, columns),
    decisions: node.decisions && meanErrors(margins),
    transformed: node.transforms && !isExact ? sideBySide(answers, rows) : null,
  };
}

/** Adds a part's share of the error to that of the sums; of a median, the largest one is. */
function addError(
  { combine, parts, weights }: Ensemble<Node>,
  { scorer, value }: UncertainScorer,
  i: number,
  answer: Errors,
  sums: Float64Array,
  columns: number,
): void {
  const weight = Math.abs(weights?.[i] ?? 1);
  const { classes } = parts[i]!;
  if (combine === 'vote') {
    answer?.forEach((error, row) => {
      if (error > 0) sums.fill(error, row * columns, (row + 1) * columns);
    });
    return;
  }
  if (combine === 'samme-r') {
    const { columns: width, write } = compileAnswer(scorer, 'predict_proba');
    const p = new Float64Array(value.rows * width);
    const step = write(value, p) ? 2 ** 29 : 1;
    for (let k = 0; k < p.length; k++) {
      const known = Math.max(p[k]!, 2 ** -52);
      // The logarithm, its mean, their difference and its product, and each sum.
      const steps = (8 + parts.length) * step * ulpOf(log(known));
      const error = (answer?.[k] ?? 0) / known + steps;
      const row = Math.floor(k / width);
      for (let j = 0; j < width; j++)
        sums[row * columns + j]! += (k % width === j ? width : 1) * error;
    }
    return;
  }
  const { columns: width, write } = compileAnswer(
    scorer,
    classes === null ? 'predict' : 'predict_proba',
  );
  const found = new Float64Array(value.rows * width);
  const unit = write(value, found) ? 2 ** -24 : 2 ** -53;
  found.forEach((term, at) => {
    const error = answer?.[at] ?? 0;
    const to =
      Math.floor(at / width) * columns + (classes === null ? at % width : classes[at % width]!);
    if (combine === 'median') sums[to] = Math.max(sums[to]!, error);
    // What is added to a number that is off is rounded otherwise, too.
    else sums[to]! += weight * (error + (parts.length + 3) * unit * Math.abs(term));
  });
}

/** Divided and folded as the sums are. */
function combineErrors(
  { divisor, folded }: Ensemble<Node>,
  sums: Float64Array,
  rows: number,
  columns: number,
): Float64Array {
  const share = Math.abs(divisor?.[0] ?? 1);
  const errors = sums.map((sum) => sum / share);
  if (!folded) return errors;
  return Float64Array.from({ length: rows }, (_, row) => {
    const own = errors.subarray(row * columns, (row + 1) * columns);
    return own[0]! + own[1]!;
  });
}

function meanErrors(margins: readonly Errors[]): Errors {
  if (margins.every((error) => error === null)) return null;
  const { length } = margins.find((error) => error !== null)!;
  return Float64Array.from(
    { length },
    (_, i) => (1.01 * margins.reduce((sum, error) => sum + (error?.[i] ?? 0), 0)) / margins.length,
  );
}

function sideBySide(answers: readonly Errors[], rows: number): Float64Array {
  const length = answers.find((error) => error !== null)?.length ?? 0;
  const width = length / rows;
  return Float64Array.from({ length: length * answers.length }, (_, at) => {
    const row = Math.floor(at / (width * answers.length));
    const part = Math.floor((at % (width * answers.length)) / width);
    return answers[part]?.[row * width + (at % width)] ?? 0;
  });
}
