import { oneOf, readAll } from './fields.js';
import type { NodeRules } from './rules.js';
import type { NonFinitePolicy } from './value.js';

/** Divides each row by its norm; rows of norm 0 stay. */
export interface RowNorm {
  readonly kind: 'row-norm';
  readonly features: number;
  readonly nonFinite: NonFinitePolicy;
  readonly norm: Norm;
}

/** The sum of absolute values, the root of the sum of squares, the largest absolute value. */
export const norms = ['l1', 'l2', 'max'] as const;
export type Norm = (typeof norms)[number];

export const rowNormRules: NodeRules<RowNorm> = {
  kind: 'row-norm',
  validate: (f) => readAll(f, { norm: oneOf(...norms) }),
};
