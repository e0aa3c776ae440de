/** What answers and inputs are, whatever the model. */
export const resultTypes = `/** Numbers in one typed array, row after row. */
export interface MatrixLike {
  readonly data: Float64Array | Float32Array;
  readonly rows: number;
  readonly cols: number;
}

/** An answer [rows × cols], row after row. */
export interface Matrix<T extends Float64Array | Int32Array = Float64Array> {
  readonly data: T;
  readonly rows: number;
  readonly cols: number;
  row(index: number): T;
  toArray(): number[][];
}

/** An answer in compressed rows: row i has the values data[k] in the columns indices[k], k from indptr[i] to indptr[i + 1] − 1. */
export interface SparseMatrix {
  readonly data: Float64Array;
  readonly indices: Int32Array;
  readonly indptr: Int32Array;
  readonly rows: number;
  readonly cols: number;
  toMatrix(): Matrix;
  toArray(): number[][];
}

/** The nodes that rows pass, in compressed rows; those of tree t begin at treeStarts[t]. */
export interface DecisionPath {
  readonly rows: number;
  readonly cols: number;
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly treeStarts: Int32Array;
}
`;
