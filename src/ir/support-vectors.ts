import type { Fields } from './fields.js';
import { type Head, validateHead } from './head.js';
import { type NodeRules, scores } from './rules.js';
import type { Own } from './value.js';

/**
 * libsvm's classifiers, of similarities to support vectors: a decision between every two classes, and what is made of these.
 *
 * Two classes have one score, their decision, which is above 0 for the second. More have the votes for each, or their scores by `decision_function`
 * where ties are broken by those.
 */
export interface SupportVectors {
  readonly kind: 'support-vectors';
  /** Columns of the input: similarities to the support vectors, class after class. */
  readonly features: number;
  /** 1 for two classes, else one a class. */
  readonly outputs: number;
  /** [classes + 1]: where the support vectors of each class begin. */
  readonly starts: Uint32Array;
  /** [(classes − 1) × features]: what each counts in the decisions between its class and the others, which come in their order. */
  readonly coefficients: Float64Array;
  /** [decisions]: one for each two classes, the first with the second, with the third … */
  readonly intercepts: Float64Array;
  /** Whether the largest score decides, and not the most votes. */
  readonly breakTies: boolean;
  /** [decisions × 2], a and b: the first of two has the probability expit(−(a · decision + b)). Null where there are no probabilities. */
  readonly sigmoids: Float64Array | null;
  /** With `pairs`, `decision_function` gives the decisions; else a score for each class. */
  readonly head: Head;
}

/** Probabilities of so many classes are found together, which takes the cube of their number. */
const mostCoupled = 512;

export const supportVectorsRules: NodeRules<SupportVectors> = {
  kind: 'support-vectors',
  takesAny: true,
  takes: () => ['dense'],
  validate: validateSupportVectors,
  gives: scores,
};

function validateSupportVectors(f: Fields, features: number): Own<SupportVectors> {
  const outputs = f.integer('outputs', 1, f.limits.classes);
  if (outputs === 2) f.fail('outputs', 'two classes have one');
  const head = validateHead(f.map('head'), outputs, false, true);
  if (head.task !== 'classifier' || head.labels.length > 1) f.fail('head', 'no classifier');
  const classes = outputs === 1 ? 2 : outputs;
  const intercepts = f.finite('intercepts', (classes * (classes - 1)) / 2);
  if (f.get('sigmoids') && classes > mostCoupled)
    f.fail('sigmoids', `for more than ${mostCoupled} classes`);
  const breakTies = f.flag('breakTies');
  if (breakTies && (outputs === 1 || head.pairs)) f.fail('breakTies', 'no scores to go by');
  const sigmoids = f.optional('sigmoids', f.finite<'float64'>, 2 * intercepts.length);
  if (
    (sigmoids === null) !== (head.probability === null) ||
    (sigmoids && head.probability !== 'own')
  )
    f.fail('sigmoids', 'probabilities are found by these, and no others');
  return {
    outputs,
    starts: f.starts('starts', classes, classes, features),
    coefficients: f.finite('coefficients', (classes - 1) * features),
    intercepts,
    breakTies,
    sigmoids,
    head,
  };
}
