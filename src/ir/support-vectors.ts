import {
  type Fields,
  fail,
  finite,
  flag,
  oneOf,
  optional,
  readAll,
  readOutputs,
  starts,
} from './fields.js';
import { type Head, readHead } from './head.js';
import { type NodeRules, scores } from './rules.js';
import { denseOnly, type Own } from './value.js';

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
  /** Set where products and decisions are rounded to float32, and so is each step that makes probabilities of these: ONNX Runtime's. */
  readonly precision?: 'float32';
  /** With `pairs`, `decision_function` gives the decisions; else a score for each class. */
  readonly head: Head;
}

/** Probabilities of so many classes are found together, which takes the cube of their number. */
const mostCoupled = 512;

export const supportVectorsRules: NodeRules<SupportVectors> = {
  kind: 'support-vectors',
  takesAny: true,
  takes: denseOnly,
  validate: validateSupportVectors,
  gives: scores,
};

function validateSupportVectors(f: Fields, features: number): Own<SupportVectors> {
  const outputs = readOutputs(f);
  if (outputs === 2) fail(f, 'outputs', 'two classes have one');
  const classes = outputs === 1 ? 2 : outputs;
  const decisions = (classes * (classes - 1)) / 2;
  const machines = readAll(
    f,
    {
      starts: starts(classes, classes, features),
      coefficients: finite((classes - 1) * features),
      intercepts: finite(decisions),
      breakTies: flag,
      sigmoids: optional(finite(2 * decisions)),
      head: readHead(outputs, false, true),
    },
    { precision: oneOf('float32') },
  );
  const { sigmoids, head } = machines;
  if (head.task !== 'classifier' || head.labels.length > 1) return fail(f, 'head', 'no classifier');
  if (sigmoids && classes > mostCoupled)
    fail(f, 'sigmoids', `for more than ${mostCoupled} classes`);
  if (machines.breakTies && (outputs === 1 || head.pairs))
    fail(f, 'breakTies', 'no scores to go by');
  if (sigmoids ? head.probability !== 'own' : head.probability)
    fail(f, 'sigmoids', 'exactly with probability own');
  return { outputs, ...machines };
}
