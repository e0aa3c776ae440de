import { type Fields, fail, type UintArray } from './fields.js';
import {
  categoricalFlag,
  featureShift,
  float64View,
  slotWords,
  type TreeArrays,
} from './tree-layout.js';

/**
 * Proves in one pass that every slot is reached exactly once from its root, that all indices are in range, and that
 * `depths` is true: a walk then ends within `depths[t]` steps and reads nothing outside its tree.
 *
 * Forests of millions of nodes pass here at every load, so the loop reads words as int32: as uint32 they would be
 * floating-point numbers to the compiler, at three times the cost.
 */
export function validateStructure(f: Fields, trees: TreeArrays): void {
  const { starts, depths } = trees;
  let largest = 0;
  for (let t = 1; t < starts.length; t++) largest = Math.max(largest, starts[t]! - starts[t - 1]!);
  const proven = f.limits.proveTrees?.(trees);
  const scratch = new Int32Array(proven ? 0 : largest);
  const { nodes } = trees;
  const words = new Int32Array(nodes.buffer, nodes.byteOffset, nodes.length);
  const float64 = float64View(nodes);
  for (let t = 0; t + 1 < starts.length; t++) {
    const root = starts[t]!;
    const depth = proven
      ? depths[t]!
      : validateTree(f, trees, words, float64, root, starts[t + 1]! - root, scratch);
    if (depth !== depths[t] || depth > f.limits.treeDepth)
      fail(f, `depths[${t}]`, `a tree ${depth} deep, of at most ${f.limits.treeDepth}`);
  }
}

/**
 * Validates the tree in slots [root, root + size) and returns its depth. `known` is a scratch that holds what is known of each slot: 0 unreached, odd a
 * leaf, else a split; the rest is its depth + 1.
 *
 * Rules are joined by masks: a branch on whether a slot is a leaf would be mispredicted at every other one, and take half again the time.
 */
function validateTree(
  f: Fields,
  trees: TreeArrays,
  words: Int32Array,
  float64: Float64Array,
  root: number,
  size: number,
  known: Int32Array,
): number {
  const { features, featureBits, leaves, categories } = trees;
  const wide = trees.layout === 'wide';
  const stride = slotWords(trees.layout);
  const childShift = featureShift + featureBits;
  const featureMask = 2 ** featureBits - 1;
  // What a leaf has in its link beside the child.
  const ownMask = 2 ** childShift - 1;
  const own = features << featureShift;
  const lastSet = (categories?.unlisted.length ?? 0) - 1;
  // What an operand may be at most, and which of its bits that is asked of: none where leaves are values, all but the sign of a threshold.
  const leafBits = leaves ? -1 : 0;
  const lastVector = leaves ? (leaves.length / trees.leafColumns - 1) | 0 : 0;
  const splitBits = leafBits ^ 0x7fffffff;
  const pastVectors = 0x7f800000 - lastVector;
  /** The same for operands that are not of the narrow layout, or a set. */
  const isOperand = (at: number, split: number, set: number): boolean => {
    const operand = wide ? float64[at >> 1]! : words[at]!;
    return set === 0 && (leaves === null || split !== 0)
      ? !Number.isNaN(operand)
      : operand >= 0 && operand <= (set ? lastSet : lastVector) && Number.isInteger(operand);
  };
  const refuseSlot = (i: number, message: string): never => fail(f, `nodes[${root + i}]`, message);

  known.fill(0, 0, size);
  known[0] = size === 1 ? 3 : 2;
  let deepest = 0;
  for (let i = 0, at = root * stride; i < size; i++, at += stride) {
    const state = known[i]!;
    if (state === 0) refuseSlot(i, 'no node leads here');
    if (state > deepest) deepest = state;
    /** All ones for a split, 0 for a leaf. */
    const split = (state & 1) - 1;
    const link = words[wide ? at + 2 : at + 1]!;
    // With no bits for children a shift by 32 would be one by 0; no split fits there.
    const child = wide ? words[at + 3]! : childShift === 32 ? 0 : (link >>> childShift) | 0;
    // A leaf's are the root, which nobody reads any more.
    const left = child & split;
    const right = (child + 1) & split;
    const feature = (link >>> featureShift) & featureMask;
    const misled =
      child |
      (features - 1 - feature) |
      (child - i - 1) |
      (size - 2 - child) |
      -(known[left]! | known[right]!);
    if ((misled & split) < 0)
      refuseSlot(
        i,
        `feature ${feature} of ${features} or child ${child} of ${size} is taken or out of range`,
      );
    if (leaves === null) {
      // The high half of a float64.
      if ((words[at + 1]! & 0x7ff00000 & ~split) === 0x7ff00000)
        refuseSlot(i, 'a leaf that is not finite');
    } else if (((((link & ownMask) ^ own) | (child ^ i)) & ~split) !== 0)
      refuseSlot(i, 'a leaf that is not its own child');
    const set = link & categoricalFlag & split;
    if (
      wide || set !== 0
        ? !isOperand(at, split, set)
        : (words[at]! & (leafBits ^ (splitBits & split))) >>> 0 > lastVector + (pastVectors & split)
    )
      refuseSlot(i, 'an operand that is not in range');
    known[left] = (state + 2) | ((link >>> 1) & 1);
    known[right] = (state + 2) | ((link >>> 2) & 1);
  }
  return (deepest >> 1) - 1;
}

/** Checks that the ids of each tree are its nodes' numbers, each once. */
export function validateNodeIds(f: Fields, starts: Uint32Array, ids: UintArray): void {
  for (let t = 0; t + 1 < starts.length; t++) {
    const root = starts[t]!;
    const size = starts[t + 1]! - root;
    const seen = new Uint8Array(size);
    for (let i = root; i < root + size; i++) {
      const id = ids[i]!;
      if (id >= size || seen[id] === 1)
        fail(f, `nodeIds[${i}]`, `id ${id} is taken or out of range`);
      seen[id] = 1;
    }
  }
}
