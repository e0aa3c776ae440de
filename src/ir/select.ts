import { indices, readAll, sized } from './fields.js';
import type { NodeRules } from './rules.js';

/** Chooses columns of a matrix, in any order, repeats allowed: what a sub-model on a subset of the features sees. */
export interface Select {
  readonly kind: 'select';
  /** Columns of the input. */
  readonly features: number;
  /** Columns of the output, as indices into the input's. */
  readonly columns: Uint32Array;
}

export const selectRules: NodeRules<Select> = {
  kind: 'select',
  takesAny: true,
  validate: (f, features) => readAll(f, { columns: sized(indices(features), 1, Infinity) }),
  gives: ({ columns }, { kind }) => ({ kind, columns: columns.length }),
};
