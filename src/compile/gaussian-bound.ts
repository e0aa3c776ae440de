import type { Gaussian } from '../ir/index.js';
import { isSingleDistance, scalesOf } from './gaussian.js';

/**
 * How far scores of rows [rows × features] may lie from ours, whose cells may be off by `error`. Products with z have the bound of a dot product; where
 * the source expands them it is that of both the row's and the mean's own. Squares and sums carry that on.
 */
export function boundGaussian(
  node: Gaussian,
  cells: Float64Array,
  error: Float64Array | null,
  singleRows: boolean,
): Float64Array {
  const { features, outputs, constants, uncertainty, rounded } = node;
  const unit = isSingleDistance(node, singleRows) ? 2 ** -24 : 2 ** -53;
  return Float64Array.from({ length: (cells.length / features) * outputs }, (_, at) => {
    const output = at % outputs;
    const start = ((at - output) / outputs) * features;
    const own = cells.subarray(start, start + features);
    const errors = error?.subarray(start, start + features) ?? null;
    const { distance, moved } = boundDistance(node, output, own, errors, unit, singleRows);
    let size = distance / 2;
    for (let i = output; i < constants.length; i += outputs) size += Math.abs(constants[i]!);
    const first = singleRows && rounded ? Math.abs(constants[output]!) : 0;
    const coarse = rounded === 'distance' && singleRows ? first + distance : first;
    return moved / 2 + 8 * unit * size + 2 ** -22 * coarse + (uncertainty?.[output] ?? 0);
  });
}

/** The squared distance, and how far it may be off. */
function boundDistance(
  node: Gaussian,
  output: number,
  cells: Float64Array,
  errors: Float64Array | null,
  unit: number,
  singleRows: boolean,
): { distance: number; moved: number } {
  const { features, means, distance: measure, expanded } = node;
  const scales = scalesOf(node, output);
  const mean = means.subarray(output * features, (output + 1) * features);
  const z = cells.map((cell, i) => cell - mean[i]!);
  const single = expanded && isSingleDistance(node, true);
  const terms = (count: number) => (8 + Math.sqrt(count)) * unit;
  const singleTerms = (8 + Math.sqrt(features)) * 2 ** -24;
  // What a source that expands adds up. What it makes of float32 means is float32, whatever rows are; so are squares of float32 rows.
  const sizes = z.map((value, i) =>
    expanded ? Math.abs(cells[i]!) + Math.abs(mean[i]!) : Math.abs(value),
  );
  let distance = 0;
  let moved = 0;
  node.spread?.subarray(output * features, (output + 1) * features).forEach((spread, i) => {
    moved += spread * z[i]! * z[i]!;
  });
  if (measure === 'variances') {
    const share = single ? singleTerms : terms(features);
    for (let i = 0; i < features; i++) {
      const moves = errors?.[i] ?? 0;
      distance += (z[i]! * z[i]!) / scales[i]!;
      moved += (share * sizes[i]! * sizes[i]! + moves * (2 * Math.abs(z[i]!) + moves)) / scales[i]!;
      if (expanded && singleRows) moved += (singleTerms * cells[i]! * cells[i]!) / scales[i]!;
    }
    return { distance, moved };
  }
  const rows = scales.length / features;
  for (let row = 0; row < rows; row++) {
    let product = 0;
    let off = 0;
    for (let i = 0; i < features; i++) {
      const scale = Math.abs(scales[row * features + i]!);
      product += z[i]! * scales[row * features + i]!;
      off += (terms(features) * sizes[i]! + (errors?.[i] ?? 0)) * scale;
      if (single) off += singleTerms * Math.abs(mean[i]!) * scale;
    }
    if (measure === 'factors') {
      distance += product * product;
      moved += off * (2 * Math.abs(product) + off) + terms(rows) * product * product;
    } else {
      const moves = errors?.[row] ?? 0;
      distance += Math.abs(z[row]! * product);
      moved += Math.abs(z[row]!) * off + moves * (Math.abs(product) + off);
      moved += terms(features) * Math.abs(z[row]! * product);
    }
  }
  return { distance, moved };
}
