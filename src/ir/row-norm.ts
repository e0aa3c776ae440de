import type { Fields } from './fields.js';

/** Divides each row by its norm; rows of norm 0 stay. */
export interface RowNorm {
  readonly kind: 'row-norm';
  readonly features: number;
  readonly norm: Norm;
}

/** The sum of absolute values, the root of the sum of squares, the largest absolute value. */
export const norms = ['l1', 'l2', 'max'] as const;
export type Norm = (typeof norms)[number];

export function validateRowNorm(f: Fields): RowNorm {
  return {
    kind: 'row-norm',
    features: f.integer('features', 1, f.limits.features),
    norm: f.oneOf('norm', norms),
  };
}
