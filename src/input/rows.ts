import { NuthatchError } from '../errors.js';
import type { Cell } from './cell.js';
import type { Target } from './target.js';

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

/** Writes a row, checking its width and every cell. */
export function copyRow(row: Row, at: number, target: Target): void {
  const { cols } = target;
  checkWidth(row, at, cols);
  for (let col = 0; col < cols; col++) target.set(row[col], at, col);
}
