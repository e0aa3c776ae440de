import { headOf } from './answering.js';
import { classCount } from './answers.js';
import {
  type Fields,
  fail,
  finite,
  flag,
  indices,
  list,
  map,
  oneOf,
  optional,
  read,
  readAll,
  readOutputs,
  sized,
  type UintArray,
  uintTypes,
  unique,
  within,
} from './fields.js';
import { decisionColumns, type Head, readHead } from './head.js';
import { type PartReader, scores } from './rules.js';
import { checkParts, readColumns } from './union.js';
import { anyKind, type Own, type ValueType } from './value.js';

/** Parts that answer for the same rows, and what is made of their answers: bagging, voting, AdaBoost. */
export interface Ensemble<Part> {
  readonly kind: 'ensemble';
  /** Columns of the input. */
  readonly features: number;
  /** Columns of the raw scores. */
  readonly outputs: number;
  readonly parts: readonly EnsemblePart<Part>[];
  readonly combine: Combination;
  /** What each part's answer counts, [parts]; null for 1. */
  readonly weights: Float64Array | null;
  /** With `vote`: what each part gives to the classes that it does not choose, [parts]; null for 0. */
  readonly misses: Float64Array | null;
  /** [1]: what sums are divided by; null for 1. */
  readonly divisor: Float64Array | null;
  /** Whether the scores of two classes become one: the second less the first. */
  readonly folded: boolean;
  /** Sums are float64 also where all answers are float32; null: then they are float32, too. */
  readonly precision: 'float64' | null;
  /** Whether `decision_function` is the mean of the parts', and not the raw scores. */
  readonly decisions: 'mean' | null;
  /** Whether `transform` is offered: the parts' answers side by side. */
  readonly transforms: boolean;
  readonly head: Head;
}

export interface EnsemblePart<Part> {
  /** The input's columns that the part sees, in this order; null for all. */
  readonly columns: Uint32Array | null;
  /** A part with a head. */
  readonly node: Part;
  /** Of a classifier's classes: which of the ensemble's each is; null of a regressor, and of one class against others. */
  readonly classes: UintArray | null;
}

/**
 * * `mean`: the sum of what parts predict, or of a classifier's probabilities, each times its weight.
 * * `vote`: a part adds its weight to the class that it chooses, and `misses` to the others.
 * * `samme-r`: the sum of (K − 1) · (log p − mean of log p) over K classes, p being probabilities of at least 2⁻⁵².
 * * `one-vs-rest`: a column of each part, its margin for the second of two classes: what its `decision_function` answers, or else the
 *   probability, or what a regressor predicts. Probabilities are made of the parts' probabilities.
 * * `one-vs-one`: a part for each pair of classes, the first with each other, then the second. The class that it chooses has a vote more; margins, of
 *   the pair's second class for it and against the first, add up to fractions of a vote. Of two classes there is the column of the second.
 * * `median`: of what parts predict, the first in ascending order at which weights have reached half of their sum.
 */
export const combinations = [
  'mean',
  'vote',
  'samme-r',
  'one-vs-rest',
  'one-vs-one',
  'median',
] as const;
export type Combination = (typeof combinations)[number];

export const ensembleRules = {
  kind: 'ensemble',
  takesAny: true,
  takes: anyKind,
  validate<Part>(f: Fields, features: number, inside: PartReader<Part>): Own<Ensemble<Part>> {
    const outputs = readOutputs(f);
    const folded = read(f, 'folded', flag);
    if (folded) within(f, 'outputs', outputs, 1);
    const columns = folded ? 2 : outputs;
    const combine = read(f, 'combine', oneOf(...combinations));
    const ofMargins = combine.startsWith('one-vs');
    const readPart = map((part) => {
      const { node, ...own } = readAll(part, {
        columns: readColumns(features),
        node: inside('must'),
      });
      const classes = ofMargins ? null : validateClasses(part, headOf(node)!, columns);
      return { ...own, node, classes };
    });
    const parts = read(f, 'parts', sized(list(readPart), 1, Infinity));
    const count = parts.length;
    const ofClasses = parts[0]!.classes !== null;
    if (parts.some(({ classes }) => (classes !== null) !== ofClasses))
      fail(f, 'parts', 'classifiers and regressors');
    if (!ofMargins && combine !== 'mean' && ofClasses !== (combine !== 'median'))
      fail(f, 'combine', `${combine} of other parts`);
    const own = readAll(f, {
      weights: optional(finite(count)),
      misses: optional(finite(count)),
      divisor: optional(finite(1)),
      precision: optional(oneOf('float64')),
      decisions: optional(oneOf('mean')),
      transforms: flag,
    });
    const { weights, misses, divisor, decisions } = own;
    const head = read(f, 'head', readHead(outputs, true, false, decisions !== null));
    parts.forEach(({ node }, i) => {
      const head = headOf(node)!;
      if (head.task !== 'classifier') return;
      if ((combine === 'mean' || combine === 'samme-r') && !head.probability)
        fail(f, `parts[${i}].node`, 'has no probabilities');
      if (combine === 'vote' && head.outlierLabels)
        fail(f, `parts[${i}].node`, 'may choose none of its classes');
    });
    if (divisor?.[0] === 0) fail(f, 'divisor', '0');
    if (misses && combine !== 'vote') fail(f, 'misses', 'only with votes');
    if (combine === 'median' && (divisor || outputs > 1))
      fail(f, 'combine', 'a median is of one column and not divided');
    if (decisions) validateDecisions(f, parts, head);
    if (head.task === 'classifier') {
      const { threshold } = head;
      if (head.logProbability === 'parts' && combine !== 'mean')
        fail(f, 'head', 'logarithms of no probabilities');
      if (threshold && (decisions || (ofMargins && threshold.of === 'predict_proba')))
        fail(f, 'head.threshold', 'of what scores do not tell');
    }
    if (ofMargins) {
      const ofPairs = combine === 'one-vs-one';
      within(f, 'parts', count, ofPairs && outputs > 1 ? (outputs * (outputs - 1)) / 2 : outputs);
      const fit = parts.every(({ node }) => hasMargin(headOf(node)!, head, ofPairs));
      if (weights || divisor || own.precision || decisions || folded || own.transforms || !fit)
        fail(f, 'combine', `${combine} of other parts`);
    }
    return { outputs, parts, combine, folded, ...own, head };
  },
  gives<Part>(
    node: Ensemble<Part>,
    given: ValueType,
    path: string,
    outputOf: (part: Part, given: ValueType, path: string) => ValueType,
  ): ValueType {
    checkParts(node.parts, given, path, outputOf);
    return scores(node);
  },
} as const;

/** Which of `columns` classes those of a part are; null of a regressor, whose targets are as many. */
function validateClasses(part: Fields, head: Head, columns: number): UintArray | null {
  if (head.task === 'regressor') {
    within(part, 'node', head.targets, columns);
    return null;
  }
  if (head.task !== 'classifier') return fail(part, 'node', 'predicts nothing');
  within(part, 'node', head.labels.length, 1);
  return read(part, 'classes', unique(indices(columns, uintTypes, classCount(head))));
}

function validateDecisions<Part>(
  f: Fields,
  parts: readonly EnsemblePart<Part>[],
  head: Head,
): void {
  const classes = head.task === 'classifier' ? classCount(head) : 0;
  const expected = classes === 2 ? 1 : classes;
  parts.forEach(({ node }, i) => {
    const own = headOf(node)!;
    const fits =
      own.task === 'classifier' && own.decisionFunction && decisionColumns(own) === expected;
    if (!fits) fail(f, 'decisions', `part ${i} has no such margins`);
  });
}

/** Whether a part has a margin of two classes, and answers what its ensemble, with the head `all`, does: of pairs, votes alone. */
function hasMargin(own: Head, all: Head, ofPairs: boolean): boolean {
  if (all.task !== 'classifier' || (ofPairs && all.probability !== null)) return false;
  if (own.task === 'regressor')
    return !ofPairs && own.targets === 1 && !all.decisionFunction && all.probability === null;
  return (
    own.task === 'classifier' &&
    own.labels.length === 1 &&
    classCount(own) === 2 &&
    (own.decisionFunction
      ? decisionColumns(own) === 1
      : own.probability !== null && (ofPairs || !all.decisionFunction)) &&
    (own.probability !== null || all.probability === null)
  );
}
