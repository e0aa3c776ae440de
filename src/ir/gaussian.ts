import type { ArrayOf, Fields } from './fields.js';
import { type Head, validateHead } from './head.js';
import { type NodeRules, scores } from './rules.js';
import type { NonFinitePolicy } from './value.js';

/**
 * Raw scores that are logarithms of Gaussian densities: −½ · (d + the first constant), and the other constants added one after another; d is
 * the squared distance of a row to the output's mean.
 */
export interface Gaussian {
  readonly kind: 'gaussian';
  /** Columns of the input. */
  readonly features: number;
  /** Columns of the raw scores: classes, components, or one. */
  readonly outputs: number;
  readonly nonFinite: NonFinitePolicy;
  /** [outputs × features]. */
  readonly means: Floats;
  readonly distance: Distance;
  /**
   * Of each output [features] variances, above 0, [any number × features] factors, or a precision [features × features]. float32 only with float32
   * means and rows gives float32 distances, as in numpy, and with float32 constants float32 scores.
   */
  readonly scales: Floats;
  /** [constants × outputs]. */
  readonly constants: Floats;
  /** What is rounded to float32 of float32 rows, also where it is found in float64: the first constant, or the distance, too; null for nothing. */
  readonly rounded: Rounded | null;
  /** Whether the source multiplies a row before it subtracts what that makes of the mean, and so loses what cancels. Only comparisons ask. */
  readonly expanded: boolean;
  /** [outputs]: how far constants may be from the source's own, which it finds anew at each call; null for 0. Only comparisons ask. */
  readonly uncertainty: Float64Array | null;
  /** [outputs × features]: distances may be off by Σ spread · z², since the source finds `scales` anew at each call; null for 0. Only comparisons ask. */
  readonly spread?: Float64Array;
  readonly head: Head;
}

/**
 * Of z, a row less the mean:
 *
 * * `variances`: Σ zⱼ² / varianceⱼ.
 * * `factors`: Σ (z · factorᵣ)².
 * * `precision`: z · precision · z.
 */
export const distances = ['variances', 'factors', 'precision'] as const;
export type Distance = (typeof distances)[number];

const roundings = ['constant', 'distance'] as const;
export type Rounded = (typeof roundings)[number];

const floatTypes = ['float64', 'float32'] as const;
type Floats = ArrayOf<(typeof floatTypes)[number]>;

/** Constants of a score: more would only cost time. */
const mostConstants = 8;

export const gaussianRules: NodeRules<Gaussian> = {
  kind: 'gaussian',
  takes: () => ['dense'],
  validate(f, features) {
    const outputs = f.integer('outputs', 1, f.limits.classes);
    const uncertainty = f.optional('uncertainty', f.finite<'float64'>, outputs);
    const spread = f.optional('spread', f.finite<'float64'>, outputs * features);
    if (uncertainty?.some(isNegative)) f.fail('uncertainty', 'negative');
    if (spread?.some(isNegative)) f.fail('spread', 'negative');
    const distance = f.oneOf('distance', distances);
    return {
      outputs,
      means: f.finite('means', outputs * features, floatTypes),
      distance,
      scales: validateScales(f, distance, features, outputs),
      constants: validateConstants(f, outputs),
      rounded: f.optional('rounded', f.oneOf<Rounded>, roundings),
      expanded: f.flag('expanded'),
      uncertainty,
      ...(spread && { spread }),
      head: validateHead(f.map('head'), outputs),
    };
  },
  gives: scores,
};

const isNegative = (value: number) => value < 0;

/** Rows of `features` numbers: as many of each output as its distance asks for, or one and more. */
function validateScales(f: Fields, distance: Distance, features: number, outputs: number): Floats {
  const scales = f.finite('scales', undefined, floatTypes);
  const rows = scales.length / features / outputs;
  const most = { variances: 1, factors: f.limits.features, precision: features }[distance];
  f.within('scales', rows, distance === 'factors' ? 1 : most, most);
  if (distance === 'variances' && !scales.every((variance) => variance > 0))
    f.fail('scales', 'expected positive variances');
  return scales;
}

/** Whole rows, of one to so many. */
function validateConstants(f: Fields, outputs: number): Floats {
  const constants = f.finite('constants', undefined, floatTypes);
  const rows = constants.length / outputs;
  f.within('constants', rows, 1, mostConstants);
  return constants;
}
