import type { Linear } from '../ir/index.js';

/**
 * How far the standard deviations of rows [rows × features] may lie from ours, whose cells may be off by `error`: twice the
 * bound of a dot product, for one in another, of Σ|zᵢ·covarianceᵢⱼ·zⱼ|, and what moves with z, carried through the root.
 */
export function boundDeviation(
  { deviation, features }: Linear,
  cells: Float64Array,
  error: Float64Array | null,
  singleRows: boolean,
): Float64Array {
  const { offsets, scales, covariance, noise } = deviation!;
  const single = singleRows && covariance instanceof Float32Array;
  const scale = 2 * (8 + Math.sqrt(features)) * (single ? 2 ** -24 : 2 ** -53);
  return Float64Array.from({ length: cells.length / features }, (_, row) => {
    const start = row * features;
    const z = Array.from(
      cells.subarray(start, start + features),
      (cell, i) => (cell - (offsets?.[i] ?? 0)) / (scales?.[i] ?? 1),
    );
    const moves = z.map((_, i) => (error?.[start + i] ?? 0) / Math.abs(scales?.[i] ?? 1));
    let square = noise[0]!;
    let size = noise[0]!;
    let moved = 0;
    for (let i = 0; i < features; i++) {
      for (let j = 0; j < features; j++) {
        const factor = covariance[i * features + j]!;
        square += z[i]! * factor * z[j]!;
        size += Math.abs(z[i]! * factor * z[j]!);
        moved += Math.abs(factor) * moves[i]! * (2 * Math.abs(z[j]!) + moves[j]!);
      }
    }
    const bound = scale * size + moved;
    const low = square - bound;
    // The steeper side of the root; all of it where the square may be 0.
    return low > 0
      ? Math.sqrt(square) - Math.sqrt(low) + scale * Math.sqrt(square)
      : Math.sqrt(square + bound);
  });
}
