import type { DecisionPath } from './compile/leaf-finder.js';
import type { Label } from './ir/index.js';
import { list } from './list.js';
import { zeros } from './math/zeros.js';

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
    const { data, rows, cols } = this;
    return list(rows, (row) => list(cols, (col) => data[row * cols + col]!));
  }

  toJSON(): number[][] {
    return this.toArray();
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.rows; i++) yield this.row(i);
  }
}

/** Compressed rows (CSR): row i has the values `data[k]` in the columns `indices[k]`, k from `indptr[i]` to `indptr[i + 1] − 1`. */
export class SparseMatrix {
  readonly data: Float64Array;
  readonly indices: Int32Array;
  readonly indptr: Int32Array;
  readonly rows: number;
  readonly cols: number;

  constructor(data: Float64Array, indices: Int32Array, indptr: Int32Array, cols: number) {
    this.data = data;
    this.indices = indices;
    this.indptr = indptr;
    this.rows = indptr.length - 1;
    this.cols = cols;
  }

  /** The same with its zeros. */
  toMatrix(): Matrix {
    const { data, indices, indptr, rows, cols } = this;
    const result = zeros(rows * cols);
    for (let row = 0; row < rows; row++) {
      for (let i = indptr[row]!; i < indptr[row + 1]!; i++)
        result[row * cols + indices[i]!] = data[i]!;
    }
    return new Matrix(result, rows, cols);
  }

  toArray(): number[][] {
    return this.toMatrix().toArray();
  }

  toJSON(): number[][] {
    return this.toArray();
  }
}

/** Rows of numbers and strings; null is a missing string, NaN a missing number. */
export type TableRows = (number | string | null)[][];

export type TransformResult = Matrix | SparseMatrix | TableRows;

export type { DecisionPath, Label };
