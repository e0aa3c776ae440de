import { expectAscending, type Fields } from './fields.js';
import type { NodeRules } from './rules.js';
import type { NonFinitePolicy } from './value.js';

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
  takes: () => ['dense'],
  validate: (f, features) => ({
    operations: f.maps('operations').map((one): CurveOperation => {
      const operation = one.oneOf('operation', [
        ...powerTransformNames,
        ...normalNames,
        ...(['interpolate', 'within'] as const),
      ]);
      switch (operation) {
        case 'interpolate':
          return validateInterpolate(one, features);
        case 'within': {
          const lows = one.array('lows', ['float64'], features);
          return { operation, lows, highs: one.array('highs', ['float64'], features) };
        }
        case 'ndtr':
        case 'ndtri':
          return { operation };
        default:
          return {
            operation,
            lambdas: one.finite('lambdas', features, ['float64', 'float32']),
            rounded: one.flag('rounded'),
          };
      }
    }),
  }),
};

function validateInterpolate(f: Fields, features: number): Interpolate {
  const places = f.finite('places');
  const starts = f.starts('starts', features, features, places.length, 1);
  expectAscending(f, 'places', places, starts);
  return {
    operation: 'interpolate',
    starts,
    places,
    values: f.finite('values', places.length),
    rule: f.oneOf('rule', interpolationRules),
    margin: f.optional('margin', f.finite<'float64'>, 1),
    outside: f.optional('outside', f.oneOf<'nan'>, ['nan']),
  };
}
