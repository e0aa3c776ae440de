import { type Trees, treeCount } from '../src/ir/index.js';

/** A tree as objects: how most JavaScript libraries keep it. */
export type NestedNode =
  | { readonly leaf: Float64Array }
  | {
      readonly feature: number;
      /** Left where x ≤ threshold. */
      readonly threshold: number;
      readonly left: NestedNode;
      readonly right: NestedNode;
    };

/** The trees of an ensemble in the narrow layout, without categories. */
export function nestTrees(trees: Trees): NestedNode[] {
  const { layout, nodes, starts, featureBits, leaves, leafColumns, categories } = trees;
  if (layout !== 'narrow' || categories !== null)
    throw new Error('only narrow trees without categories can be nested');
  const thresholds = new Float32Array(nodes.buffer, nodes.byteOffset, nodes.length);
  const values = new Float64Array(nodes.buffer, nodes.byteOffset, nodes.length >> 1);
  const featureMask = 2 ** featureBits - 1;

  const leafOf = (slot: number): NestedNode => {
    if (leaves === null) return { leaf: values.slice(slot, slot + 1) };
    const at = nodes[2 * slot]! * leafColumns;
    return { leaf: leaves.slice(at, at + leafColumns) };
  };
  const nest = (root: number, slot: number, isLeaf: boolean): NestedNode => {
    if (isLeaf) return leafOf(slot);
    const word = nodes[2 * slot + 1]!;
    const child = root + (word >>> (4 + featureBits));
    return {
      feature: (word >>> 4) & featureMask,
      threshold: thresholds[2 * slot]!,
      left: nest(root, child, (word & 2) !== 0),
      right: nest(root, child + 1, (word & 4) !== 0),
    };
  };
  return Array.from({ length: treeCount(trees) }, (_, t) =>
    nest(starts[t]!, starts[t]!, starts[t + 1]! - starts[t]! === 1),
  );
}
