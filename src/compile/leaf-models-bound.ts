import type { LeafModels, Node } from '../ir/index.js';
import { zeros } from '../math/zeros.js';
import type { UncertainScorer } from './ensemble-bound.js';
import { compileModels } from './leaf-models.js';

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
  const { features, outputs, treeOutputs, starts, columns, coefficients } = node;
  const trees = chooser.scorer.outputs;
  const { rows } = chooser.value;
  const chosen = zeros(rows * trees);
  chooser.scorer.score(chooser.value, chosen);
  const moved = zeros(rows * outputs);
  const sizes = zeros(rows * outputs);
  const terms = zeros(rows * outputs);
  // Products as large as they may be, which are all added.
  const sizeOf = compileModels({
    ...node,
    ...{ constants: node.constants.map(Math.abs), gaps: node.gaps.map(Math.abs) },
    coefficients: coefficients.map(Math.abs),
  });
  const largest = cells.map((cell, i) => Math.abs(cell) + (error?.[i] ?? 0));
  for (let i = 0; i < rows * trees; i++) {
    const row = Math.floor(i / trees);
    const at = row * outputs + treeOutputs[i % trees]!;
    const model = chosen[i]!;
    if (chooser.error?.[i]) moved[at] = Number.POSITIVE_INFINITY;
    sizes[at]! += sizeOf(model, largest, row * features)!;
    terms[at]! += 1 + starts[model + 1]! - starts[model]!;
    for (let k = starts[model]!; k < starts[model + 1]!; k++) {
      const off = error?.[row * features + columns[k]!];
      if (off) moved[at]! += off * Math.abs(coefficients[k]!);
    }
  }
  return moved.map((one, i) => (one > 0 ? one + terms[i]! * 2 ** -51 * sizes[i]! : 0));
}
