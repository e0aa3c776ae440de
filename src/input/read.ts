import { describeValue, NuthatchError } from '../errors.js';
import { type InputSpec, inputColumns, inputNames } from '../ir/index.js';
import type { Cell } from './cell.js';
import { type Columns, isColumns, readColumns } from './columns.js';
import type { Value } from './dense.js';
import { isMatrix, type MatrixLike } from './matrix.js';
import { copyRecord, type RecordRow } from './records.js';
import { checkWidth, copyRow, isRow, type Row } from './rows.js';
import { isSparse, readSparse, type SparseLike } from './sparse.js';
import { createTarget, type Target } from './target.js';

/**
 * Several rows as a person has them: arrays, records by feature name, columns by feature name, a typed matrix, compressed rows, or (for
 * models of one nameless column, such as a LabelEncoder) values.
 */
export type Input =
  | readonly Row[]
  | readonly RecordRow[]
  | readonly Cell[]
  | Columns
  | MatrixLike
  | SparseLike;

/**
 * Rows of any accepted form as a value of the model's width.
 *
 * @throws NuthatchError `input-type`, `input-shape`, `input-columns`
 */
export function readInput(spec: InputSpec, input: unknown): Value {
  if (input === null || typeof input !== 'object') {
    throw new NuthatchError('input-type', 'input', `expected rows, found ${describeValue(input)}`);
  }
  const alone = spec.type === 'columns' && spec.columns.length === 1 && inputNames(spec) === null;
  if (Array.isArray(input)) return readRows(spec, input, alone);
  if (isMatrix(input)) return isSparse(input) ? readSparse(spec, input) : readMatrix(spec, input);
  if (isRow(input)) return alone ? readRows(spec, Array.from(input), true) : refuseOneRow();
  if (!isColumns(input)) {
    throw new NuthatchError(
      'input-type',
      'input',
      'expected rows, columns or {data, rows, cols}; for one record use predictOne',
    );
  }
  return readColumns(spec, input, requireNames(inputNames(spec), 'columns'));
}

function readMatrix(spec: InputSpec, { data, rows, cols }: MatrixLike): Value {
  const expected = inputColumns(spec);
  if (cols !== expected)
    throw new NuthatchError('input-shape', 'input', `expected ${expected} columns, found ${cols}`);
  if (!Number.isInteger(rows) || rows < 0 || data.length !== rows * cols) {
    throw new NuthatchError(
      'input-shape',
      'input',
      `${rows} rows of ${cols} columns need ${rows * cols} values, found ${data.length}`,
    );
  }
  if (spec.type === 'matrix') return { data, rows, cols, names: spec.names };
  const single = data instanceof Float32Array;
  const target = createTarget(spec, rows, single ? new Array<boolean>(cols).fill(true) : null);
  for (let i = 0; i < data.length; i++) target.set(data[i], Math.floor(i / cols), i % cols);
  return target.value;
}

function readRows(spec: InputSpec, input: readonly unknown[], alone: boolean): Value {
  const rows = input.length;
  const first = input[0];
  const bare = rows > 0 && !isRow(first) && (typeof first !== 'object' || first === null);
  if (bare && !alone) refuseOneRow();
  // Before memory is taken for rows that may be much shorter.
  for (let row = 0; row < rows; row++) {
    const value = input[row];
    if (isRow(value)) checkWidth(value, row, inputColumns(spec));
  }
  const target = createTarget(spec, rows);
  for (let row = 0; row < rows; row++) {
    if (bare) target.set(input[row], row, 0);
    else copyAny(input[row], row, target);
  }
  return target.value;
}

/** Writes one row or record. */
export function copyAny(value: unknown, at: number, target: Target): void {
  if (isRow(value)) {
    copyRow(value, at, target);
  } else if (value !== null && typeof value === 'object') {
    copyRecord(value as RecordRow, at, requireNames(target.names, 'records'), target);
  } else {
    throw new NuthatchError(
      'input-type',
      `row ${at}`,
      `expected a row (an array or a record), found ${describeValue(value)}`,
    );
  }
}

function requireNames(names: readonly string[] | null, what: string): readonly string[] {
  if (names !== null) return names;
  throw new NuthatchError(
    'input-columns',
    'input',
    `the model has no feature names to match ${what}; give rows`,
  );
}

function refuseOneRow(): never {
  throw new NuthatchError(
    'input-shape',
    'input',
    'expected several rows, found one; use predictOne',
  );
}
