import { toForest } from '../../src/compile/trees.js';
import { type Trees, treeCount } from '../../src/ir/index.js';
import { type Inputs, walkAll, walkRow } from '../../src/kernels/walk-trees.js';

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
      walkAll(forest, x, gaps, rows, tree, 0, 0, features, slots);
      slots.forEach((slot, row) => {
        result[row * count + tree] = slot;
      });
    }
    return result;
  };
  const byRow = (gaps: boolean) => {
    const result = new Int32Array(rows * count);
    const slotsOf = (row: number) => result.subarray(row * count, (row + 1) * count);
    for (let row = 0; row < rows; row++)
      walkAll(forest, x, gaps, count, 0, 1, row * features, 0, slotsOf(row));
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
    { name: 'a row through a tree', slots: one() },
    { name: 'rows through a tree, with gaps', slots: byTree(true) },
    { name: 'a row through trees, with gaps', slots: byRow(true) },
    ...(simple
      ? [
          { name: 'rows through a tree', slots: byTree(false) },
          { name: 'a row through trees', slots: byRow(false) },
        ]
      : []),
  ];
}
