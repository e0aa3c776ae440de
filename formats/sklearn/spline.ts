import type { Node, Spline } from '../../src/ir/index.js';
import { beyonds, splineCounts } from '../../src/ir/index.js';
import { toFloat64 } from './arrays.js';
import { curve } from './distribution.js';
import { type Estimator, isArray } from './estimator.js';
import type { LoweringTable } from './table.js';

/** sklearn.preprocessing: splines */
export const splineTable: LoweringTable = {
  'sklearn.preprocessing._polynomial.SplineTransformer': lowerSplineTransformer,
};

function lowerSplineTransformer(transformer: Estimator): Node {
  const features = transformer.features();
  const degree = transformer.integer('degree');
  const all = transformer
    .children('bsplines_', ['scipy.interpolate._bsplines.BSpline'])
    .map((spline) => readKnots(spline, degree));
  const count = all[0]?.length ?? 0;
  if (all.length !== features || all.some(({ length }) => length !== count))
    return transformer.refuse(
      'bsplines_',
      `expected as many knots for each of ${features} columns`,
    );
  const extrapolation = transformer.text('extrapolation');
  const isError = extrapolation === 'error';
  const beyond = beyonds.find((one) => one === (isError ? 'continue' : extrapolation));
  if (beyond === undefined) return transformer.refuse('extrapolation', 'is not known');
  // scikit-learn then refuses such cells, or goes by other knots from the second column on.
  if (
    (beyond === 'constant' && degree === 0) ||
    (beyond === 'linear' && degree < 2 && features > 1)
  )
    transformer.refuse('extrapolation', `${extrapolation} with degree ${degree} is not supported`);
  // A parameter since 1.9.
  const takesMissing = transformer.maybe('handle_missing') === 'zeros';
  const spline: Spline = {
    kind: 'spline',
    features,
    nonFinite: takesMissing ? 'any' : 'refuse',
    degree,
    knots: Float64Array.from(all.flatMap((knots) => [...knots])),
    beyond,
    withoutLast: !transformer.flag('include_bias'),
    sparse: transformer.maybe('sparse_output') === true,
  };
  const { splines, columns } = splineCounts(spline);
  if (columns < 1) transformer.refuse('', 'gives no column');
  if (!isError) return spline;
  const ends = (at: number) => Float64Array.from(all, (knots) => knots[at]!);
  const check = curve(features, [
    { operation: 'within', lows: ends(degree), highs: ends(splines) },
  ]);
  return { kind: 'pipeline', steps: [{ ...check, nonFinite: spline.nonFinite }, spline] };
}

function readKnots(spline: Estimator, degree: number): Float64Array {
  // The name of newer SciPys, and of older ones.
  const name = spline.has('_t') ? '_t' : 't';
  const array = spline.get(name);
  const knots = isArray(array) && array.shape.length === 1 ? toFloat64(array) : null;
  const ascend = knots?.every(
    (knot, i) => Number.isFinite(knot) && !(knot < (knots[i - 1] ?? knot)),
  );
  if (knots === null || !ascend || knots.length < 2 * degree + 2 || spline.integer('k') !== degree)
    return spline.refuse(name, `expected ascending knots of splines of degree ${degree}`);
  return knots;
}
