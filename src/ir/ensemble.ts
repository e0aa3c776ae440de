import { headOf } from './answering.js';
import { classCount } from './answers.js';
import { type Fields, type UintArray, uintTypes } from './fields.js';
import { decisionColumns, type Head, validateHead } from './head.js';
import { scores } from './rules.js';
import { typeOfPart } from './union.js';
import type { Own, ValueKind, ValueType } from './value.js';

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
  takes: (): readonly ValueKind[] => ['dense', 'sparse', 'columns'],
  validate<Part>(
    f: Fields,
    features: number,
    inside: (value: unknown, path: string, mayAnswer: 'must') => Part,
  ): Own<Ensemble<Part>> {
    const outputs = f.integer('outputs', 1, f.limits.classes);
    const combine = f.oneOf('combine', combinations);
    const folded = f.flag('folded');
    if (folded) f.within('outputs', outputs, 1, 1);
    const columns = folded ? 2 : outputs;
    const ofMargins = combine.startsWith('one-vs');
    const parts = f.notEmpty('parts', f.maps('parts')).map((part) => {
      const chosen = part.optional('columns', part.indices<'uint32'>, features);
      const node = inside(part.get('node'), `${part.path}.node`, 'must');
      const classes = ofMargins ? null : validateClasses(part, headOf(node)!, columns);
      return { columns: chosen, node, classes };
    });
    const ofClasses = parts[0]!.classes !== null;
    if (parts.some(({ classes }) => (classes !== null) !== ofClasses))
      f.fail('parts', 'classifiers and regressors');
    if (!ofMargins && combine !== 'mean' && ofClasses !== (combine !== 'median'))
      f.fail('combine', `${combine} of other parts`);
    parts.forEach(({ node }, i) => {
      const head = headOf(node)!;
      const asked = combine === 'mean' || combine === 'samme-r';
      if (head.task === 'classifier' && asked && head.probability === null)
        f.fail(`parts[${i}].node`, 'has no probabilities');
      if (head.task === 'classifier' && combine === 'vote' && head.outlierLabels)
        f.fail(`parts[${i}].node`, 'may choose none of its classes');
    });
    const count = parts.length;
    const divisor = f.optional('divisor', f.finite<'float64'>, 1);
    if (divisor?.[0] === 0) f.fail('divisor', '0');
    const misses = f.optional('misses', f.finite<'float64'>, count);
    if (misses !== null && combine !== 'vote') f.fail('misses', 'only with votes');
    if (combine === 'median' && (divisor !== null || outputs !== 1))
      f.fail('combine', 'a median is of one column and not divided');
    const decisions = f.optional('decisions', f.oneOf<'mean'>, ['mean']);
    const head = validateHead(f.map('head'), outputs, true, false, decisions !== null);
    if (head.task === 'classifier' && head.logProbability === 'parts' && combine !== 'mean')
      f.fail('head', 'logarithms of no probabilities');
    if (decisions !== null) validateDecisions(f, parts, head);
    const weights = f.optional('weights', f.finite<'float64'>, count);
    const precision = f.optional('precision', f.oneOf<'float64'>, ['float64']);
    const transforms = f.flag('transforms');
    const { threshold } = head.task === 'classifier' ? head : {};
    if (threshold && (decisions !== null || (ofMargins && threshold.of === 'predict_proba')))
      f.fail('head.threshold', 'of what scores do not tell');
    if (ofMargins) {
      const ofPairs = combine === 'one-vs-one';
      const expected = ofPairs && outputs > 1 ? (outputs * (outputs - 1)) / 2 : outputs;
      f.within('parts', count, expected, expected);
      const fit = parts.every(({ node }) => hasMargin(headOf(node)!, head, ofPairs));
      if (
        (weights ?? divisor ?? precision ?? decisions ?? (folded || transforms || !fit)) !== false
      )
        f.fail('combine', `${combine} of other parts`);
    }
    return {
      outputs,
      parts,
      combine,
      weights,
      misses,
      divisor,
      folded,
      precision,
      decisions,
      transforms,
      head,
    };
  },
  gives<Part>(
    node: Ensemble<Part>,
    given: ValueType,
    path: string,
    outputOf: (part: Part, given: ValueType, path: string) => ValueType,
  ): ValueType {
    node.parts.forEach(({ columns, node: part }, i) => {
      outputOf(part, typeOfPart(columns, given), `${path}.parts[${i}].node`);
    });
    return scores(node);
  },
} as const;

/** Which of `columns` classes those of a part are; null of a regressor, whose targets are as many. */
function validateClasses(part: Fields, head: Head, columns: number): UintArray | null {
  if (head.task === 'regressor') {
    part.within('node', head.targets, columns, columns);
    return null;
  }
  if (head.task !== 'classifier') return part.fail('node', 'predicts nothing');
  part.within('node', head.labels.length, 1, 1);
  const classes = part.indices('classes', columns, uintTypes, classCount(head));
  return part.unique('classes', classes);
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
    if (!fits) f.fail('decisions', `part ${i} has no such margins`);
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
