import type { Fields } from './fields.js';
import { type Head, validateHead } from './head.js';
import { type NonFinitePolicy, nonFinitePolicies } from './value.js';

/** Raw scores that are dot products: X · coefficientsᵀ + intercepts. Every linear model, with the link in its head. */
export interface Linear {
  readonly kind: 'linear';
  /** Columns of the input. */
  readonly features: number;
  /** Columns of the raw scores. */
  readonly outputs: number;
  readonly nonFinite: NonFinitePolicy;
  /** [outputs × features], row after row. float32 only with float32 inputs gives float32 scores, as in numpy. */
  readonly coefficients: Float64Array | Float32Array;
  /** [outputs]. */
  readonly intercepts: Float64Array | Float32Array;
  readonly head: Head;
}

export function validateLinear(f: Fields): Linear {
  const features = f.integer('features', 1, f.limits.features);
  const outputs = f.integer('outputs', 1, f.limits.classes);
  const coefficients = f.array('coefficients', ['float64', 'float32'], features * outputs);
  const intercepts = f.array('intercepts', ['float64', 'float32'], outputs);
  f.finite('coefficients', coefficients);
  f.finite('intercepts', intercepts);
  return {
    kind: 'linear',
    features,
    outputs,
    nonFinite: f.oneOf('nonFinite', nonFinitePolicies),
    coefficients,
    intercepts,
    head: validateHead(f.map('head'), outputs),
  };
}
