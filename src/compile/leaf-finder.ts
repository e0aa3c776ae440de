import type { Value } from '../input/dense.js';

/** Which nodes rows pass, in the source library's own numbering. */
export interface LeafFinder {
  readonly trees: number;
  /** Whether `apply` gives one column a tree, or (for a single tree) a vector. */
  readonly forest: boolean;
  /** Whether `decisionPath` is offered. */
  readonly hasPaths: boolean;
  /** The leaf's id of each row in each tree, [x.rows × trees]. */
  apply(x: Value): Int32Array;
  /** The nodes that each row passes. */
  decisionPath(x: Value): DecisionPath;
}

/**
 * The nodes that each row passes, as compressed rows (CSR) of ones: row i passes the nodes
 * `indices[indptr[i]]` to `indices[indptr[i + 1] - 1]`, from each root to its leaf.
 */
export interface DecisionPath {
  readonly rows: number;
  /** Number of nodes of all trees. */
  readonly cols: number;
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  /** Tree t has the columns from `treeStarts[t]` to `treeStarts[t + 1] - 1` (scikit-learn's `n_nodes_ptr`). */
  readonly treeStarts: Int32Array;
}
