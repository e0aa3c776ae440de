import {
  categoricalFlag,
  featureShift,
  float64View,
  nodeFlags,
  slotWords,
  type TreeArrays,
  type Trees,
} from 'nuthatch/ir';
import { refuse } from '../refuse.js';

/** A slot of a tree as a person reads it. The right child follows the left one. */
export type Slot = Split | { readonly value: number } | { readonly vector: number };

export interface Split {
  readonly feature: number;
  /** Goes left where the feature is not above this, or is in the left half of this set of categories. */
  readonly threshold?: number;
  readonly categories?: number;
  /** Counted from the tree's root. */
  readonly left: number;
  readonly missing: 'left' | 'right';
}

type Layout = Pick<TreeArrays, 'layout' | 'featureBits' | 'leafColumns' | 'features'>;

/** The slots of each tree. */
export function readSlots(trees: Trees): Slot[][] {
  const { nodes, starts, layout, featureBits, leafColumns } = trees;
  const wide = layout === 'wide';
  const words = slotWords(layout);
  const float32 = new Float32Array(nodes.buffer, nodes.byteOffset, nodes.length);
  const float64 = float64View(nodes);
  const mask = 2 ** featureBits - 1;
  return Array.from({ length: starts.length - 1 }, (_, tree) => {
    const root = starts[tree]!;
    const size = starts[tree + 1]! - root;
    const leaves = new Set<number>(size === 1 ? [0] : []);
    return Array.from({ length: size }, (_, i): Slot => {
      const at = (root + i) * words;
      if (leaves.has(i)) {
        if (leafColumns === 1) return { value: float64[at / 2]! };
        return { vector: wide ? float64[at / 2]! : nodes[at]! };
      }
      const link = nodes[wide ? at + 2 : at + 1]!;
      const left = wide ? nodes[at + 3]! : link >>> (featureShift + featureBits);
      if ((link & nodeFlags.leftLeaf) !== 0) leaves.add(left);
      if ((link & nodeFlags.rightLeaf) !== 0) leaves.add(left + 1);
      const operand = wide ? float64[at / 2]! : float32[at]!;
      const isSet = (link & categoricalFlag) !== 0;
      return {
        feature: (link >>> featureShift) & mask,
        ...(isSet ? { categories: wide ? operand : nodes[at]! } : { threshold: operand }),
        left,
        missing: (link & nodeFlags.missingRight) !== 0 ? 'right' : 'left',
      };
    });
  });
}

/** The words of slots, as a model holds them. What they mean is left to the validator of models. */
export function packSlots(
  trees: readonly (readonly Slot[])[],
  { layout, featureBits, leafColumns, features }: Layout,
): Pick<Trees, 'nodes' | 'starts'> {
  const wide = layout === 'wide';
  const words = slotWords(layout);
  const starts = new Uint32Array(trees.length + 1);
  trees.forEach((tree, i) => {
    starts[i + 1] = starts[i]! + tree.length;
  });
  const nodes = new Uint32Array(starts[trees.length]! * words);
  const float32 = new Float32Array(nodes.buffer);
  const float64 = float64View(nodes);
  trees.forEach((tree, t) => {
    tree.forEach((slot, i) => {
      const at = (starts[t]! + i) * words;
      const isLeaf = (child: number) => child < tree.length && !('feature' in tree[child]!);
      const link = (feature: number, child: number, flags: number) => {
        if (wide) nodes[at + 3] = child;
        nodes[wide ? at + 2 : at + 1] =
          flags +
          feature * 2 ** featureShift +
          (wide ? 0 : child * 2 ** (featureShift + featureBits));
      };
      if ('value' in slot) {
        float64[at / 2] = slot.value;
        return;
      }
      if ('vector' in slot) {
        if (wide) float64[at / 2] = slot.vector;
        else nodes[at] = slot.vector;
        link(features, i, 0);
        return;
      }
      const { feature, threshold, categories, left, missing } = slot;
      if (wide) float64[at / 2] = (threshold ?? categories)!;
      else if (threshold !== undefined) float32[at] = threshold;
      else nodes[at] = categories!;
      const flags =
        (missing === 'right' ? nodeFlags.missingRight : 0) +
        (isLeaf(left) ? nodeFlags.leftLeaf : 0) +
        (isLeaf(left + 1) ? nodeFlags.rightLeaf : 0) +
        (threshold === undefined ? categoricalFlag : 0);
      link(feature, left, flags);
    });
  });
  if (leafColumns > 1 && trees.some((tree) => tree.some((slot) => 'value' in slot)))
    refuse('malformed', 'trees', 'a leaf with a value, where leaves have vectors');
  return { nodes, starts };
}

/** Edges between each root and its deepest leaf. */
export const depthsOf = (trees: readonly (readonly Slot[])[]): number[] =>
  trees.map((slots) => {
    const depths = new Int32Array(slots.length);
    let deepest = 0;
    slots.forEach((slot, i) => {
      deepest = Math.max(deepest, depths[i]!);
      if (!('feature' in slot)) return;
      for (const child of [slot.left, slot.left + 1])
        if (child < slots.length) depths[child] = depths[i]! + 1;
    });
    return deepest;
  });
