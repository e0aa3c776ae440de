import type { CountSketch } from '../ir/index.js';
import { sketchedCells } from '../ir/index.js';

/**
 * How far sketches of rows [rows × features] may lie from ours. scikit-learn convolves by Fourier transforms, which are each off by some log₂(n) · u of the largest
 * sum of sizes, A, that a transform of a sketch can reach: of d sketches the product is off by (d + 1) · c · (log₂(n) + 2) · u · Aᵈ at most, with c = 8 for lengths that are no powers
 * of two; and by what the cells are off, each once in every sketch.
 */
export function boundCountSketch(
  node: CountSketch,
  cells: Float64Array,
  error: Float64Array | null,
): Float64Array {
  const { features, outputs, constant, columns } = node;
  const degree = columns.length / sketchedCells(node);
  const scale = (degree + 1) * 8 * (bitsOf(outputs) + 2) * 2 ** -53;
  const bounds = new Float64Array((cells.length / features) * outputs);
  for (let row = 0; row < cells.length / features; row++) {
    let size = Math.abs(constant?.[0] ?? 0);
    let moved = 0;
    for (let i = row * features; i < (row + 1) * features; i++) {
      size += Math.abs(cells[i]!);
      moved += error?.[i] ?? 0;
    }
    let power = 1;
    for (let i = 1; i < degree; i++) power *= size + moved;
    const bound = power * (scale * size + degree * moved);
    bounds.fill(bound, row * outputs, (row + 1) * outputs);
  }
  return bounds;
}

/** The logarithm to the base 2, rounded up. */
function bitsOf(length: number): number {
  let bits = 0;
  for (let power = 1; power < length; power *= 2) bits++;
  return bits;
}
