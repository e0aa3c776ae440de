import { describeValue, refuse } from '../errors.js';
import { cellPath, type Names } from './dense.js';

/** What may stand in a row. `null` and `undefined` are missing, booleans are 0 and 1; strings stand in columns of strings alone. */
export type Cell = number | boolean | bigint | string | null | undefined;

/** The number that a cell means; throws `input-type` where it means none. */
export function cellToNumber(cell: unknown, row: number, col: number, names: Names): number {
  if (typeof cell === 'number') return cell;
  if (cell === null || cell === undefined) return Number.NaN;
  if (typeof cell === 'boolean' || typeof cell === 'bigint') return Number(cell);
  return refuseCell('number', cell, row, col, names);
}

/** The string that a cell means, null where it is missing (NaN too); throws `input-type` where it means none. */
export function cellToString(cell: unknown, row: number, col: number, names: Names): string | null {
  if (typeof cell === 'string') return cell;
  if (cell === null || cell === undefined || Number.isNaN(cell)) return null;
  return refuseCell('string', cell, row, col, names);
}

function refuseCell(what: string, cell: unknown, row: number, col: number, names: Names): never {
  const path = cellPath(row, col, names);
  return refuse('input-type', path, `expected a ${what}, found ${describeValue(cell)}`);
}
