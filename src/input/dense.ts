/** Numbers as parts of a model hand them on. uint8 holds flags and small integers, which numpy lets other types decide about. */
export type Numbers = Float64Array | Float32Array | Uint8Array;

/** Whether numbers are float32: what numpy's rules ask. */
export const isSingle = (values: unknown): values is Float32Array => values instanceof Float32Array;

/** A row of a matrix that is `cols` wide, as a view. */
export const rowOf = <T extends Numbers>(data: T, row: number, cols: number): T =>
  data.subarray(row * cols, (row + 1) * cols) as T;

/** Names of columns, for messages; of columns without, '' or (chosen from others) their numbers. null where none has a name. */
export type Names = readonly (string | number)[] | null;

/**
 * What flows between the parts of a model: a matrix of numbers, row after row, with or without columns of strings, or compressed
 * rows. Which of them it is, its `ValueType` says.
 */
export interface Value {
  /** [rows × cols], or the cells of compressed rows; 0 in columns of strings and items. NaN is missing. May be longer than that. */
  readonly data: Numbers;
  readonly rows: number;
  readonly cols: number;
  readonly names: Names;
  /** [rows × cols] where there are columns of strings or items; null is missing, and stands in columns of numbers. */
  readonly strings?: readonly StringCell[] | undefined;
  /** Which columns beside those are float32, of what a person gave and no part has changed; null: none. */
  readonly singles?: readonly boolean[] | null;
  /** Compressed rows (CSR): row i has the cells `indptr[i]` to `indptr[i + 1] − 1`; all others are 0. */
  readonly indptr?: Int32Array | undefined;
  /** The column of each cell of compressed rows. */
  readonly indices?: Int32Array | undefined;
  /** The number of the first row among those that a person gave, for messages. */
  readonly firstRow?: number;
}

/** What a cell that is no number holds: a string, or, in columns of these, items as a person gave them, not yet looked at. */
export type StringCell = string | object | null;

/** The names of some columns. */
export function pickNames(names: Names, columns: Uint32Array): Names {
  return Array.from(columns, (column) => {
    const name = names?.[column] ?? '';
    return name === '' ? column : name;
  });
}

/** Where a row's cells begin; those of the row after the last, the number of cells. */
export const startOf = ({ indptr, cols }: Value, row: number): number =>
  indptr === undefined ? row * cols : indptr[row]!;

/** Copies a row's cells, zeros of compressed rows included, to the first of `cells`. */
export function copyRow(x: Value, row: number, cells: Float64Array): void {
  const start = startOf(x, row);
  cells.fill(0, 0, x.cols);
  for (let i = start; i < startOf(x, row + 1); i++) cells[x.indices?.[i] ?? i - start] = x.data[i]!;
}

/** Where a cell is, for a message: `row 4, column "age"`. Rows and unnamed columns count from 0. */
export function cellPath(row: number, col: number, names: Names): string {
  const name = names?.[col] ?? '';
  return `row ${row}, column ${name === '' ? col : JSON.stringify(name)}`;
}

/** The same of a value's row, which may be one of many, or of all its cells. */
export const placeOf = ({ firstRow = 0, names }: Value, row: number, col?: number): string =>
  col === undefined ? `row ${firstRow + row}` : cellPath(firstRow + row, col, names);

/** Some of the rows of a value that is not compressed: views where that is possible. */
export function viewRows(x: Value, start: number, end: number): Value {
  const from = start * x.cols;
  const to = end * x.cols;
  return {
    ...x,
    data: x.data.subarray(from, to),
    strings: x.strings?.slice(from, to),
    rows: end - start,
    firstRow: (x.firstRow ?? 0) + start,
  };
}
