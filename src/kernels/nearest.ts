/** The nearest rows met so far, as a heap with the farthest of them first. */
export interface Nearest {
  readonly distances: Float64Array;
  readonly indices: Uint32Array;
}

/** Begins anew: all places are farther than any row. */
export function clearNearest({ distances, indices }: Nearest): void {
  distances.fill(Infinity);
  indices.fill(0);
}

/**
 * Puts a row in the place of the farthest one, if it is nearer, and then moves it down to where no row below is farther. Of rows that are as far
 * away, which one stays hangs on these steps: they are scikit-learn's.
 */
export function pushNearest(
  { distances, indices }: Nearest,
  distance: number,
  index: number,
): void {
  if (!(distance < distances[0]!)) return;
  const size = distances.length;
  let place = 0;
  for (;;) {
    let below = 2 * place + 1;
    if (below >= size) break;
    // The first of two that are as far away.
    if (below + 1 < size && distances[below + 1]! > distances[below]!) below++;
    if (distances[below]! <= distance) break;
    distances[place] = distances[below]!;
    indices[place] = indices[below]!;
    place = below;
  }
  distances[place] = distance;
  indices[place] = index;
}

/** Pairs that are sorted one by one: more take longer so than by a sort of their places. */
const fewPairs = 64;

/** Where the values are, in ascending order: numpy's stable argsort. */
export const sortedOrder = (values: ArrayLike<number>): number[] =>
  Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);

/** Sorts the first `count` pairs by distance; those as far away keep their order. */
export function sortNearest({ distances, indices }: Nearest, count: number): void {
  if (count > fewPairs) {
    const order = sortedOrder(distances.subarray(0, count));
    distances.set(order.map((i) => distances[i]!));
    indices.set(order.map((i) => indices[i]!));
    return;
  }
  for (let i = 1; i < count; i++) {
    const distance = distances[i]!;
    const index = indices[i]!;
    let j = i;
    for (; j > 0 && distances[j - 1]! > distance; j--) {
      distances[j] = distances[j - 1]!;
      indices[j] = indices[j - 1]!;
    }
    distances[j] = distance;
    indices[j] = index;
  }
}

/** Makes distances weights: 1, or, if `inverse`, 1 / distance; where one of these is infinite, 1 for all such and 0 for others. */
export function weighNearest({ distances }: Nearest, count: number, inverse: boolean): void {
  let isInfinite = false;
  for (let i = 0; i < count; i++) {
    distances[i] = inverse ? 1 / distances[i]! : 1;
    isInfinite ||= distances[i] === Infinity;
  }
  if (isInfinite) for (let i = 0; i < count; i++) distances[i] = distances[i] === Infinity ? 1 : 0;
}
