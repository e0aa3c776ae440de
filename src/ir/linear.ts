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
  /** How the standard deviation of predictions is found; null where the estimator has none. */
  readonly deviation: Deviation | null;
  readonly head: Head;
}

/** √(zᵀ · covariance · z + noise), z being some columns of the input, less an offset and divided by a scale each: a Bayesian regression's. */
export interface Deviation {
  /** Columns of the input that take part. */
  readonly columns: Uint32Array;
  /** [columns]; null for 0. */
  readonly offsets: Float64Array | Float32Array | null;
  /** [columns], none of them 0; null for 1. */
  readonly scales: Float64Array | Float32Array | null;
  /** [columns × columns]. */
  readonly covariance: Float64Array | Float32Array;
  /** [1]. */
  readonly noise: Float64Array;
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
    deviation: f.optional('deviation', (name) => validateDeviation(f.map(name), features, outputs)),
    head: validateHead(f.map('head'), outputs),
  };
}

function validateDeviation(f: Fields, features: number, outputs: number): Deviation {
  if (outputs !== 1) f.fail('columns', 'only for one output');
  const columns = f.indices('columns', features);
  const { length } = columns;
  const floats = (name: string, count: number) => {
    const values = f.array(name, ['float64', 'float32'], count);
    f.finite(name, values);
    return values;
  };
  const scales = f.optional('scales', (name) => floats(name, length));
  if (scales?.includes(0)) f.fail('scales', 'none may be 0');
  const noise = f.array('noise', ['float64'], 1);
  f.finite('noise', noise);
  return {
    columns,
    offsets: f.optional('offsets', (name) => floats(name, length)),
    scales,
    covariance: floats('covariance', length * length),
    noise,
  };
}
