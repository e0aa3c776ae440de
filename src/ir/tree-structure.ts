import type { Fields, UintArray } from './fields.js';
import { featureShift, float64View, nodeFlags, slotWords, type TreeArrays } from './tree-layout.js';

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
  const validateTree = treeValidator(f, trees);
  for (let t = 0; t + 1 < starts.length; t++) {
    const root = starts[t]!;
    const depth = proven ? depths[t]! : validateTree(root, starts[t + 1]! - root, scratch);
    if (depth !== depths[t] || depth > f.limits.treeDepth)
      f.fail(`depths[${t}]`, `a tree ${depth} deep, of at most ${f.limits.treeDepth}`);
  }
}

/**
 * Validates the tree in slots [root, root + size) and returns its depth. `known` holds what is known of each slot:
 * 0 unreached, odd a leaf, else a split; the rest is its depth + 1.
 */
type TreeValidator = (root: number, size: number, known: Int32Array) => number;

function treeValidator(f: Fields, trees: TreeArrays): TreeValidator {
  const { nodes, features, featureBits, leaves, categories } = trees;
  const wide = trees.layout === 'wide';
  const words = new Int32Array(nodes.buffer, nodes.byteOffset, nodes.length);
  const float32 = new Float32Array(nodes.buffer, nodes.byteOffset, nodes.length);
  const float64 = float64View(nodes);
  const stride = slotWords(trees.layout);
  const half = stride / 2;
  const childShift = featureShift + featureBits;
  const featureMask = 2 ** featureBits - 1;
  const addressable = wide ? nodes.length : 2 ** (32 - childShift);
  const vectors = leaves === null ? 0 : leaves.length / trees.leafColumns;
  const sets = categories === null ? 0 : categories.unlisted.length;
  const ownFeature = features << featureShift;

  /** An operand that is an index: in the narrow layout an integer in the first word, in the wide one a float64. */
  const isIndex = (at: number, count: number): boolean => {
    const index = wide ? float64[at >> 1]! : words[at]!;
    return index >= 0 && index < count && (!wide || Number.isInteger(index));
  };
  const fail = (slot: number, message: string): never => f.fail(`nodes[${slot}]`, message);

  return (root, size, known) => {
    known.fill(0, 0, size);
    known[0] = size === 1 ? 3 : 2;
    let deepest = 0;
    for (let i = 0; i < size; i++) {
      const state = known[i]!;
      const slot = root + i;
      const at = slot * stride;
      if (state === 0) fail(slot, 'no node leads here');
      if ((state & 1) === 1) {
        if (state > deepest) deepest = state;
        if (leaves === null) {
          const value = float64[at >> 1]!;
          // NaN and infinities alone differ from 0 here; a third of the time of Number.isFinite in this loop.
          if (value - value !== 0) fail(slot, 'a leaf that is not finite');
          continue;
        }
        if (!isIndex(at, vectors)) fail(slot, `a leaf vector beyond ${vectors}`);
        const own = wide
          ? words[at + 2] === ownFeature && words[at + 3] === i
          : words[at + 1] === (ownFeature | (i << childShift));
        if (!own || i >= addressable) fail(slot, 'a leaf that is not its own child');
        continue;
      }
      const word = words[at + half]!;
      const feature = (word >>> featureShift) & featureMask;
      if (feature >= features) fail(slot, `feature ${feature} of ${features}`);
      if ((word & nodeFlags.categorical) !== 0) {
        if (!isIndex(at, sets)) fail(slot, `a category set beyond ${sets}`);
      } else if (Number.isNaN(wide ? float64[at >> 1]! : float32[at]!)) {
        fail(slot, 'a threshold that is not a number');
      }
      // With no bits for children a shift by 32 would be one by 0; no split fits there.
      const child = wide ? nodes[at + 3]! : childShift === 32 ? 0 : word >>> childShift;
      if (child <= i || child + 1 >= size)
        fail(slot, `children ${child} and ${child + 1} of ${size} nodes`);
      if (known[child] !== 0 || known[child + 1] !== 0) fail(slot, `node ${child} has two parents`);
      known[child] = (state + 2) | ((word >>> 1) & 1);
      known[child + 1] = (state + 2) | ((word >>> 2) & 1);
    }
    return (deepest >> 1) - 1;
  };
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
        f.fail(`nodeIds[${i}]`, `id ${id} is taken or out of range`);
      seen[id] = 1;
    }
  }
}
