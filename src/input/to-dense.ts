import { describeValue, NuthatchError } from '../errors.js';
import type { MatrixInput } from '../ir/index.js';
import { type Columns, columnsToDense, isColumns } from './columns.js';
import type { Dense } from './dense.js';
import { copyRecord, type RecordRow } from './records.js';
import { checkWidth, copyRow, isRow, type Row } from './rows.js';

/** A matrix in one typed array, row after row. Used in place: float32 data is float32 to the model, as in numpy. */
export interface MatrixLike {
  readonly data: Float64Array | Float32Array;
  readonly rows: number;
  readonly cols: number;
}

/** Several rows as a person has them: arrays, records by feature name, columns by feature name, or a typed matrix. */
export type Input = readonly Row[] | readonly RecordRow[] | Columns | MatrixLike;

export function isMatrix(value: object): value is MatrixLike {
  const { data, rows, cols } = value as Partial<MatrixLike>;
  const typed = data instanceof Float64Array || data instanceof Float32Array;
  return typed && typeof rows === 'number' && typeof cols === 'number';
}

/**
 * Rows of any accepted form as one matrix of the model's width.
 *
 * @throws NuthatchError `input-type`, `input-shape`, `input-columns`
 */
export function toDense(spec: MatrixInput, input: unknown): Dense {
  if (input === null || typeof input !== 'object') {
    throw new NuthatchError('input-type', 'input', `expected rows, found ${describeValue(input)}`);
  }
  if (Array.isArray(input)) return rowsToDense(spec, input);
  if (isMatrix(input)) return matrixToDense(spec, input);
  if (isRow(input)) throw oneRowError();
  if (!isColumns(input)) {
    throw new NuthatchError(
      'input-type',
      'input',
      'expected rows, columns or {data, rows, cols}; for one record use predictOne',
    );
  }
  return columnsToDense(input, requireNames(spec, 'columns'));
}

function matrixToDense(spec: MatrixInput, { data, rows, cols }: MatrixLike): Dense {
  if (cols !== spec.features)
    throw new NuthatchError(
      'input-shape',
      'input',
      `expected ${spec.features} columns, found ${cols}`,
    );
  if (!Number.isInteger(rows) || rows < 0 || data.length !== rows * cols) {
    throw new NuthatchError(
      'input-shape',
      'input',
      `${rows} rows of ${cols} columns need ${rows * cols} values, found ${data.length}`,
    );
  }
  return { data, rows, cols, names: spec.names };
}

function rowsToDense(spec: MatrixInput, input: readonly unknown[]): Dense {
  const cols = spec.features;
  const rows = input.length;
  if (rows > 0 && !isRow(input[0]) && (typeof input[0] !== 'object' || input[0] === null))
    throw oneRowError();
  // Before memory is taken for rows that may be much shorter.
  for (let row = 0; row < rows; row++) {
    const value = input[row];
    if (isRow(value)) checkWidth(value, row, cols);
  }
  const data = allocate(rows, cols);
  for (let row = 0; row < rows; row++) copyAny(spec, input[row], row, data, row * cols);
  return { data, rows, cols, names: spec.names };
}

function allocate(rows: number, cols: number): Float64Array {
  try {
    return new Float64Array(rows * cols);
  } catch {
    const message = `${rows} rows of ${cols} columns need more memory than there is`;
    throw new NuthatchError('limit-exceeded', 'input', message);
  }
}

/** Copies one row or record into `out`. */
export function copyAny(
  spec: MatrixInput,
  value: unknown,
  at: number,
  out: Float64Array,
  offset: number,
): void {
  if (isRow(value)) {
    copyRow(value, at, spec.features, spec.names, out, offset);
  } else if (value !== null && typeof value === 'object') {
    copyRecord(value as RecordRow, at, requireNames(spec, 'records'), out, offset);
  } else {
    throw new NuthatchError(
      'input-type',
      `row ${at}`,
      `expected a row (an array or a record), found ${describeValue(value)}`,
    );
  }
}

function requireNames(spec: MatrixInput, what: string): readonly string[] {
  if (spec.names !== null) return spec.names;
  throw new NuthatchError(
    'input-columns',
    'input',
    `the model has no feature names to match ${what}; give rows`,
  );
}

function oneRowError(): NuthatchError {
  return new NuthatchError(
    'input-shape',
    'input',
    'expected several rows, found one; use predictOne',
  );
}
