/** Scores that leaves are added to: in memory of float32 each sum is rounded. */
export type Sums = Float64Array | Float32Array;

/** The leaves of a forest, as they are added to scores. */
export interface Leaves {
  /** Columns of the scores. */
  readonly outputs: number;
  /** Columns of a leaf. */
  readonly columns: number;
  /** Distinct leaf vectors; null where leaves lie in their slots. */
  readonly vectors: Float64Array | null;
  /** Of each vector, the one column that is not 0; −1 where there are several. null where it is not known. */
  readonly single: Int32Array | null;
  /** Slots, two numbers a slot in the narrow layout and four in the wide one, and the same memory as float64. */
  readonly words: Uint32Array;
  readonly float64: Float64Array;
  readonly wide: boolean;
}

/** Vectors that are looked through for those of one column; where there are more, such are rare. */
const mostVectors = 4096;

/**
 * For each leaf vector its one column that is not 0 (or any, if all are), −1 where there are several; null where there are too many vectors to look.
 * Of a classifier grown full nearly all leaves hold one class, and adding that alone is faster.
 */
export function findSingles(vectors: Float64Array, columns: number): Int32Array | null {
  const count = vectors.length / columns;
  if (count > mostVectors) return null;
  return Int32Array.from({ length: count }, (_, i) => {
    const vector = vectors.subarray(i * columns, (i + 1) * columns);
    const column = Math.max(
      0,
      vector.findIndex((value) => value !== 0),
    );
    return vector.every((value, j) => value === 0 || j === column) ? column : -1;
  });
}

/** Adds the leaf in a slot, times `weight`, to the scores of the rows of a list from `start` to `end`; those of row 0 begin at `first`. */
export function addLeaf(
  leaves: Leaves,
  slot: number,
  weight: number,
  list: Int32Array,
  start: number,
  end: number,
  out: Sums,
  first: number,
): void {
  const { outputs, columns, vectors, single, words, float64, wide } = leaves;
  if (vectors === null) {
    addToRows(weight * float64[wide ? slot * 2 : slot]!, outputs, list, start, end, out, first);
    return;
  }
  const vector = wide ? float64[slot * 2]! : words[slot * 2]!;
  const column = single === null ? -1 : single[vector]!;
  if (column !== -1) {
    const value = weight * vectors[vector * columns + column]!;
    addToRows(value, outputs, list, start, end, out, first + column);
    return;
  }
  for (let i = 0; i < columns; i++) {
    addToRows(weight * vectors[vector * columns + i]!, outputs, list, start, end, out, first + i);
  }
}

function addToRows(
  value: number,
  outputs: number,
  list: Int32Array,
  start: number,
  end: number,
  out: Sums,
  first: number,
): void {
  for (let k = start; k < end; k++) out[first + list[k]! * outputs]! += value;
}

/** Adds one row's leaves, in the slots of each tree, to its scores from `first` on, tree after tree. */
export function addLeavesOfRow(
  { columns, vectors, single, words, float64, wide }: Leaves,
  slots: Int32Array,
  weights: Float64Array | null,
  treeOutputs: ArrayLike<number> | null,
  out: Sums,
  first: number,
): void {
  for (let tree = 0; tree < slots.length; tree++) {
    const slot = slots[tree]!;
    const weight = weights === null ? 1 : weights[tree]!;
    const at = treeOutputs === null ? first : first + treeOutputs[tree]!;
    if (vectors === null) {
      out[at]! += weight * float64[wide ? slot * 2 : slot]!;
      continue;
    }
    const vector = wide ? float64[slot * 2]! : words[slot * 2]!;
    const start = vector * columns;
    const column = single === null ? -1 : single[vector]!;
    if (column !== -1) out[at + column]! += weight * vectors[start + column]!;
    else for (let i = 0; i < columns; i++) out[at + i]! += weight * vectors[start + i]!;
  }
}
