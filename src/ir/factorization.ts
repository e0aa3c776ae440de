import { type Floats, finite, floats, integer, notBelow, oneOf, read, readAll } from './fields.js';
import { type NodeRules, scores } from './rules.js';
import type { NonFinitePolicy } from './value.js';

/** How much of each component is in a row: found by steps that are repeated until it moves little. */
export interface Factorization {
  readonly kind: 'factorization';
  /** Columns of the input. */
  readonly features: number;
  /** Components, and columns of the output. */
  readonly outputs: number;
  readonly nonFinite: NonFinitePolicy;
  /** [outputs × features], row after row, none below 0. Numbers are rounded to their type in every step, and rows before the first. */
  readonly components: Floats;
  /** What a step does. */
  readonly update: Update;
  /** [1]: what is added to each component's share, of `variational` alone. */
  readonly prior: Float64Array;
  /** The most steps that a row takes. */
  readonly iterations: number;
  /** [1]: steps end where it moves less. */
  readonly tolerance: Float64Array;
}

/** `variational`: the expected topics of a document, as variational Bayes finds them. */
export const updates = ['variational'] as const;
export type Update = (typeof updates)[number];

/** A row takes `iterations` times as many multiplications as there are numbers in the file. */
const mostIterations = 10_000;
const mostComponents = 1024;

/** ψ is finite above, and does what scikit-learn's does. */
const leastPrior = 2 ** -19;

export const factorizationRules: NodeRules<Factorization> = {
  kind: 'factorization',
  validate(f, features) {
    const outputs = read(f, 'outputs', integer(1, mostComponents));
    return {
      outputs,
      ...readAll(f, {
        components: notBelow(0, floats(outputs * features)),
        update: oneOf(...updates),
        prior: notBelow(leastPrior, finite(1)),
        iterations: integer(0, mostIterations),
        tolerance: notBelow(0, finite(1)),
      }),
    };
  },
  gives: scores,
};
