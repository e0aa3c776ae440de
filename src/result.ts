import type { Label } from './ir/index.js';

/** A two-dimensional result [rows × cols] in one typed array, row after row. */
export class Matrix<T extends Float64Array | Int32Array = Float64Array> {
  readonly data: T;
  readonly rows: number;
  readonly cols: number;

  constructor(data: T, rows: number, cols: number) {
    this.data = data;
    this.rows = rows;
    this.cols = cols;
  }

  get shape(): [rows: number, cols: number] {
    return [this.rows, this.cols];
  }

  /** A view of one row: it shares memory with the matrix. */
  row(index: number): T {
    return this.data.subarray(index * this.cols, (index + 1) * this.cols) as T;
  }

  /** Nested plain arrays. */
  toArray(): number[][] {
    return Array.from({ length: this.rows }, (_, i) => Array.from(this.row(i)));
  }

  toJSON(): number[][] {
    return this.toArray();
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.rows; i++) yield this.row(i);
  }
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

export type { Label };
