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
    readonly reading: 'byte' | 'positive-byte' | null;
  } | null;
}

/** A matrix of inputs, row after row, already rounded to the forest's precision. */
export type Inputs = Float32Array | Float64Array;

/**
 * Makes `count` walks: of row after row, `columns` cells apart, through one tree (`treeStep` 0), or of one row (`columns` 0) through tree
 * after tree (`treeStep` 1). The first is of the row at `offset`, through `tree`. `slots` receives the slot where each ends. `gaps` says
 * whether NaN or categories may occur.
 */
export function walkAll(
  forest: Forest,
  x: Inputs,
  gaps: boolean,
  count: number,
  tree: number,
  treeStep: 0 | 1,
  offset: number,
  columns: number,
  slots: Int32Array,
): void {
  const { starts } = forest;
  let i = 0;
  if (!gaps && forest.lockStep) {
    for (; i + 4 <= count; i += 4) {
      const root = tree + i * treeStep;
      const first = offset + i * columns;
      const second = first + columns;
      const third = second + columns;
      walkFour(
        forest,
        x,
        slots,
        i,
        starts[root]!,
        starts[root + treeStep]!,
        starts[root + 2 * treeStep]!,
        starts[root + 3 * treeStep]!,
        first,
        second,
        third,
        third + columns,
      );
    }
  }
  for (; i < count; i++)
    slots[i] = walkRow(forest, tree + i * treeStep, x, offset + i * columns, null);
}

/** Four walks in lock step in the narrow layout: from the roots r0 … r3, with the rows at x0 … x3, to slots[at … at + 3]. */
function walkFour(
  forest: Forest,
  x: Inputs,
  slots: Int32Array,
  at: number,
  r0: number,
  r1: number,
  r2: number,
  r3: number,
  x0: number,
  x1: number,
  x2: number,
  x3: number,
): void {
  const { words, float32: thresholds, featureBits } = forest;
  const mask = (1 << featureBits) - 1;
  const childShift = 4 + featureBits;
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
    const right0 = +(x[x0 + ((w0 >>> 4) & mask)]! > thresholds[2 * i0]!);
    const right1 = +(x[x1 + ((w1 >>> 4) & mask)]! > thresholds[2 * i1]!);
    const right2 = +(x[x2 + ((w2 >>> 4) & mask)]! > thresholds[2 * i2]!);
    const right3 = +(x[x3 + ((w3 >>> 4) & mask)]! > thresholds[2 * i3]!);
    i0 = r0 + (w0 >>> childShift) + right0;
    i1 = r1 + (w1 >>> childShift) + right1;
    i2 = r2 + (w2 >>> childShift) + right2;
    i3 = r3 + (w3 >>> childShift) + right3;
    arrived0 = (w0 >>> (1 + right0)) & 1;
    arrived1 = (w1 >>> (1 + right1)) & 1;
    arrived2 = (w2 >>> (1 + right2)) & 1;
    arrived3 = (w3 >>> (1 + right3)) & 1;
  } while ((arrived0 | arrived1 | arrived2 | arrived3) === 0);
  slots[at] = arrived0 === 1 ? i0 : finish(forest, r0, x, x0, i0);
  slots[at + 1] = arrived1 === 1 ? i1 : finish(forest, r1, x, x1, i1);
  slots[at + 2] = arrived2 === 1 ? i2 : finish(forest, r2, x, x2, i2);
  slots[at + 3] = arrived3 === 1 ? i3 : finish(forest, r3, x, x3, i3);
}

/** Walks one row on alone, in the narrow layout, from the split in slot `i`. */
function finish(forest: Forest, root: number, x: Inputs, offset: number, i: number): number {
  const { words, float32: thresholds, featureBits } = forest;
  const mask = (1 << featureBits) - 1;
  const childShift = 4 + featureBits;
  for (;;) {
    const word = words[2 * i + 1]!;
    const right = +(x[offset + ((word >>> 4) & mask)]! > thresholds[2 * i]!);
    i = root + (word >>> childShift) + right;
    if (((word >>> (1 + right)) & 1) === 1) return i;
  }
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
  const { starts, words, unlisted, reading } = forest.categories!;
  const start = starts[set]!;
  const half = (starts[set + 1]! - start) / 2;
  let category = Math.trunc(value);
  if (reading !== null) category = (category | 0) === category ? category & 255 : 0;
  if (reading === 'positive-byte' && value < 0) category = -1;
  const word = Math.floor(category / 32);
  if (category >= 0 && word < half) {
    const bit = 1 << (category & 31);
    if ((words[start + word]! & bit) !== 0) return 0;
    if ((words[start + half + word]! & bit) !== 0) return 1;
  }
  return unlisted[set] === 2 ? missingRight : unlisted[set]!;
}
