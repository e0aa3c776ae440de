import { describeValue, refuse } from '../errors.js';
import { type InputSpec, inputColumns } from '../ir/index.js';
import type { Cell } from './cell.js';
import { type Columns, isColumns, readColumns } from './columns.js';
import { isSingle, type Value } from './dense.js';
import type { Pair } from './items.js';
import { isMatrix, type MatrixLike } from './matrix.js';
import { copyRecord, type RecordRow } from './records.js';
import { checkLength, copyRow, isRow, type Row } from './rows.js';
import { createTarget, type Target } from './target.js';

/**
 * Several rows as a person has them: arrays, records by feature name, columns by feature name, a typed matrix, or (for models of
 * documents, and of one nameless column, such as a LabelEncoder) values. Models of items, such as a DictVectorizer, are given what those
 * take: records of any features, lists of pairs, or lists of names or labels.
 */
export type Input =
  | readonly Row[]
  | readonly RecordRow[]
  | readonly (readonly Pair[])[]
  | readonly Cell[]
  | Columns
  | MatrixLike;

/**
 * Rows of any accepted form as a value of the model's width.
 *
 * A typed matrix of one row is told of by `view`, which is used again: to read it allocates nothing.
 *
 * @throws NuthatchError `input-type`, `input-shape`, `input-columns`
 */
export function readInput(spec: InputSpec, input: unknown, view: Target): Value {
  if (isRow(input)) return readRows(spec, input);
  if (isObject(input)) {
    if (isMatrix(input)) return readMatrix(spec, input, view);
    if (isColumns(input)) return readColumns(spec, input);
  }
  const message = `expected rows, columns or {data, rows, cols}, found ${describeValue(input)}; for one record use predictOne`;
  return refuse('input-type', 'input', message);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function readMatrix(spec: InputSpec, { data, rows, cols }: MatrixLike, view: Target): Value {
  const expected = inputColumns(spec);
  if (cols !== expected)
    refuse('input-shape', 'input', `expected ${expected} columns, found ${cols}`);
  if (!Number.isInteger(rows) || rows < 0 || data.length !== rows * cols) {
    const message = `expected ${rows} times ${cols} values, found ${data.length}`;
    refuse('input-shape', 'input', message);
  }
  if (spec.type === 'matrix') {
    if (rows !== 1) return { ...view, data, rows };
    view.data = data;
    view.rows = rows;
    return view;
  }
  const single = isSingle(data);
  const target = createTarget(spec, rows, single ? new Array<boolean>(cols).fill(true) : null);
  for (let i = 0; i < data.length; i++) target.set(data[i], Math.floor(i / cols), i % cols);
  return target;
}

function readRows(spec: InputSpec, input: ArrayLike<unknown>): Value {
  const rows = input.length;
  const cols = inputColumns(spec);
  // Before memory is taken for rows that may be much shorter.
  const { isCell } = createTarget(spec, 0);
  for (let row = 0; row < rows; row++) {
    const value = input[row];
    if (isRow(value) && !isCell(value)) checkLength(value, cols, 'row', row);
  }
  const target = createTarget(spec, rows);
  const areCells = rows > 0 && isCell(input[0]);
  if (rows > 0 && !areCells && !isObject(input[0]))
    refuse('input-shape', 'input', 'expected several rows, found one; use predictOne');
  for (let row = 0; row < rows; row++) {
    if (areCells) target.set(input[row], row, 0);
    else copyAny(input[row], row, target);
  }
  return target;
}

/** Writes the only row: it may be its one cell, such as a document. */
export function copyOne(value: unknown, target: Target): void {
  if (target.isCell(value)) target.set(value, 0, 0);
  else copyAny(value, 0, target);
}

/** Writes one row or record. */
function copyAny(value: unknown, at: number, target: Target): void {
  if (isRow(value)) copyRow(value, at, target);
  else if (isObject(value)) copyRecord(value as RecordRow, at, target);
  else refuse('input-type', `row ${at}`, `expected a row, found ${describeValue(value)}`);
}
