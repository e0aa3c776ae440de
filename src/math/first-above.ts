/** The first of some ascending values, from place `low` on and before `high`, that is above `x`, or, if `orEqual`, not below it; `high` where none is. */
export function firstAbove(
  values: Float64Array,
  x: number,
  low: number,
  high: number,
  orEqual: boolean,
): number {
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = values[middle]!;
    if (orEqual ? value < x : value <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
