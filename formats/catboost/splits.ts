import type { SourceTree } from '../../src/ir/pack-trees.js';
import { malformed } from '../json/json.js';
import type { CatboostModel, CatboostTree, FloatFeature } from './model.js';

/** What a split asks for: whether a column of the matrix that trees see is above a threshold. */
export interface Split {
  readonly column: number;
  readonly threshold: number;
  /** Whether the split holds for NaN. */
  readonly missingAbove: boolean;
}

/**
 * All splits that a model may ask for, in the order that trees number them by: those of each float feature's borders, then a mark for each category. The columns are
 * `columns[i]` of the float feature i, and from `marks` on those of the categories.
 */
export function listSplits(
  { floats, categoricals }: CatboostModel,
  columns: readonly number[],
  marks: number,
): Split[] {
  const splits: Split[] = [];
  floats.forEach((feature, i) => {
    checkBorders(feature);
    for (let b = 0; b < feature.borders.length; b++)
      splits.push({
        column: columns[i]!,
        threshold: feature.borders[b]!,
        missingAbove: feature.missingAbove,
      });
  });
  let column = marks;
  for (const { hashes } of categoricals)
    for (let i = 0; i < hashes.length; i++)
      splits.push({ column: column++, threshold: 0.5, missingAbove: false });
  return splits;
}

/** CatBoost counts the borders below a number: they have to ascend for that to be a comparison. */
function checkBorders({ borders, path }: FloatFeature): void {
  for (let b = 0; b < borders.length; b++)
    if (!(Math.abs(borders[b]!) < Infinity && (b === 0 || borders[b]! > borders[b - 1]!)))
      throw malformed(`${path}.borders[${b}]`, 'expected finite numbers in ascending order');
}

/** The tree as trees are packed. */
export function toSource(tree: CatboostTree, splits: readonly Split[]): SourceTree {
  const { left, right, values, weights, path } = tree;
  const count = left.length;
  const feature = new Uint32Array(count);
  const threshold = new Float32Array(count);
  const missingLeft = new Uint8Array(count);
  for (let node = 0; node < count; node++) {
    if (left[node] === -1) continue;
    const split = splits[tree.split[node]!];
    if (split === undefined)
      throw malformed(path, `split ${tree.split[node]} of ${splits.length} in node ${node}`);
    feature[node] = split.column;
    threshold[node] = split.threshold;
    missingLeft[node] = Number(!split.missingAbove);
  }
  return {
    ...{ left, right, values, covers: weights, categorical: null, path },
    ...{ feature, threshold, missingLeft },
  };
}
