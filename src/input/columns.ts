import { NuthatchError, quote } from '../errors.js';
import { cellToNumber } from './cell.js';
import type { Dense } from './dense.js';
import { columnsError } from './records.js';
import { isRow, type Row } from './rows.js';

/** A table by feature name: one array a column, all of one length. */
export type Columns = { readonly [feature: string]: Row };

/** Whether every own value is an array, as in a table of columns. */
export function isColumns(value: object): value is Columns {
  const values = Object.values(value);
  return values.length > 0 && values.every(isRow);
}

export function columnsToDense(columns: Columns, names: readonly string[]): Dense {
  const found = Object.keys(columns);
  const present = new Set(found);
  if (found.length !== names.length || names.some((name) => !present.has(name))) {
    throw columnsError(found, names, 'columns');
  }
  const cols = names.length;
  const rows = columns[names[0]!]!.length;
  names.forEach((name) => {
    const { length } = columns[name]!;
    if (length !== rows) {
      throw new NuthatchError(
        'input-shape',
        `column ${quote(name)}`,
        `expected ${rows} values, found ${length}`,
      );
    }
  });
  const data = new Float64Array(rows * cols);
  for (let col = 0; col < cols; col++) {
    const column = columns[names[col]!]!;
    for (let row = 0; row < rows; row++)
      data[row * cols + col] = cellToNumber(column[row], row, col, names);
  }
  return { data, rows, cols, names };
}
