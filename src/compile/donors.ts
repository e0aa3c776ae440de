import { refuse } from '../errors.js';
import { copyRow, isSingle, placeOf } from '../input/dense.js';
import { type Donors, donorsRules } from '../ir/index.js';
import { clearNearest, pushNearest, sortNearest, weighNearest } from '../kernels/nearest.js';
import { pairwiseSum, pairwiseSumOfSingles } from '../math/pairwise-sum.js';
import { zeros } from '../math/zeros.js';
import { floatsOf } from './buffer.js';
import type { NodeKind } from './kind.js';
import { infinitelyFar } from './neighbor-search.js';
import { writeRows } from './write-rows.js';

export const donors: NodeKind<Donors> = {
  rules: donorsRules,
  transform(node, out) {
    const { features, weigh } = node;
    const { measure, choose, found, stored, means } = compileDonors(node);
    const row = zeros(features);
    const terms = zeros(node.nearest);
    return (x) =>
      writeRows(out, x, floatsOf(x), (i) => {
        copyRow(x, i, row);
        if (row.some(Number.isNaN) && measure(row))
          refuse('input-range', placeOf(x, i), infinitelyFar);
        for (let col = 0; col < features; col++) {
          let cell = row[col]!;
          // No stored row has this column.
          if (Number.isNaN(means[col])) cell = 0;
          else if (Number.isNaN(cell)) {
            const count = choose(col);
            const { distances, indices } = found;
            weighNearest(found, count, weigh === 'distance');
            for (let k = 0; k < count; k++)
              terms[k] = stored[indices[k]! * features + col]! * distances[k]!;
            cell =
              count === 0
                ? means[col]!
                : pairwiseSum(terms, 0, count) / pairwiseSum(distances, 0, count);
          }
          out.put(col, cell);
        }
      });
  },
};

/** What is asked of stored rows; `found` is a scratch that the next choice uses again. */
export function compileDonors({ rows, features, nearest, distant }: Donors) {
  const stored = Float64Array.from(rows);
  const count = stored.length / features;
  const found = { distances: zeros(nearest), indices: new Uint32Array(nearest) };
  /** Distances to stored rows; NaN where no column is shared. */
  const far = zeros(count);
  const sum = isSingle(rows) ? pairwiseSumOfSingles : pairwiseSum;
  const means = Float64Array.from({ length: features }, (_, col) => {
    const column = Float64Array.from({ length: count }, (_, i) => stored[i * features + col]!);
    const present = column.filter((cell) => !Number.isNaN(cell)).length;
    return (
      sum(
        column.map((cell) => cell || 0),
        0,
        count,
      ) / present
    );
  });
  return {
    stored,
    found,
    far,
    means,
    /** Fills `far`, and returns whether a distance is infinite. */
    measure(row: Float64Array): boolean {
      let infinite = false;
      for (let i = 0; i < count; i++) {
        let squares = 0;
        let shared = 0;
        for (let col = 0; col < features; col++) {
          const d = row[col]! - stored[i * features + col]!;
          if (Number.isNaN(d)) continue;
          squares += d * d;
          shared++;
        }
        far[i] = Math.sqrt((squares / shared) * features);
        infinite ||= squares === Infinity;
      }
      return infinite;
    },
    /** Finds the nearest rows that have a column, the nearest first, and returns how many there are: 0 where none has a distance. */
    choose(col: number): number {
      const { distances, indices } = found;
      clearNearest(found);
      let met = 0;
      let others = 0;
      const has = (i: number) => !Number.isNaN(stored[i * features + col]);
      for (let i = 0; i < count; i++) {
        if (!has(i)) continue;
        if (Number.isNaN(far[i])) others++;
        else met++;
        pushNearest(found, far[i]!, i);
      }
      sortNearest(found, nearest);
      met = Math.min(met, nearest);
      if (!distant || met === 0) return met;
      const most = Math.min(met + others, nearest);
      for (let i = 0; met < most; i++)
        if (has(i) && Number.isNaN(far[i])) {
          distances[met] = far[i]!;
          indices[met++] = i;
        }
      return met;
    },
  };
}
