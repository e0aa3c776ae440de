import {
  type Floats,
  finite,
  flag,
  floats,
  notBelow,
  oneOf,
  optional,
  positive,
  read,
  readAll,
  readOutputs,
  sized,
} from './fields.js';
import { type Head, readHead } from './head.js';
import { type NodeRules, scores } from './rules.js';
import { denseOnly, type NonFinitePolicy } from './value.js';

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

/** Constants of a score: more would only cost time. */
const mostConstants = 8;

export const gaussianRules: NodeRules<Gaussian> = {
  kind: 'gaussian',
  takes: denseOnly,
  validate(f, features) {
    const outputs = readOutputs(f);
    const distance = read(f, 'distance', oneOf(...distances));
    const size = outputs * features;
    const ofVariances = distance === 'variances';
    const ofFactors = distance === 'factors';
    // Of each output.
    const most = ofVariances ? 1 : ofFactors ? f.limits.features : features;
    const scales = sized(floats(), ofFactors ? 1 : most, most, size);
    return {
      outputs,
      distance,
      ...readAll(
        f,
        {
          means: floats(size),
          scales: ofVariances ? positive(scales) : scales,
          constants: sized(floats(), 1, mostConstants, outputs),
          rounded: optional(oneOf(...roundings)),
          expanded: flag,
          uncertainty: optional(notBelow(0, finite(outputs))),
          head: readHead(outputs),
        },
        { spread: notBelow(0, finite(size)) },
      ),
    };
  },
  gives: scores,
};
