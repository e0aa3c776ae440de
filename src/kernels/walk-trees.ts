/**
 * Portable tree walks: they take rows to the leaves they end in. The layout is that of `Trees` in the IR, whose validator has
 * proved that every index here is in range and that every walk ends.
 *
 * A walk is a chain of dependent loads, so several walk in lock step for their cache misses to overlap: rows of a batch
 * through one tree, or one row through several trees. They leave the lock step when the first has arrived.
 */

/** The forest's arrays as the walks use them. */
export interface Forest {
  readonly wide: boolean;
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
  } | null;
}

/** A matrix of inputs, row after row, already rounded to the forest's precision. */
export type Inputs = Float32Array | Float64Array;

/**
 * Walks `rows` rows of a block through one tree. `slots` receives the slot where each ends.
 * Neither NaN nor categories may occur: see `walkRowsWithGaps`.
 */
export function walkRows(
  forest: Forest,
  tree: number,
  x: Inputs,
  columns: number,
  rows: number,
  slots: Int32Array,
): void {
  const root = forest.starts[tree]!;
  if (forest.starts[tree + 1]! - root === 1) slots.fill(root, 0, rows);
  else if (forest.wide) walkRowsWide(forest.words, forest.float64, root, x, columns, rows, slots);
  else
    walkRowsNarrow(forest.words, forest.float32, root, forest.featureBits, x, columns, rows, slots);
}

function walkRowsNarrow(
  words: Uint32Array,
  thresholds: Float32Array,
  root: number,
  featureBits: number,
  x: Inputs,
  columns: number,
  rows: number,
  slots: Int32Array,
): void {
  const mask = (1 << featureBits) - 1;
  const childShift = 4 + featureBits;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const x0 = row * columns;
    const x1 = x0 + columns;
    const x2 = x1 + columns;
    const x3 = x2 + columns;
    let i0 = root;
    let i1 = root;
    let i2 = root;
    let i3 = root;
    let w0 = words[2 * root + 1]!;
    let w1 = w0;
    let w2 = w0;
    let w3 = w0;
    let arrived0 = 0;
    let arrived1 = 0;
    let arrived2 = 0;
    let arrived3 = 0;
    do {
      const right0 = x[x0 + ((w0 >>> 4) & mask)]! > thresholds[2 * i0]! ? 1 : 0;
      const right1 = x[x1 + ((w1 >>> 4) & mask)]! > thresholds[2 * i1]! ? 1 : 0;
      const right2 = x[x2 + ((w2 >>> 4) & mask)]! > thresholds[2 * i2]! ? 1 : 0;
      const right3 = x[x3 + ((w3 >>> 4) & mask)]! > thresholds[2 * i3]! ? 1 : 0;
      i0 = root + (w0 >>> childShift) + right0;
      i1 = root + (w1 >>> childShift) + right1;
      i2 = root + (w2 >>> childShift) + right2;
      i3 = root + (w3 >>> childShift) + right3;
      arrived0 = (w0 >>> (1 + right0)) & 1;
      arrived1 = (w1 >>> (1 + right1)) & 1;
      arrived2 = (w2 >>> (1 + right2)) & 1;
      arrived3 = (w3 >>> (1 + right3)) & 1;
      w0 = words[2 * i0 + 1]!;
      w1 = words[2 * i1 + 1]!;
      w2 = words[2 * i2 + 1]!;
      w3 = words[2 * i3 + 1]!;
    } while ((arrived0 | arrived1 | arrived2 | arrived3) === 0);
    slots[row] =
      arrived0 === 1 ? i0 : finishNarrow(words, thresholds, root, featureBits, x, x0, i0);
    slots[row + 1] =
      arrived1 === 1 ? i1 : finishNarrow(words, thresholds, root, featureBits, x, x1, i1);
    slots[row + 2] =
      arrived2 === 1 ? i2 : finishNarrow(words, thresholds, root, featureBits, x, x2, i2);
    slots[row + 3] =
      arrived3 === 1 ? i3 : finishNarrow(words, thresholds, root, featureBits, x, x3, i3);
  }
  for (; row < rows; row++) {
    slots[row] = finishNarrow(words, thresholds, root, featureBits, x, row * columns, root);
  }
}

/** Walks one row on from the split in slot `i`. */
function finishNarrow(
  words: Uint32Array,
  thresholds: Float32Array,
  root: number,
  featureBits: number,
  x: Inputs,
  offset: number,
  i: number,
): number {
  const mask = (1 << featureBits) - 1;
  const childShift = 4 + featureBits;
  for (;;) {
    const word = words[2 * i + 1]!;
    const right = x[offset + ((word >>> 4) & mask)]! > thresholds[2 * i]! ? 1 : 0;
    i = root + (word >>> childShift) + right;
    if (((word >>> (1 + right)) & 1) === 1) return i;
  }
}

function walkRowsWide(
  words: Uint32Array,
  thresholds: Float64Array,
  root: number,
  x: Inputs,
  columns: number,
  rows: number,
  slots: Int32Array,
): void {
  let row = 0;
  for (; row + 2 <= rows; row += 2) {
    const x0 = row * columns;
    const x1 = x0 + columns;
    let i0 = root;
    let i1 = root;
    let arrived0 = 0;
    let arrived1 = 0;
    do {
      const w0 = words[4 * i0 + 2]!;
      const w1 = words[4 * i1 + 2]!;
      const right0 = x[x0 + (w0 >>> 4)]! > thresholds[2 * i0]! ? 1 : 0;
      const right1 = x[x1 + (w1 >>> 4)]! > thresholds[2 * i1]! ? 1 : 0;
      i0 = root + words[4 * i0 + 3]! + right0;
      i1 = root + words[4 * i1 + 3]! + right1;
      arrived0 = (w0 >>> (1 + right0)) & 1;
      arrived1 = (w1 >>> (1 + right1)) & 1;
    } while ((arrived0 | arrived1) === 0);
    slots[row] = arrived0 === 1 ? i0 : finishWide(words, thresholds, root, x, x0, i0);
    slots[row + 1] = arrived1 === 1 ? i1 : finishWide(words, thresholds, root, x, x1, i1);
  }
  for (; row < rows; row++)
    slots[row] = finishWide(words, thresholds, root, x, row * columns, root);
}

function finishWide(
  words: Uint32Array,
  thresholds: Float64Array,
  root: number,
  x: Inputs,
  offset: number,
  i: number,
): number {
  for (;;) {
    const word = words[4 * i + 2]!;
    const right = x[offset + (word >>> 4)]! > thresholds[2 * i]! ? 1 : 0;
    i = root + words[4 * i + 3]! + right;
    if (((word >>> (1 + right)) & 1) === 1) return i;
  }
}

/** As `walkRows`, with NaN and categories. */
export function walkRowsWithGaps(
  forest: Forest,
  tree: number,
  x: Inputs,
  columns: number,
  rows: number,
  slots: Int32Array,
): void {
  for (let row = 0; row < rows; row++) slots[row] = walkRow(forest, tree, x, row * columns, null);
}

/**
 * Walks one row through every tree; `slots` receives one slot a tree. `gaps` says whether NaN or categories may occur.
 */
export function walkTrees(
  forest: Forest,
  x: Inputs,
  offset: number,
  gaps: boolean,
  slots: Int32Array,
): void {
  const trees = forest.starts.length - 1;
  let tree = 0;
  if (!gaps && !forest.wide) tree = walkTreesNarrow(forest, x, offset, slots);
  for (; tree < trees; tree++) slots[tree] = walkRow(forest, tree, x, offset, null);
}

/** Four trees at a time; returns the number of trees walked. A tree that is a leaf only ends the lock step before it. */
function walkTreesNarrow(forest: Forest, x: Inputs, offset: number, slots: Int32Array): number {
  const { words, float32: thresholds, starts, featureBits } = forest;
  const mask = (1 << featureBits) - 1;
  const childShift = 4 + featureBits;
  const trees = starts.length - 1;
  let tree = 0;
  for (; tree + 4 <= trees; tree += 4) {
    const r0 = starts[tree]!;
    const r1 = starts[tree + 1]!;
    const r2 = starts[tree + 2]!;
    const r3 = starts[tree + 3]!;
    if (r1 - r0 === 1 || r2 - r1 === 1 || r3 - r2 === 1 || starts[tree + 4]! - r3 === 1) {
      for (let t = tree; t < tree + 4; t++) slots[t] = walkRow(forest, t, x, offset, null);
      continue;
    }
    let i0 = r0;
    let i1 = r1;
    let i2 = r2;
    let i3 = r3;
    let arrived0 = 0;
    let arrived1 = 0;
    let arrived2 = 0;
    let arrived3 = 0;
    do {
      const w0 = words[2 * i0 + 1]!;
      const w1 = words[2 * i1 + 1]!;
      const w2 = words[2 * i2 + 1]!;
      const w3 = words[2 * i3 + 1]!;
      const right0 = x[offset + ((w0 >>> 4) & mask)]! > thresholds[2 * i0]! ? 1 : 0;
      const right1 = x[offset + ((w1 >>> 4) & mask)]! > thresholds[2 * i1]! ? 1 : 0;
      const right2 = x[offset + ((w2 >>> 4) & mask)]! > thresholds[2 * i2]! ? 1 : 0;
      const right3 = x[offset + ((w3 >>> 4) & mask)]! > thresholds[2 * i3]! ? 1 : 0;
      i0 = r0 + (w0 >>> childShift) + right0;
      i1 = r1 + (w1 >>> childShift) + right1;
      i2 = r2 + (w2 >>> childShift) + right2;
      i3 = r3 + (w3 >>> childShift) + right3;
      arrived0 = (w0 >>> (1 + right0)) & 1;
      arrived1 = (w1 >>> (1 + right1)) & 1;
      arrived2 = (w2 >>> (1 + right2)) & 1;
      arrived3 = (w3 >>> (1 + right3)) & 1;
    } while ((arrived0 | arrived1 | arrived2 | arrived3) === 0);
    slots[tree] =
      arrived0 === 1 ? i0 : finishNarrow(words, thresholds, r0, featureBits, x, offset, i0);
    slots[tree + 1] =
      arrived1 === 1 ? i1 : finishNarrow(words, thresholds, r1, featureBits, x, offset, i1);
    slots[tree + 2] =
      arrived2 === 1 ? i2 : finishNarrow(words, thresholds, r2, featureBits, x, offset, i2);
    slots[tree + 3] =
      arrived3 === 1 ? i3 : finishNarrow(words, thresholds, r3, featureBits, x, offset, i3);
  }
  return tree;
}

/**
 * Walks one row through one tree, any layout, NaN and categories included. Returns the slot of its leaf; `path`, when given,
 * receives every slot on the way. `missing` says where NaN goes: as the nodes' flags say, or always right.
 */
export function walkRow(
  forest: Forest,
  tree: number,
  x: Inputs,
  offset: number,
  path: number[] | null,
  missing: 'flags' | 'right' = 'flags',
): number {
  const { wide, words, float32, float64, featureBits } = forest;
  const root = forest.starts[tree]!;
  const stride = wide ? 4 : 2;
  const mask = wide ? 0xfffffff : (1 << featureBits) - 1;
  const childShift = 4 + featureBits;
  let i = root;
  path?.push(i);
  if (forest.starts[tree + 1]! - root === 1) return root;
  for (;;) {
    const at = i * stride;
    const word = words[at + stride / 2]!;
    const value = x[offset + ((word >>> 4) & mask)]!;
    let right: number;
    if (Number.isNaN(value)) right = missing === 'right' ? 1 : word & 1;
    else if ((word & 8) !== 0)
      right = goesRight(forest, wide ? float64[at >> 1]! : words[at]!, value, word & 1);
    else right = value > (wide ? float64[at >> 1]! : float32[at]!) ? 1 : 0;
    i = root + (wide ? words[at + 3]! : word >>> childShift) + right;
    path?.push(i);
    if (((word >>> (1 + right)) & 1) === 1) return i;
  }
}

/** Whether a category goes right (1): as the set says, else as the set's rule for unlisted ones says. */
function goesRight(forest: Forest, set: number, value: number, missingRight: number): number {
  const { starts, words, unlisted } = forest.categories!;
  const start = starts[set]!;
  const half = (starts[set + 1]! - start) / 2;
  const category = Math.trunc(value);
  const word = Math.floor(category / 32);
  if (category >= 0 && word < half) {
    const bit = 1 << (category & 31);
    if ((words[start + word]! & bit) !== 0) return 0;
    if ((words[start + half + word]! & bit) !== 0) return 1;
  }
  return unlisted[set] === 2 ? missingRight : unlisted[set]!;
}
