import type { Value } from '../input/dense.js';
import type { Head } from '../ir/index.js';
import type { Transformer } from './transformer.js';

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
  /** What a model that answers makes of rows by `transform`, where it has that, too. */
  readonly transformer?: Transformer;
  /** `decision_function`, where that is something else than the raw scores: [x.rows × columns]. */
  readonly decisions?: (x: Value) => Float64Array;
  /** `predict_log_proba`, where that is something else than the logarithm of the probabilities: [x.rows × classes]. */
  readonly logarithms?: (x: Value) => Float64Array;
}

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
