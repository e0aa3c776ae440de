/**
 * Portable tree walks: they take rows to the leaves they end in. The layout is that of `Trees` in the IR, whose validator has
 * proved that every index here is in range and that every walk ends.
 *
 * A walk is a chain of dependent loads, so a row walks through several trees in lock step for their cache misses to overlap. They leave the
 * lock step when the first has arrived.
 */

/** The forest's arrays as the walks use them. */
export interface Forest {
  readonly wide: boolean;
  /** Whether walks may advance in lock step: the layout is narrow, and no tree is a leaf only, with no first step to take. */
  readonly lockStep: boolean;
  readonly words: Uint32Array;
  /** The same memory as float32 and as float64. */
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly starts: Uint32Array;
  readonly featureBits: number;
  readonly categories: {
    readonly starts: Uint32Array;
    readonly words: Uint32Array;
    readonly unlisted: Uint8Array;
    readonly reading: 'byte' | 'positive-byte' | 'positive' | null;
  } | null;
}

/** Inputs, already rounded to the forest's precision. */
export type Inputs = Float32Array | Float64Array;

/** Walks a row through all trees: `slots` [trees] receives the slot where each walk ends. `gaps` says whether NaN or categories may occur. */
export function walkTrees(forest: Forest, x: Inputs, gaps: boolean, slots: Int32Array): void {
  const { starts } = forest;
  const count = starts.length - 1;
  let tree = 0;
  if (!gaps && forest.lockStep)
    for (; tree + 4 <= count; tree += 4) walkFour(forest, x, slots, tree);
  for (; tree < count; tree++) slots[tree] = walkTree(forest, tree, x, null);
}

/** Walks a row through four trees in lock step, in the narrow layout, from `tree` on. */
function walkFour(forest: Forest, x: Inputs, slots: Int32Array, tree: number): void {
  const { words, float32: thresholds, featureBits } = forest;
  const mask = (1 << featureBits) - 1;
  const childShift = 4 + featureBits;
  const r0 = forest.starts[tree]!;
  const r1 = forest.starts[tree + 1]!;
  const r2 = forest.starts[tree + 2]!;
  const r3 = forest.starts[tree + 3]!;
  let i0 = r0;
  let i1 = r1;
  let i2 = r2;
  let i3 = r3;
  let arrived0 = 0;
  let arrived1 = 0;
  let arrived2 = 0;
  let arrived3 = 0;
  do {
    // `? 1 : 0` would be a branch, mispredicted half the time: three times slower.
    const w0 = words[2 * i0 + 1]!;
    const w1 = words[2 * i1 + 1]!;
    const w2 = words[2 * i2 + 1]!;
    const w3 = words[2 * i3 + 1]!;
    const right0 = +(x[(w0 >>> 4) & mask]! > thresholds[2 * i0]!);
    const right1 = +(x[(w1 >>> 4) & mask]! > thresholds[2 * i1]!);
    const right2 = +(x[(w2 >>> 4) & mask]! > thresholds[2 * i2]!);
    const right3 = +(x[(w3 >>> 4) & mask]! > thresholds[2 * i3]!);
    i0 = r0 + (w0 >>> childShift) + right0;
    i1 = r1 + (w1 >>> childShift) + right1;
    i2 = r2 + (w2 >>> childShift) + right2;
    i3 = r3 + (w3 >>> childShift) + right3;
    arrived0 = (w0 >>> (1 + right0)) & 1;
    arrived1 = (w1 >>> (1 + right1)) & 1;
    arrived2 = (w2 >>> (1 + right2)) & 1;
    arrived3 = (w3 >>> (1 + right3)) & 1;
  } while ((arrived0 | arrived1 | arrived2 | arrived3) === 0);
  slots[tree] = arrived0 === 1 ? i0 : finish(forest, r0, x, i0);
  slots[tree + 1] = arrived1 === 1 ? i1 : finish(forest, r1, x, i1);
  slots[tree + 2] = arrived2 === 1 ? i2 : finish(forest, r2, x, i2);
  slots[tree + 3] = arrived3 === 1 ? i3 : finish(forest, r3, x, i3);
}

/** Walks a row on alone, in the narrow layout, from the split in slot `i`. */
function finish(forest: Forest, root: number, x: Inputs, i: number): number {
  const { words, float32: thresholds, featureBits } = forest;
  const mask = (1 << featureBits) - 1;
  const childShift = 4 + featureBits;
  for (;;) {
    const word = words[2 * i + 1]!;
    const right = +(x[(word >>> 4) & mask]! > thresholds[2 * i]!);
    i = root + (word >>> childShift) + right;
    if (((word >>> (1 + right)) & 1) === 1) return i;
  }
}

/**
 * Walks a row through one tree, any layout, NaN and categories included. Returns the slot of its leaf; `path`, when given, receives every
 * slot on the way. `missing` says where NaN goes: as the nodes' flags say, or always right.
 */
export function walkTree(
  forest: Forest,
  tree: number,
  x: Inputs,
  path: number[] | null,
  missing?: 'right' | null,
): number {
  const root = forest.starts[tree]!;
  if (forest.starts[tree + 1]! - root > 1)
    return walkFrom(forest, root, root, x, 0, 1, path, missing);
  path?.push(root);
  return root;
}

/** Walks on from a split, in the tree with this root; the row's cells are `columnCells` apart, from `offset` on. */
export function walkFrom(
  forest: Forest,
  root: number,
  split: number,
  x: Inputs,
  offset: number,
  columnCells: number,
  path?: number[] | null,
  missing?: 'right' | null,
): number {
  const { wide, words, featureBits } = forest;
  const stride = wide ? 4 : 2;
  const mask = wide ? 0xfffffff : (1 << featureBits) - 1;
  const childShift = 4 + featureBits;
  let i = split;
  path?.push(i);
  for (;;) {
    const at = i * stride;
    const word = words[at + stride / 2]!;
    const value = x[offset + ((word >>> 4) & mask) * columnCells]!;
    const right = missing && Number.isNaN(value) ? 1 : goesRight(forest, at, word, value);
    i = root + (wide ? words[at + 3]! : word >>> childShift) + right;
    path?.push(i);
    if (((word >>> (1 + right)) & 1) === 1) return i;
  }
}

/** Whether a value goes right (1) at the split whose first number is `words[at]`. */
export function goesRight(forest: Forest, at: number, word: number, value: number): number {
  const { wide, words, float32, float64, categories } = forest;
  if (Number.isNaN(value)) return word & 1;
  const operand = wide ? float64[at >> 1]! : (word & 8) !== 0 ? words[at]! : float32[at]!;
  if ((word & 8) === 0) return value > operand ? 1 : 0;
  // As the set says, else as the set's rule for unlisted ones says.
  const start = categories!.starts[operand]!;
  const half = (categories!.starts[operand + 1]! - start) / 2;
  const { reading } = categories!;
  let category = Math.trunc(value);
  if (reading !== null) {
    if (reading !== 'positive') category = (category | 0) === category ? category & 255 : 0;
    if (reading !== 'byte' && value < 0) category = -1;
  }
  const index = Math.floor(category / 32);
  if (category >= 0 && index < half) {
    const bit = 1 << (category & 31);
    if ((categories!.words[start + index]! & bit) !== 0) return 0;
    if ((categories!.words[start + half + index]! & bit) !== 0) return 1;
  }
  const rule = categories!.unlisted[operand]!;
  return rule === 2 ? word & 1 : rule;
}
