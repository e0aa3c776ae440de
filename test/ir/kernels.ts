import { toForest } from '../../src/compile/trees.js';
import { type Trees, treeCount } from '../../src/ir/index.js';
import { type Inputs, walkRow, walkRows, walkTrees } from '../../src/kernels/walk-trees.js';

/** Every way to walk rows through trees that may be taken here: slots as [rows × trees]. */
export function walkEveryWay(
  trees: Trees,
  data: Float32Array | Float64Array,
): { readonly name: string; readonly slots: Int32Array }[] {
  const forest = toForest(trees);
  const count = treeCount(trees);
  const { features } = trees;
  const x: Inputs = trees.precision === 'float32' ? new Float32Array(data) : new Float64Array(data);
  const rows = x.length / features;
  const simple = trees.categories === null && !x.some((value) => Number.isNaN(value));

  const byTree = (gaps: boolean) => {
    const result = new Int32Array(rows * count);
    const slots = new Int32Array(rows);
    for (let tree = 0; tree < count; tree++) {
      walkRows(forest, tree, x, features, rows, gaps, slots);
      slots.forEach((slot, row) => {
        result[row * count + tree] = slot;
      });
    }
    return result;
  };
  const byRow = (gaps: boolean) => {
    const result = new Int32Array(rows * count);
    for (let row = 0; row < rows; row++)
      walkTrees(forest, x, row * features, gaps, result.subarray(row * count, (row + 1) * count));
    return result;
  };
  const one = () => {
    const result = new Int32Array(rows * count);
    for (let i = 0; i < result.length; i++) {
      const row = Math.floor(i / count);
      result[i] = walkRow(forest, i % count, x, row * features, null);
    }
    return result;
  };
  return [
    { name: 'walkRow', slots: one() },
    { name: 'walkRows with gaps', slots: byTree(true) },
    { name: 'walkTrees with gaps', slots: byRow(true) },
    ...(simple
      ? [
          { name: 'walkRows', slots: byTree(false) },
          { name: 'walkTrees', slots: byRow(false) },
        ]
      : []),
  ];
}
