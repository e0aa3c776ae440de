import type { ArrayOf, Fields } from './fields.js';
import { type Head, validateHead } from './head.js';
import { type NodeRules, scores } from './rules.js';
import type { NonFinitePolicy, Own } from './value.js';

/** Dot products: X · coefficientsᵀ + intercepts. The raw scores of every linear model, with the link in its head; without one, a projection. */
export interface Linear {
  readonly kind: 'linear';
  /** Columns of the input. */
  readonly features: number;
  /** Columns of the products. */
  readonly outputs: number;
  readonly nonFinite: NonFinitePolicy;
  /** [outputs × features], row after row. float32 only with float32 inputs gives float32 scores, as in numpy. */
  readonly coefficients: Floats;
  /** [outputs]. */
  readonly intercepts: Floats;
  /** How the standard deviation of predictions is found; null where the estimator has none. */
  readonly deviation: Deviation | null;
  /** How far numbers may be from the source's own, which it finds anew at each call. Only comparisons ask. */
  readonly uncertainty?: Uncertainty;
  /** Null where the products are handed on as a dense value. */
  readonly head: Head | null;
}

export interface Uncertainty {
  /** [outputs × features], none negative; null for 0. */
  readonly coefficients: Float64Array | null;
  /** [outputs], none negative; null for 0. */
  readonly intercepts: Float64Array | null;
}

/** √(zᵀ · covariance · z + noise), z being the columns of the input, less an offset and divided by a scale each: a Bayesian regression's. */
export interface Deviation {
  /** [features]; null for 0. */
  readonly offsets: Floats | null;
  /** [features], none of them 0; null for 1. */
  readonly scales: Floats | null;
  /** [features × features]. */
  readonly covariance: Floats;
  /** [1]. */
  readonly noise: Float64Array;
}

const floatTypes = ['float64', 'float32'] as const;
type FloatType = (typeof floatTypes)[number];
type Floats = ArrayOf<FloatType>;

export const linearRules: NodeRules<Linear> = {
  kind: 'linear',
  validate: validateLinear,
  gives: scores,
};

function validateLinear(f: Fields, features: number): Own<Linear> {
  const outputs = f.integer('outputs', 1, f.limits.classes);
  const head = f.optional('head', () => validateHead(f.map('head'), outputs));
  const uncertainty = f.optional('uncertainty', (name) =>
    validateUncertainty(f.map(name), features * outputs, outputs),
  );
  return {
    outputs,
    coefficients: f.finite('coefficients', features * outputs, floatTypes),
    intercepts: f.finite('intercepts', outputs, floatTypes),
    deviation: f.optional('deviation', (name) => {
      if (outputs !== 1 || head === null) f.fail(name, 'only for one output');
      return validateDeviation(f.map(name), features);
    }),
    ...(uncertainty && { uncertainty }),
    head,
  };
}

function validateUncertainty(f: Fields, coefficients: number, outputs: number): Uncertainty {
  const sizes = (name: string, count: number) =>
    f.optional(name, () => {
      const values = f.finite(name, count);
      return values.every((value) => value >= 0) ? values : f.fail(name, 'negative');
    });
  return {
    coefficients: sizes('coefficients', coefficients),
    intercepts: sizes('intercepts', outputs),
  };
}

function validateDeviation(f: Fields, features: number): Deviation {
  const scales = f.optional('scales', f.finite<FloatType>, features, floatTypes);
  if (scales?.includes(0)) f.fail('scales', 'none may be 0');
  return {
    offsets: f.optional('offsets', f.finite<FloatType>, features, floatTypes),
    scales,
    covariance: f.finite('covariance', features * features, floatTypes),
    noise: f.finite('noise', 1),
  };
}
