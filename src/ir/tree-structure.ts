import type { Fields, UintArray } from './fields.js';
import { featureShift, float64View, nodeFlags, slotWords, type TreeLayout } from './tree-layout.js';

/** What of `Trees` makes up their structure. */
interface TreeArrays {
  readonly features: number;
  readonly layout: TreeLayout;
  readonly featureBits: number;
  readonly nodes: Uint32Array;
  readonly starts: Uint32Array;
  readonly depths: UintArray;
  readonly leafColumns: number;
  readonly leaves: Float64Array | null;
  readonly categories: { readonly unlisted: Uint8Array } | null;
}

/**
 * Proves in one pass that every slot is reached exactly once from its root, that all indices are in range, and that
 * `depths` is true: a walk then ends within `depths[t]` steps and reads nothing outside its tree.
 *
 * Forests of millions of nodes pass here at every load, so the loop reads words as int32: as uint32 they would be
 * floating-point numbers to the compiler, at three times the cost.
 */
export function validateStructure(f: Fields, trees: TreeArrays): void {
  const { nodes, starts } = trees;
  const slots = nodes.length / slotWords(trees.layout);
  if (starts[0] !== 0 || starts[starts.length - 1] !== slots)
    f.fail('starts', `expected to run from 0 to ${slots}`);
  let largest = 0;
  for (let t = 1; t < starts.length; t++) {
    if (starts[t]! <= starts[t - 1]!) f.fail(`starts[${t}]`, 'a tree without nodes');
    largest = Math.max(largest, starts[t]! - starts[t - 1]!);
  }
  const scratch = new Int32Array(largest);
  const validateTree =
    trees.layout === 'narrow' ? narrowTreeValidator(f, trees) : wideTreeValidator(f, trees);
  for (let t = 0; t + 1 < starts.length; t++) {
    const depth = validateTree(starts[t]!, starts[t + 1]! - starts[t]!, scratch);
    if (depth > f.limits.treeDepth)
      f.fail(`depths[${t}]`, `${depth} exceeds the limit of ${f.limits.treeDepth}`);
    if (depth !== trees.depths[t])
      f.fail(`depths[${t}]`, `the tree is ${depth} deep, not ${trees.depths[t]}`);
  }
}

/**
 * Validates the tree in slots [root, root + size) and returns its depth. `known` holds what is known of each slot:
 * 0 unreached, odd a leaf, else a split; the rest is its depth + 1.
 */
type TreeValidator = (root: number, size: number, known: Int32Array) => number;

function narrowTreeValidator(f: Fields, trees: TreeArrays): TreeValidator {
  const { nodes, features, featureBits } = trees;
  const words = new Int32Array(nodes.buffer, nodes.byteOffset, nodes.length);
  const thresholds = new Float32Array(nodes.buffer, nodes.byteOffset, nodes.length);
  const values = float64View(nodes);
  const childShift = featureShift + featureBits;
  const featureMask = 2 ** featureBits - 1;
  const addressable = 2 ** (32 - childShift);
  const inline = trees.leaves === null;
  const vectors = vectorCount(trees);
  const sets = setCount(trees);
  const ownFeature = features << featureShift;
  return (root, size, known) => {
    begin(known, size);
    let deepest = 0;
    for (let i = 0; i < size; i++) {
      const state = known[i]!;
      const at = (root + i) * 2;
      if (state === 0) unreached(f, root + i);
      if ((state & 1) === 1) {
        if (state > deepest) deepest = state;
        if (inline) checkLeafValue(f, root + i, values[at >> 1]!);
        else {
          const vector = words[at]!;
          if (vector < 0 || vector >= vectors) failLeafVector(f, root + i, vector, vectors);
          if (words[at + 1] !== (ownFeature | (i << childShift)) || i >= addressable)
            failOwnChild(f, root + i);
        }
        continue;
      }
      const word = words[at + 1]!;
      checkFeature(f, root + i, (word >>> featureShift) & featureMask, features);
      if ((word & nodeFlags.categorical) === 0) checkThreshold(f, root + i, thresholds[at]!);
      else checkSet(f, root + i, nodes[at]!, sets);
      // With no bits for children a shift by 32 would be one by 0; no split fits there.
      noteChildren(
        f,
        root,
        i,
        childShift === 32 ? 0 : word >>> childShift,
        size,
        word,
        state,
        known,
      );
    }
    return (deepest >> 1) - 1;
  };
}

function wideTreeValidator(f: Fields, trees: TreeArrays): TreeValidator {
  const { nodes, features } = trees;
  const values = float64View(nodes);
  const inline = trees.leaves === null;
  const vectors = vectorCount(trees);
  const sets = setCount(trees);
  return (root, size, known) => {
    begin(known, size);
    let deepest = 0;
    for (let i = 0; i < size; i++) {
      const state = known[i]!;
      const at = (root + i) * 4;
      const operand = values[at >> 1]!;
      if (state === 0) unreached(f, root + i);
      if ((state & 1) === 1) {
        if (state > deepest) deepest = state;
        if (inline) checkLeafValue(f, root + i, operand);
        else {
          if (!isIndex(operand, vectors)) failLeafVector(f, root + i, operand, vectors);
          if (nodes[at + 2] !== features << featureShift || nodes[at + 3] !== i)
            failOwnChild(f, root + i);
        }
        continue;
      }
      const word = nodes[at + 2]!;
      checkFeature(f, root + i, word >>> featureShift, features);
      if ((word & nodeFlags.categorical) === 0) checkThreshold(f, root + i, operand);
      else checkSet(f, root + i, operand, sets);
      noteChildren(f, root, i, nodes[at + 3]!, size, word, state, known);
    }
    return (deepest >> 1) - 1;
  };
}

function begin(known: Int32Array, size: number): void {
  known.fill(0, 0, size);
  known[0] = size === 1 ? 3 : 2;
}

/** Checks that a split's children are free and after it, and notes what their parent says of them. */
function noteChildren(
  f: Fields,
  root: number,
  i: number,
  child: number,
  size: number,
  word: number,
  state: number,
  known: Int32Array,
): void {
  if (child <= i || child + 1 >= size)
    failSlot(f, root + i, `children ${child} and ${child + 1} of ${size} nodes`);
  if (known[child] !== 0 || known[child + 1] !== 0)
    failSlot(f, root + i, `node ${child} has two parents`);
  known[child] = (state + 2) | ((word >>> 1) & 1);
  known[child + 1] = (state + 2) | ((word >>> 2) & 1);
}

function checkLeafValue(f: Fields, slot: number, value: number): void {
  // NaN and infinities alone differ from 0 here; a third of the time of Number.isFinite in this loop.
  if (value - value !== 0) failSlot(f, slot, 'a leaf whose value is not finite');
}

function checkFeature(f: Fields, slot: number, feature: number, features: number): void {
  if (feature >= features) failSlot(f, slot, `feature ${feature} of ${features}`);
}

function checkThreshold(f: Fields, slot: number, threshold: number): void {
  if (Number.isNaN(threshold)) failSlot(f, slot, 'a threshold that is not a number');
}

function checkSet(f: Fields, slot: number, set: number, sets: number): void {
  if (!isIndex(set, sets)) failSlot(f, slot, `category set ${set} of ${sets}`);
}

function isIndex(value: number, count: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < count;
}

function vectorCount({ leaves, leafColumns }: TreeArrays): number {
  return leaves === null ? 0 : leaves.length / leafColumns;
}

function setCount({ categories }: TreeArrays): number {
  return categories === null ? 0 : categories.unlisted.length;
}

function unreached(f: Fields, slot: number): never {
  return failSlot(f, slot, 'no node leads here');
}

function failLeafVector(f: Fields, slot: number, vector: number, vectors: number): never {
  return failSlot(f, slot, `leaf vector ${vector} of ${vectors}`);
}

function failOwnChild(f: Fields, slot: number): never {
  return failSlot(f, slot, 'a leaf that is not its own child');
}

function failSlot(f: Fields, slot: number, message: string): never {
  return f.fail(`nodes[${slot}]`, message);
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
        f.fail(`nodeIds[${i}]`, `id ${id} is ${id >= size ? 'out of range' : 'taken'}`);
      seen[id] = 1;
    }
  }
}
