import { type Neighbors, storedRows } from '../ir/index.js';
import { clearNearest, type Nearest, pushNearest, sortNearest } from '../kernels/nearest.js';
import { zeros } from '../math/zeros.js';
import { compileTree } from './neighbor-tree.js';
import { compileDistance } from './row-distance.js';

/** The neighbours of a row: `distances` and `indices` of stored rows, in a scratch that the next row uses again. */
export interface Search extends Nearest {
  /** Finds the neighbours of a row, and returns how many there are; 0 where not so many as asked for are at a finite distance. */
  find(row: Float64Array): number;
}

/** What is wrong with a row that has no neighbours. */
export const infinitelyFar = 'lies infinitely far from rows that the model keeps';

/** `single`: whether rows are float32. `sorted`: nearest first; else in the order that scikit-learn finds them. */
export function compileSearch(node: Neighbors, single: boolean, sorted: boolean): Search {
  const { rows: stored, features, nearest, radius, tree } = node;
  const count = storedRows(node);
  const isSingle = single && stored instanceof Float32Array && node.source === 'exact' && !tree;
  const distance = compileDistance(node, isSingle);
  const { reduced, toDistance, toReduced } = distance;
  const size = nearest ?? count;
  const found = { distances: zeros(size), indices: new Uint32Array(size) };
  const { distances, indices } = found;

  // In the order that they are met, one beside the other.
  const order = tree?.order ?? null;
  const rows = zeros(stored.length);
  for (let i = 0; i < count; i++) {
    const from = (order?.[i] ?? i) * features;
    rows.set(stored.subarray(from, from + features), i * features);
  }
  const indexOf = (i: number) => (order ? order[i]! : i);

  let met = 0;
  const most = radius && toReduced(radius[0]!);
  const meet =
    most === null
      ? (row: Float64Array, start: number, end: number): void => {
          for (let i = start; i < end; i++) {
            const far = reduced(row, rows, i * features, features, distances[0]!);
            pushNearest(found, far, indexOf(i));
          }
        }
      : (row: Float64Array, start: number, end: number): void => {
          for (let i = start; i < end; i++) {
            const far = reduced(row, rows, i * features, features, most);
            if (!(far <= most)) continue;
            distances[met] = far;
            indices[met++] = indexOf(i);
          }
        };
  const walk = tree
    ? compileTree(node, rows, distance, meet, most === null ? () => distances[0]! : () => most)
    : (row: Float64Array) => meet(row, 0, count);

  return {
    distances,
    indices,
    find(row) {
      met = 0;
      if (nearest !== null) clearNearest(found);
      walk(row);
      // scikit-learn has stored row 0 in places that no row took, or none.
      if (nearest !== null && distances[0] === Infinity) return 0;
      const places = nearest ?? met;
      if (sorted) sortNearest(found, places);
      for (let i = 0; i < places; i++) distances[i] = toDistance(distances[i]!);
      return places;
    },
  };
}
