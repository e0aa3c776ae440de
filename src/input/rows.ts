import { refuse } from '../errors.js';
import type { Cell } from './cell.js';
import type { Target } from './target.js';

/** One row by position. */
export type Row = ArrayLike<Cell>;

export const isRow = (value: unknown): value is Row =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

/** Checks the length of a row or column, of that number or name. */
export function checkLength(
  { length }: Row,
  expected: number,
  what: string,
  which: number | string,
): void {
  if (length !== expected)
    refuse('input-shape', `${what} ${which}`, `expected ${expected} values, found ${length}`);
}

/** Writes a row, checking its width and every cell. */
export function copyRow(row: Row, at: number, target: Target): void {
  const { cols } = target;
  checkLength(row, cols, 'row', at);
  for (let col = 0; col < cols; col++) target.set(row[col], at, col);
}
