import { NuthatchError } from '../errors.js';
import { type Cell, cellToNumber } from './cell.js';

/** One row by position. */
export type Row = ArrayLike<Cell>;

export function isRow(value: unknown): value is Row {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

export function checkWidth(row: Row, at: number, cols: number): void {
  if (row.length === cols) return;
  throw new NuthatchError(
    'input-shape',
    `row ${at}`,
    `expected ${cols} values, found ${row.length}`,
  );
}

/** Copies a row into `out` from `offset` on, checking its width and every cell. */
export function copyRow(
  row: Row,
  at: number,
  cols: number,
  names: readonly string[] | null,
  out: Float64Array,
  offset: number,
): void {
  checkWidth(row, at, cols);
  for (let col = 0; col < cols; col++) {
    const cell = row[col];
    out[offset + col] = typeof cell === 'number' ? cell : cellToNumber(cell, at, col, names);
  }
}
