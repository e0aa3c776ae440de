const float64 = new Float64Array(1);
const words = new Uint32Array(float64.buffer);

/** How many float64 steps lie between `a` and `b`: 0 for equal ones (and for two NaN), Infinity where one is NaN. */
export function ulpDistance(a: number, b: number): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.POSITIVE_INFINITY;
  if (a < 0 !== b < 0) return ulpDistance(0, Math.abs(a)) + ulpDistance(0, Math.abs(b));
  float64[0] = Math.abs(a);
  const low = words[0]!;
  const high = words[1]!;
  float64[0] = Math.abs(b);
  return Math.abs((high - words[1]!) * 2 ** 32 + (low - words[0]!));
}

/** The distance between |value| and the next larger float64; NaN for infinities and NaN. */
export function ulpOf(value: number): number {
  const size = Math.abs(value);
  float64[0] = size;
  words[0] = words[0]! + 1;
  if (words[0] === 0) words[1] = words[1]! + 1;
  return float64[0] - size;
}
