import { describeValue, NuthatchError } from '../errors.js';
import { cellPath } from './dense.js';

/** What may stand where a number belongs. `null` and `undefined` are missing, booleans are 0 and 1. */
export type Cell = number | boolean | bigint | null | undefined;

/** The number that a cell means; throws `input-type` where it means none. */
export function cellToNumber(
  cell: unknown,
  row: number,
  col: number,
  names: readonly string[] | null,
): number {
  if (typeof cell === 'number') return cell;
  if (cell === null || cell === undefined) return Number.NaN;
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  if (typeof cell === 'bigint') return Number(cell);
  throw new NuthatchError(
    'input-type',
    cellPath(row, col, names),
    `expected a number, found ${describeValue(cell)}`,
  );
}
