/** Float64 zeros, as numpy's. */
export const zeros = (count: number): Float64Array<ArrayBuffer> => new Float64Array(count);

/** A scratch with room for `count` numbers: this one where it has that. What it holds is not kept. */
export const withRoom = (
  scratch: Float64Array<ArrayBuffer>,
  count: number,
): Float64Array<ArrayBuffer> => (scratch.length < count ? zeros(count) : scratch);
