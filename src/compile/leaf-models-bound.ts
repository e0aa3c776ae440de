import type { LeafModels, Node } from '../ir/index.js';
import { zeros } from '../math/zeros.js';
import type { UncertainScorer } from './ensemble-bound.js';

/**
 * How far scores of rows may be off whose cells [rows × features] are off by at most `error`: nothing where no cell is; anything where a row may reach
 * other leaves; else what products with those cells become, and what sums are rounded otherwise then. `chooser` is what chooses models.
 */
export function boundLeafModels(
  node: LeafModels<Node>,
  cells: Float64Array,
  error: Float64Array | null,
  chooser: UncertainScorer,
): Float64Array | null {
  if (!error?.some((one) => one !== 0) && chooser.error === null) return null;
  const { features, outputs, treeOutputs, constants, starts, columns, coefficients, gaps } = node;
  const trees = treeOutputs.length;
  const { rows } = chooser.value;
  const chosen = zeros(rows * trees);
  chooser.scorer.score(chooser.value, chosen);
  const moved = zeros(rows * outputs);
  // Of all numbers that are added, and how many they are.
  const sizes = zeros(rows * outputs);
  const terms = zeros(rows * outputs);
  chosen.forEach((model, i) => {
    const row = Math.floor(i / trees);
    const at = row * outputs + treeOutputs[i % trees]!;
    if (chooser.error?.[i]) moved[at] = Number.POSITIVE_INFINITY;
    sizes[at]! += Math.max(Math.abs(constants[model]!), Math.abs(gaps[model]!));
    terms[at]! += 1 + starts[model + 1]! - starts[model]!;
    for (let k = starts[model]!; k < starts[model + 1]!; k++) {
      const place = row * features + columns[k]!;
      const cell = cells[place]!;
      const off = error?.[place] ?? 0;
      const coefficient = Math.abs(coefficients[k]!);
      if (off > 0) moved[at]! += off * coefficient;
      if (!Number.isNaN(cell)) sizes[at]! += (Math.abs(cell) + off) * coefficient;
    }
  });
  return moved.map((one, i) => (one > 0 ? one + terms[i]! * 2 ** -51 * sizes[i]! : 0));
}
