import type { Fields } from './fields.js';

/** Products of columns. */
export interface Polynomial {
  readonly kind: 'polynomial';
  readonly features: number;
  /** [outputs + 1]: where the factors of each output begin. */
  readonly starts: Uint32Array;
  /** Columns to multiply, ascending within an output; an output without factors is 1. */
  readonly factors: Uint32Array;
}

export function validatePolynomial(f: Fields): Polynomial {
  const features = f.integer('features', 1, f.limits.features);
  const factors = f.indices('factors', features);
  const outputs = f.array('starts', ['uint32']).length - 1;
  if (outputs < 1 || outputs > f.limits.features) f.fail('starts', `${outputs} outputs`);
  return {
    kind: 'polynomial',
    features,
    starts: f.starts('starts', outputs, factors.length),
    factors,
  };
}
