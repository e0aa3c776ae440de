import { finite, readAll } from './fields.js';
import type { NodeRules } from './rules.js';
import { denseOnly, type NonFinitePolicy } from './value.js';

/** Centres similarities to reference rows: less each column's mean over those and each row's own, plus the mean of all. KernelCenterer. */
export interface Center {
  readonly kind: 'center';
  readonly features: number;
  readonly nonFinite: NonFinitePolicy;
  /** [features]: the columns' means. */
  readonly means: Float64Array;
  /** [1]: the mean of all. */
  readonly mean: Float64Array;
}

export const centerRules: NodeRules<Center> = {
  kind: 'center',
  takes: denseOnly,
  validate: (f, features) => readAll(f, { means: finite(features), mean: finite(1) }),
};
