import { toForest } from '../../src/compile/trees.js';
import { type Trees, treeCount } from '../../src/ir/index.js';
import { type Inputs, walkTree, walkTrees } from '../../src/kernels/walk-trees.js';

/** Every way to walk a row through trees that may be taken here: slots as [rows × trees]. */
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

  const rowOf = (row: number) => x.subarray(row * features, (row + 1) * features);
  const byRow = (gaps: boolean) => {
    const result = new Int32Array(rows * count);
    for (let row = 0; row < rows; row++)
      walkTrees(forest, rowOf(row), gaps, result.subarray(row * count, (row + 1) * count));
    return result;
  };
  const one = () => {
    const result = new Int32Array(rows * count);
    for (let i = 0; i < result.length; i++)
      result[i] = walkTree(forest, i % count, rowOf(Math.floor(i / count)), null);
    return result;
  };
  return [
    { name: 'a row through a tree', slots: one() },
    { name: 'a row through trees, with gaps', slots: byRow(true) },
    ...(simple ? [{ name: 'a row through trees', slots: byRow(false) }] : []),
  ];
}
