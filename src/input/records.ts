import { NuthatchError, quote } from '../errors.js';
import { cellToNumber } from './cell.js';

/** One row by feature name. */
export type RecordRow = { readonly [feature: string]: unknown };

/** Copies a record into `out` from `offset` on, matching features by name. Key order does not matter. */
export function copyRecord(
  record: RecordRow,
  at: number,
  names: readonly string[],
  out: Float64Array,
  offset: number,
): void {
  for (let col = 0; col < names.length; col++) {
    const name = names[col]!;
    if (!Object.hasOwn(record, name)) throw columnsError(Object.keys(record), names, `row ${at}`);
    const cell = record[name];
    out[offset + col] = typeof cell === 'number' ? cell : cellToNumber(cell, at, col, names);
  }
  let keys = 0;
  for (const key in record) if (Object.hasOwn(record, key)) keys++;
  if (keys !== names.length) throw columnsError(Object.keys(record), names, `row ${at}`);
}

/** The error for a record or table whose columns are not the model's: it names the missing, extra and renamed ones. */
export function columnsError(
  found: readonly string[],
  expected: readonly string[],
  path: string,
): NuthatchError {
  const present = new Set(found);
  const wanted = new Set(expected);
  const missing = expected.filter((name) => !present.has(name));
  const extra = found.filter((name) => !wanted.has(name));
  const renamed: string[] = [];
  for (const name of missing) {
    const alike = extra.find((other) => simplified(other) === simplified(name));
    if (alike !== undefined) renamed.push(`${quote(alike)} should be ${quote(name)}`);
  }
  const parts: string[] = [];
  if (missing.length > 0) parts.push(`missing ${list(missing)}`);
  if (extra.length > 0) parts.push(`not known to the model: ${list(extra)}`);
  if (renamed.length > 0) parts.push(`perhaps ${renamed.slice(0, 5).join(', ')}`);
  return new NuthatchError(
    'input-columns',
    path,
    `the columns differ from the model's: ${parts.join('; ')}`,
  );
}

/** A name without what people change by accident: case, spaces, punctuation. */
function simplified(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).map(quote).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
