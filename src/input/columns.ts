import { quote } from '../errors.js';
import { type InputSpec, inputNames } from '../ir/index.js';
import { isSingle, type Value } from './dense.js';
import { checkColumns, requireNames } from './records.js';
import { checkLength, isRow, type Row } from './rows.js';
import { createTarget } from './target.js';

/** A table by feature name: one array a column, all of one length. */
export type Columns = { readonly [feature: string]: Row };

/** Whether every own value is an array, as in a table of columns. */
export function isColumns(value: object): value is Columns {
  const values = Object.values(value);
  return values.length > 0 && values.every(isRow);
}

/** Columns of float32 stay so, as in numpy. */
export function readColumns(spec: InputSpec, columns: Columns): Value {
  const names = requireNames(inputNames(spec));
  const found = Object.keys(columns);
  const rows = columns[found[0]!]!.length;
  for (const name of found) checkLength(columns[name]!, rows, 'column', quote(name));
  const given = names.map((name) => (Object.hasOwn(columns, name) ? columns[name]! : null));
  const singles = given.map(isSingle);
  const target = createTarget(spec, rows, singles);
  checkColumns(found, target, 'columns');
  given.forEach((column, col) => {
    if (column) for (let row = 0; row < rows; row++) target.set(column[row], row, col);
  });
  return target;
}
