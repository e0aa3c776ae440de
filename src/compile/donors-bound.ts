import type { Donors } from '../ir/index.js';
import { ulpOf } from '../math/ulp.js';
import { compileDonors } from './donors.js';
import { type Around, boundMeans, doubtsOf } from './neighbors-bound.js';

/**
 * How far cells of rows [rows × features], which may be off by `error`, may lie from ours; null where all are the same in every correct evaluation.
 *
 * scikit-learn's squares of distances come of dot products: ‖x‖² − 2xy + ‖y‖², less the squares of cells that the other row has not got, is off by
 * (20 + 2√n)·2⁻⁵³·Σ(|x| + |y|)², and not at all where all numbers are integers. Which of rows as far away it takes hangs on the order of a partition.
 */
export function boundDonors(
  node: Donors,
  cells: Float64Array,
  error: Float64Array | null,
  singleRows: boolean,
): Float64Array | null {
  const { features, nearest, weigh, distant } = node;
  const { stored, found, far, measure, choose } = compileDonors(node);
  const single = singleRows && node.rows instanceof Float32Array;
  const unit = single ? 2 ** -24 : 2 ** -53;
  const result = error?.slice() ?? new Float64Array(cells.length);
  for (let from = 0; from < cells.length; from += features) {
    const row = cells.subarray(from, from + features);
    if (!row.some(Number.isNaN)) continue;
    measure(row);
    const moves = error?.subarray(from, from + features).map((one) => one || 0);
    const moved = moves ? Math.sqrt(features * moves.reduce((sum, one) => sum + one * one, 0)) : 0;
    const off = far.map((distance, i) => {
      const off = distanceError(row, stored.subarray(i * features), distance, unit);
      return moved + off;
    });
    row.forEach((cell, col) => {
      if (!Number.isNaN(cell)) return;
      const count = choose(col);
      if (count === 0) return;
      const has = (i: number) =>
        !Number.isNaN(stored[i * features + col]) && (distant || !Number.isNaN(far[i]));
      const rows = Array.from(far.keys()).filter(has);
      const places = new Map(rows.map((i, place) => [i, place]));
      const chosen = Array.from(found.indices.subarray(0, count), (i) => places.get(i)!);
      // Rows without a distance are as far away as each other, and farther than all that have one.
      const distances = Float64Array.from(
        rows,
        (i) => far[i]! || (far[i] === 0 ? 0 : Number.MAX_VALUE),
      );
      const errors = Float64Array.from(rows, (i) => off[i] || 0);
      const doubtful =
        rows.length > nearest ? doubtsOf(distances, errors, new Set(chosen), true) : [];
      const around: Around = { far: distances, off: errors, chosen, doubtful, unordered: true };
      const targets = Float64Array.from(rows, (i) => stored[i * features + col]!);
      boundMeans(
        { targets, weigh, empty: null },
        around,
        result.subarray(from + col, from + col + 1),
      );
      if (node.rows instanceof Float32Array || singleRows)
        result[from + col]! +=
          (4 + count) * 2 ** -23 * targets.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
    });
  }
  return result.every((one) => one === 0) ? null : result;
}

/** How far the distance of a row to a stored one may be off. */
function distanceError(
  row: Float64Array,
  stored: Float64Array,
  distance: number,
  unit: number,
): number {
  const count = row.length;
  let size = 0;
  let shared = 0;
  let whole = true;
  for (let i = 0; i < count; i++) {
    const x = row[i]! || 0;
    const y = stored[i]! || 0;
    const both = Math.abs(x) + Math.abs(y);
    size += both * both;
    whole &&= Number.isInteger(x) && Number.isInteger(y);
    if (!Number.isNaN(row[i]! - stored[i]!)) shared++;
  }
  const steps = unit === 2 ** -53 ? 4 : 2 ** 31;
  // The quotient and its root are the same everywhere, but in float32.
  if (whole && size * unit < 1) return unit === 2 ** -53 ? 0 : steps * ulpOf(distance);
  const square = ((20 + 2 * Math.sqrt(count)) * unit * size * count) / shared;
  const least = distance * distance;
  // The steeper side of the root; all of it where the square may be 0.
  const root = least > square ? distance - Math.sqrt(least - square) : Math.sqrt(least + square);
  return root + steps * ulpOf(distance);
}
