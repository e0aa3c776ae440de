import {
  every,
  type Fields,
  type Floats,
  fail,
  finite,
  floats,
  map,
  notBelow,
  optional,
  readAll,
  readOutputs,
} from './fields.js';
import { type Head, readHead } from './head.js';
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

export const linearRules: NodeRules<Linear> = {
  kind: 'linear',
  validate: validateLinear,
  gives: scores,
};

function validateLinear(f: Fields, features: number): Own<Linear> {
  const outputs = readOutputs(f);
  const size = features * outputs;
  const linear = readAll(
    f,
    {
      coefficients: floats(size),
      intercepts: floats(outputs),
      deviation: optional(map((deviation) => validateDeviation(deviation, features))),
      head: optional(readHead(outputs)),
    },
    {
      uncertainty: map((sizes) =>
        readAll(sizes, {
          coefficients: optional(notBelow(0, finite(size))),
          intercepts: optional(notBelow(0, finite(outputs))),
        }),
      ),
    },
  );
  if (linear.deviation && (outputs > 1 || !linear.head)) fail(f, 'deviation', 'of no one output');
  return { outputs, ...linear };
}

const validateDeviation = (f: Fields, features: number): Deviation =>
  readAll(f, {
    offsets: optional(floats(features)),
    scales: optional(every(floats(features), 'a number but 0', (scale) => scale !== 0)),
    covariance: floats(features * features),
    noise: finite(1),
  });
