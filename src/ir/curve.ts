import {
  expectAscending,
  type Fields,
  finite,
  flag,
  float64s,
  floats,
  list,
  map,
  oneOf,
  optional,
  read,
  readAll,
  starts,
} from './fields.js';
import type { NodeRules } from './rules.js';
import { denseOnly, type NonFinitePolicy } from './value.js';

/** Changes every cell by a curve of its column, one after another: what gives columns another distribution. Results are stored as floats of the input are. */
export interface Curve {
  readonly kind: 'curve';
  /** Columns of the input and of the output. */
  readonly features: number;
  readonly nonFinite: NonFinitePolicy;
  readonly operations: readonly CurveOperation[];
}

/** `ndtr` and `ndtri` are SciPy's: the normal distribution, and its inverse. */
export type CurveOperation =
  | Interpolate
  | PowerTransform
  | Within
  | { readonly operation: (typeof normalNames)[number] };

const normalNames = ['ndtr', 'ndtri'] as const;

/** A broken line through points (place, value) of the column; NaN stays NaN. */
export interface Interpolate {
  readonly operation: 'interpolate';
  /** [features + 1]: where each column's points begin. Each column has at least one. */
  readonly starts: Uint32Array;
  /** Ascending within a column. */
  readonly places: Float64Array;
  readonly values: Float64Array;
  readonly rule: InterpolationRule;
  /** [1]: cells within this distance of an end, the first one deciding, have its value; where it is 0, cells equal to it. null: none have. */
  readonly margin: Float64Array | null;
  /** What becomes of cells beyond the ends: null, their values. */
  readonly outside: 'nan' | null;
}

/**
 * * `below`: from the last place that is not above the cell, as numpy's interp.
 * * `both`: half of the sum of that and what is found from the first place that is not below the cell.
 * * `single`: from the last place below the cell, cells, points and each step being float32, as SciPy's interp1d of float32 points.
 */
export const interpolationRules = ['below', 'both', 'single'] as const;
export type InterpolationRule = (typeof interpolationRules)[number];

/** A transform with a power, λ, for each column. */
export interface PowerTransform {
  readonly operation: PowerTransformName;
  /** [features]. What is calculated of float32 ones alone is float32, and with float32 cells each step. */
  readonly lambdas: Float64Array | Float32Array;
  /** Whether λ and each step are float32 where cells are, of any λ; else, with float64 ones, only steps that know no λ are. */
  readonly rounded: boolean;
}

/** `-power` where the power itself is taken; the others go through logarithms. */
export const powerTransformNames = [
  'box-cox',
  'yeo-johnson',
  'yeo-johnson-power',
  'inverse-box-cox',
  'inverse-box-cox-power',
  'inverse-yeo-johnson-power',
] as const;
export type PowerTransformName = (typeof powerTransformNames)[number];

/** Refuses cells outside a range of their column; NaN is in every range. */
export interface Within {
  readonly operation: 'within';
  /** [features] each, both ends being inside. */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
}

export const curveRules: NodeRules<Curve> = {
  kind: 'curve',
  takes: denseOnly,
  validate(f, features) {
    const readOperation = map((one): CurveOperation => {
      const operation = read(
        one,
        'operation',
        oneOf(...powerTransformNames, ...normalNames, 'interpolate', 'within'),
      );
      switch (operation) {
        case 'interpolate':
          return validateInterpolate(one, features);
        case 'within':
          return {
            operation,
            ...readAll(one, { lows: float64s(features), highs: float64s(features) }),
          };
        case 'ndtr':
        case 'ndtri':
          return { operation };
        default:
          return { operation, ...readAll(one, { lambdas: floats(features), rounded: flag }) };
      }
    });
    return readAll(f, { operations: list(readOperation) });
  },
};

function validateInterpolate(f: Fields, features: number): Interpolate {
  const places = read(f, 'places', finite());
  const count = places.length;
  const line = readAll(f, {
    operation: oneOf('interpolate'),
    starts: starts(features, features, count, 1),
    values: finite(count),
    rule: oneOf(...interpolationRules),
    margin: optional(finite(1)),
    outside: optional(oneOf('nan')),
  });
  expectAscending(f, 'places', places, line.starts);
  return { places, ...line };
}
