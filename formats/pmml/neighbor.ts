const scratch = new DataView(new ArrayBuffer(8));

/** The next larger float64; infinities stay what they are. */
export function above(value: number): number {
  if (!Number.isFinite(value)) return value;
  if (value === 0) return Number.MIN_VALUE;
  scratch.setFloat64(0, value);
  scratch.setBigInt64(0, scratch.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return scratch.getFloat64(0);
}

/** The next smaller float64; infinities stay what they are. */
export const below = (value: number): number => -above(-value);
