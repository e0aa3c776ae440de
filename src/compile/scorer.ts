import type { Value } from '../input/dense.js';
import type { Head } from '../ir/index.js';

/** A compiled part that answers: rows in, raw scores out. */
export interface Scorer {
  /** Columns of raw scores. */
  readonly outputs: number;
  readonly head: Head;
  /**
   * Writes the raw scores [x.rows × outputs] to `out` and returns whether they are float32, as numpy's would be: then all that
   * is made of them is. Allocates nothing once its scratch has grown to the batch.
   */
  score(x: Value, out: Float64Array): boolean;
  /** The leaves that rows reach, where the model is one of trees that scikit-learn's `apply` answers for. */
  readonly leaves: LeafFinder | null;
  /** The standard deviation of each row's prediction, where the model knows it. */
  readonly deviations: ((x: Value) => Float64Array) | null;
}

/** Which nodes rows pass, in the source library's own numbering. */
export interface LeafFinder {
  readonly trees: number;
  /** Whether `apply` gives one column a tree, or (for a single tree) a vector. */
  readonly forest: boolean;
  /** First column of each tree in a decision path, and the number of columns: [trees + 1]. */
  readonly treeStarts: Int32Array;
  /** The leaf's id of each row in each tree, [x.rows × trees]. */
  apply(x: Value): Int32Array;
  /** Calls `visit` with the tree and node id of every node that row `row` passes, from each root to its leaf. */
  path(x: Value, row: number, visit: (tree: number, node: number) => void): void;
}
