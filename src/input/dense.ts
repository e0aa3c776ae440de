/** Numbers as parts of a model hand them on. uint8 holds flags and small integers, which numpy lets other types decide about. */
export type Numbers = Float64Array | Float32Array | Uint8Array;

/** Names of columns, for messages; a column without has ''. null where none has a name. */
export type Names = readonly string[] | null;

/** A matrix of numbers, row after row. NaN is missing. `data` may be longer than the matrix. */
export interface Dense {
  readonly data: Numbers;
  readonly rows: number;
  readonly cols: number;
  readonly names: Names;
  /** The number of the first row among those that a person gave, for messages. */
  readonly firstRow?: number;
  readonly indptr?: undefined;
  readonly indices?: undefined;
}

/** Compressed rows (CSR): row i has the cells `indptr[i]` to `indptr[i + 1] − 1`; all others are 0. */
export interface Sparse {
  readonly data: Numbers;
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly rows: number;
  readonly cols: number;
  readonly names: Names;
  readonly firstRow?: number;
}

/** Rows of numbers and strings. */
export interface Table {
  /** [rows × cols]; a column of strings leaves its cells unspecified. */
  readonly numbers: Float64Array;
  /** [rows × cols]; null is missing; a column of numbers leaves its cells unspecified. */
  readonly strings: readonly (string | null)[];
  /** Which columns are float32; null: none. */
  readonly singles: readonly boolean[] | null;
  readonly rows: number;
  readonly cols: number;
  readonly names: Names;
  readonly firstRow?: number;
}

/** What flows between the parts of a model; which of them it is, its `ValueType` says. */
export type Value = Dense | Sparse | Table;

/** Number of cells that are held. */
export function cellCount(x: Dense | Sparse): number {
  return x.indptr === undefined ? x.rows * x.cols : x.indptr[x.rows]!;
}

/** Where a cell is, for a message: `row 4, column "age"`. Rows and unnamed columns count from 0. */
export function cellPath(row: number, col: number, names: Names): string {
  return `row ${row}, column ${names?.[col] ? JSON.stringify(names[col]) : col}`;
}

/** Some of the rows: a view where that is possible. */
export function viewRows(x: Value, start: number, end: number): Value {
  const { rows: _, cols, names } = x;
  const rest = { rows: end - start, cols, names, firstRow: (x.firstRow ?? 0) + start };
  if ('numbers' in x) {
    return {
      numbers: x.numbers.subarray(start * cols, end * cols),
      strings: x.strings.slice(start * cols, end * cols),
      singles: x.singles,
      ...rest,
    };
  }
  if (x.indptr === undefined) return { data: x.data.subarray(start * cols, end * cols), ...rest };
  const [from, to] = [x.indptr[start]!, x.indptr[end]!];
  return {
    data: x.data.subarray(from, to),
    indices: x.indices.subarray(from, to),
    indptr: x.indptr.slice(start, end + 1).map((at) => at - from),
    ...rest,
  };
}
