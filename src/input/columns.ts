import { NuthatchError, quote } from '../errors.js';
import type { InputSpec } from '../ir/index.js';
import type { Value } from './dense.js';
import { columnsError } from './records.js';
import { isRow, type Row } from './rows.js';
import { createTarget } from './target.js';

/** A table by feature name: one array a column, all of one length. */
export type Columns = { readonly [feature: string]: Row };

/** Whether every own value is an array, as in a table of columns. */
export function isColumns(value: object): value is Columns {
  const values = Object.values(value);
  return values.length > 0 && values.every(isRow);
}

/** Columns of float32 stay so, as in numpy. */
export function readColumns(spec: InputSpec, columns: Columns, names: readonly string[]): Value {
  const found = Object.keys(columns);
  const rows = columns[found[0]!]!.length;
  for (const name of found) {
    const { length } = columns[name]!;
    if (length === rows) continue;
    const message = `expected ${rows} values, found ${length}`;
    throw new NuthatchError('input-shape', `column ${quote(name)}`, message);
  }
  const has = names.map((name) => Object.hasOwn(columns, name));
  const singles = names.map((name, col) => has[col]! && columns[name] instanceof Float32Array);
  const target = createTarget(spec, rows, singles);
  const lacking = has.some((here, col) => !here && !target.unused?.[col]);
  if (lacking || has.filter(Boolean).length !== found.length)
    throw columnsError(found, target, 'columns');
  names.forEach((name, col) => {
    if (has[col]) for (let row = 0; row < rows; row++) target.set(columns[name]![row], row, col);
  });
  return target.value;
}
