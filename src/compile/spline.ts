import { type Spline, splineCounts, splineRules } from '../ir/index.js';
import { firstAbove } from '../math/first-above.js';
import { zeros } from '../math/zeros.js';
import { floatsOf } from './buffer.js';
import type { NodeKind } from './kind.js';
import { writeRows } from './write-rows.js';

export const spline: NodeKind<Spline> = {
  rules: splineRules,
  transform: (node, out) => {
    const { features, degree, knots, beyond } = node;
    const { knots: count, splines, columns } = splineCounts(node);
    const values = zeros(2 * degree + 2);
    const slopes = zeros(2 * degree + 2);
    const row = zeros(splines);
    // The tangent of a spline of degree 1 is not 0 where it begins.
    const continued = degree > 1 ? degree : degree + 1;

    /** The splines of a feature, whose knots begin at `first`, at `x`. */
    function evaluate(first: number, x: number): void {
      const low = knots[first + degree]!;
      const high = knots[first + splines]!;
      const period = high - low;
      row.fill(0);
      if (Number.isNaN(x)) return;
      let at = x;
      if (beyond === 'periodic') at = period > 0 ? low + remainder(x - low, period) : 0;
      else if (beyond !== 'continue') at = x < low ? low : x > high ? high : x;
      if (Number.isNaN(at)) {
        row.fill(at);
        return;
      }
      // The last knot, of those that cells lie between but the very last, that is not above; else the first.
      const knot = firstAbove(knots, at, first + degree + 1, first + splines, false) - 1;
      deBoor(knots, knot, degree, at, 0, values);
      const start = knot - first - degree;
      if (beyond !== 'linear' || at === x) {
        const wrap = beyond === 'periodic' ? splines - degree : splines;
        for (let i = 0; i <= degree; i++) row[(start + i) % wrap]! += values[i]!;
        return;
      }
      deBoor(knots, knot, degree, at, Math.min(1, degree), slopes);
      for (let i = 0; i < continued; i++) {
        const place = x < low ? i : degree - i;
        const slope = degree === 0 ? 0 : slopes[place]!;
        // No −0, as SciPy, which adds to 0.
        row[start + place] = 0 + values[place]! + (x - at) * slope;
      }
    }

    return (x) =>
      writeRows(out, x, floatsOf(x), (line) => {
        for (let feature = 0; feature < features; feature++) {
          evaluate(feature * count, x.data[line * features + feature]!);
          for (let i = 0; i < columns; i++) out.put(feature * columns + i, row[i]!);
        }
      });
  },
};

/** As numpy's: not below 0. */
function remainder(x: number, period: number): number {
  const rest = x % period;
  return rest < 0 ? rest + period : rest + 0;
}

/**
 * Writes the degree + 1 splines, or their first derivatives (`order` 1), that are not 0 where `x` lies, after the knot `interval`: the recurrence of
 * de Boor, step by step as SciPy does it. The second half of `found` is a scratch.
 */
function deBoor(
  knots: Float64Array,
  interval: number,
  degree: number,
  x: number,
  order: number,
  found: Float64Array,
): void {
  found[0] = 1;
  for (let j = 1; j <= degree; j++) {
    const isSlope = j > degree - order;
    found.copyWithin(degree + 1, 0, j);
    found[0] = 0;
    for (let n = 1; n <= j; n++) {
      const above = knots[interval + n]!;
      const below = knots[interval + n - j]!;
      if (above === below) {
        // SciPy's own place of the 0.
        found[isSlope ? order : n] = 0;
        continue;
      }
      const before = found[degree + n]!;
      const weight = (isSlope ? j * before : before) / (above - below);
      found[n - 1]! += isSlope ? -weight : weight * (above - x);
      found[n] = isSlope ? weight : weight * (x - below);
    }
  }
}
