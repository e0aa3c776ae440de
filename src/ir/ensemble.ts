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
  /** Of a classifier's classes: which of the ensemble's each is; null of a regressor. */
  readonly classes: UintArray | null;
}

/**
 * * `mean`: the sum of what parts predict, or of a classifier's probabilities, each times its weight.
 * * `vote`: a part adds its weight to the class that it chooses, and `misses` to the others.
 * * `samme-r`: the sum of (K − 1) · (log p − mean of log p) over K classes, p being probabilities of at least 2⁻⁵².
 * * `median`: of what parts predict, the first in ascending order at which weights have reached half of their sum.
 */
export const combinations = ['mean', 'vote', 'samme-r', 'median'] as const;
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
    const parts = f.notEmpty('parts', f.maps('parts')).map((part) => {
      const chosen = part.optional('columns', part.indices<'uint32'>, features);
      const node = inside(part.get('node'), `${part.path}.node`, 'must');
      return { columns: chosen, node, classes: validateClasses(part, headOf(node)!, columns) };
    });
    const ofClasses = parts[0]!.classes !== null;
    if (parts.some(({ classes }) => (classes !== null) !== ofClasses))
      f.fail('parts', 'classifiers and regressors');
    if (combine !== 'mean' && ofClasses !== (combine !== 'median'))
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
    const head = validateHead(f.map('head'), outputs, true);
    if (head.task === 'classifier' && head.logProbability === 'parts' && combine !== 'mean')
      f.fail('head', 'logarithms of no probabilities');
    if (decisions !== null) validateDecisions(f, parts, head);
    return {
      outputs,
      parts,
      combine,
      weights: f.optional('weights', f.finite<'float64'>, count),
      misses,
      divisor,
      folded,
      precision: f.optional('precision', f.oneOf<'float64'>, ['float64']),
      decisions,
      transforms: f.flag('transforms'),
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
