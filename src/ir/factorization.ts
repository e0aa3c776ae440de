import type { ArrayOf } from './fields.js';
import type { NodeRules } from './rules.js';
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
  readonly components: ArrayOf<'float64' | 'float32'>;
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
    const outputs = f.integer('outputs', 1, mostComponents);
    const iterations = f.integer('iterations', 0, mostIterations);
    const atLeast = <T extends ArrayLike<number>>(name: string, values: T, least: number): T => {
      for (let i = 0; i < values.length; i++)
        if (values[i]! < least) f.fail(`${name}[${i}]`, `expected at least ${least}`);
      return values;
    };
    const types = ['float64', 'float32'] as const;
    return {
      outputs,
      components: atLeast('components', f.finite('components', outputs * features, types), 0),
      update: f.oneOf('update', updates),
      prior: atLeast('prior', f.finite('prior', 1), leastPrior),
      iterations,
      tolerance: atLeast('tolerance', f.finite('tolerance', 1), 0),
    };
  },
  gives: ({ outputs: columns }) => ({ kind: 'dense', columns }),
};
