import { indices, read, starts } from './fields.js';
import type { NodeRules } from './rules.js';
import type { NonFinitePolicy } from './value.js';

/** Products of columns. */
export interface Polynomial {
  readonly kind: 'polynomial';
  readonly features: number;
  readonly nonFinite: NonFinitePolicy;
  /** [outputs + 1]: where the factors of each output begin. */
  readonly starts: Uint32Array;
  /** Columns to multiply, ascending within an output; an output without factors is 1. */
  readonly factors: Uint32Array;
}

export const polynomialRules: NodeRules<Polynomial> = {
  kind: 'polynomial',
  validate(f, features) {
    const factors = read(f, 'factors', indices(features));
    return { starts: read(f, 'starts', starts(1, f.limits.features, factors.length)), factors };
  },
  gives: ({ starts }, { kind }) => ({ kind, columns: starts.length - 1 }),
};
