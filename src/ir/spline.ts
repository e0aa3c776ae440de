import { fail, finite, flag, integer, oneOf, read, readAll, sized, within } from './fields.js';
import { denseOr, type NodeRules } from './rules.js';
import { denseOnly, type NonFinitePolicy } from './value.js';

/** Makes of each column the values of B-splines: a few of them are not 0. SplineTransformer. */
export interface Spline {
  readonly kind: 'spline';
  readonly features: number;
  /** Where it is taken, a missing cell has 0 in all its columns. */
  readonly nonFinite: NonFinitePolicy;
  readonly degree: number;
  /** [features × knots], ascending within a feature; the first and the last that cells lie between are `degree` from either end. */
  readonly knots: Float64Array;
  readonly beyond: Beyond;
  /** Whether the last spline of each feature is left out. */
  readonly withoutLast: boolean;
  readonly sparse: boolean;
}

/**
 * What splines are beyond the first and the last knot that cells lie between: what they are there (`constant`), on along the tangent
 * (`linear`), on along the polynomial (`continue`), or from the beginning again (`periodic`: the last `degree` splines are the first).
 */
export const beyonds = ['constant', 'linear', 'continue', 'periodic'] as const;
export type Beyond = (typeof beyonds)[number];

/** Knots of each feature, and the columns that are made of it. */
export function splineCounts(node: Omit<Spline, 'kind' | 'nonFinite'>): {
  readonly knots: number;
  readonly splines: number;
  readonly columns: number;
} {
  const knots = node.knots.length / node.features;
  const splines = knots - node.degree - 1;
  const columns = splines - (node.beyond === 'periodic' ? node.degree : 0);
  return { knots, splines, columns: columns - Number(node.withoutLast) };
}

export const splineRules: NodeRules<Spline> = {
  kind: 'spline',
  takes: denseOnly,
  validate(f, features) {
    // An evaluation takes the square of it.
    const degree = read(f, 'degree', integer(0, f.limits.nesting));
    const spline = {
      degree,
      ...readAll(f, {
        knots: sized(finite(), 2 * degree + 2, f.limits.features, features),
        beyond: oneOf(...beyonds),
        withoutLast: flag,
        sparse: flag,
      }),
    };
    const { knots } = spline;
    const { knots: count, columns } = splineCounts({ features, ...spline });
    for (let i = 1; i < knots.length; i++) {
      const step = i % count > 0 ? knots[i]! - knots[i - 1]! : 0;
      // What is divided by a smaller one is infinite.
      if (step < 0 || (step > 0 && step < 2 ** -1022))
        fail(f, `knots[${i}]`, step < 0 ? 'not ascending' : 'too near');
    }
    within(f, 'withoutLast', columns * features, 1, f.limits.features);
    return spline;
  },
  gives: (node) => denseOr(node.sparse, node.features * splineCounts(node).columns),
};
