import { lanes, treeEntry, vectorEntry } from './walk-code.js';

/** Trees whose splits compare numbers; arrays as the IR has them. */
export interface WasmTrees {
  readonly wide: boolean;
  /** What rows are rounded to. */
  readonly precision: 'float32' | 'float64';
  readonly features: number;
  readonly outputs: number;
  readonly featureBits: number;
  readonly nodes: Uint32Array;
  readonly starts: Uint32Array;
  readonly depths: ArrayLike<number>;
  readonly leafColumns: number;
  readonly leaves: Float64Array | null;
  readonly treeOutputs: ArrayLike<number> | null;
  readonly treeWeights: Float64Array | null;
  /** Set where each sum is rounded to it. */
  readonly sums?: 'float32';
  /** Of each leaf vector, the one column that need be added; −1 where there are several. null where all are added. */
  readonly singles: Int32Array | null;
}

/** What of trees is walked. */
export type Laid = Pick<WasmTrees, 'nodes' | 'leaves'>;

/** A copy of trees whose leaves hold their values, in which they hold the values' numbers in a list, and are their own children; null where these are too far from the root. */
export function listLeaves(trees: WasmTrees): Laid | null {
  const { wide, starts, featureBits, features } = trees;
  if (trees.leaves !== null) return null;
  const nodes = trees.nodes.slice();
  const float64 = new Float64Array(nodes.buffer);
  const leaves = new Float64Array((starts[starts.length - 1]! + starts.length - 1) / 2);
  const childShift = 4 + featureBits;
  let found = 0;
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    const root = starts[tree]!;
    const size = starts[tree + 1]! - root;
    if (!wide && size > 1 << (32 - childShift)) return null;
    const isLeaf = new Uint8Array(size);
    isLeaf[0] = size === 1 ? 1 : 0;
    for (let i = 0; i < size; i++) {
      const at = (root + i) * (wide ? 4 : 2);
      if (isLeaf[i] === 0) {
        const word = nodes[wide ? at + 2 : at + 1]!;
        const child = wide ? nodes[at + 3]! : word >>> childShift;
        isLeaf[child] = (word >>> 1) & 1;
        isLeaf[child + 1] = (word >>> 2) & 1;
        continue;
      }
      leaves[found] = float64[at >> 1]!;
      if (wide) {
        float64[at >> 1] = found;
        nodes[at + 2] = features << 4;
        nodes[at + 3] = i;
      } else {
        nodes[at] = found;
        nodes[at + 1] = (features << 4) | (i << childShift);
      }
      found++;
    }
  }
  return { nodes, leaves };
}

export function writeEntries(
  trees: WasmTrees,
  masked: boolean,
  view: DataView,
  nodesAt: number,
): void {
  const { starts, treeOutputs, treeWeights } = trees;
  const count = starts.length - 1;
  const slotBytes = trees.wide ? 16 : 8;
  const steps = masked
    ? certainSteps(trees)
    : Int32Array.from(trees.depths, (depth) => Math.ceil(depth / 2));
  const together = masked ? Math.min : Math.max;
  for (let entry = 0; entry < count + lanes - 1; entry++) {
    const tree = Math.min(entry, count - 1);
    const group = entry - (entry % lanes);
    const at = entry * treeEntry.bytes;
    view.setUint32(at + treeEntry.root, nodesAt + starts[tree]! * slotBytes, true);
    view.setInt32(at + treeEntry.steps, steps[tree]!, true);
    view.setInt32(at + treeEntry.score, (treeOutputs?.[tree] ?? 0) * 8, true);
    const ofGroup = steps.subarray(group, group + lanes);
    view.setInt32(at + treeEntry.groupSteps, together(...ofGroup), true);
    view.setFloat64(at + treeEntry.weight, treeWeights?.[tree] ?? 1, true);
  }
}

export function writeVectors({ leaves, leafColumns, singles }: WasmTrees, view: DataView): void {
  singles!.forEach((column, i) => {
    const at = i * vectorEntry.bytes;
    view.setFloat64(at + vectorEntry.value, leaves![i * leafColumns + column] ?? 0, true);
    view.setInt32(at + vectorEntry.score, column * 8, true);
  });
}

/** For each tree, the edges between the root and its nearest leaf: so many steps every walk takes. */
function certainSteps({ wide, nodes, starts, featureBits }: WasmTrees): Int32Array {
  let depths = new Int32Array(0);
  return Int32Array.from({ length: starts.length - 1 }, (_, tree) => {
    const root = starts[tree]!;
    const size = starts[tree + 1]! - root;
    if (size === 1) return 0;
    // 0 of leaves, which lie anywhere after their parents; else one more than the depth.
    if (depths.length < size) depths = new Int32Array(size);
    else depths.fill(0, 0, size);
    depths[0] = 1;
    let nearest = size;
    for (let slot = 0; slot < size; slot++) {
      const depth = depths[slot]!;
      if (depth === 0) continue;
      const word = nodes[wide ? (root + slot) * 4 + 2 : (root + slot) * 2 + 1]!;
      const child = wide ? nodes[(root + slot) * 4 + 3]! : word >>> (4 + featureBits);
      if ((word & 6) !== 0) nearest = Math.min(nearest, depth);
      if ((word & 2) === 0) depths[child] = depth + 1;
      if ((word & 4) === 0) depths[child + 1] = depth + 1;
    }
    return nearest;
  });
}
