/** A matrix of numbers, row after row. NaN is missing. */
export interface Dense {
  readonly data: Float64Array | Float32Array;
  readonly rows: number;
  readonly cols: number;
  /** Names of the columns, for messages; null where there are none. */
  readonly names: readonly string[] | null;
}

/** Where a cell is, for a message: `row 4, column "age"`. Rows and unnamed columns count from 0. */
export function cellPath(row: number, col: number, names: readonly string[] | null): string {
  const name = names?.[col];
  return `row ${row}, column ${name === undefined ? col : JSON.stringify(name)}`;
}
