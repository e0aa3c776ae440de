import type { Input, Model } from 'nuthatch';
import { HttpError } from './http-error.js';
import { isRecord } from './json-text.js';
import type { ServedModel } from './served-model.js';

/** Rows that a request may have, and cells of them. */
export interface RowLimits {
  readonly rows: number;
  readonly cells: number;
  /** Rows of large batches that may be under way in all requests. */
  readonly waitingRows?: number | undefined;
  /** Milliseconds for which large batches, and rows of slow models, wait for their turn. */
  readonly turnMs?: number | undefined;
}

/**
 * Rows as clients write them: a list of rows or of records, one row, one record, documents, or a table by column name.
 *
 * @param path where they are in the request, for messages
 * @throws HttpError 400, 413
 */
export function readRows(
  { model }: Pick<ServedModel, 'model'>,
  value: unknown,
  path: string,
  limits: RowLimits,
): { readonly rows: Input; readonly count: number } {
  const rows = asRows(model, value, path);
  const count = countOf(rows, path);
  checkSize(count, model.nFeatures, path, limits);
  return { rows, count };
}

/** @throws HttpError 413 */
export function checkSize(rows: number, columns: number, path: string, limits: RowLimits): void {
  if (rows > limits.rows || rows * columns > limits.cells)
    throw overLimit(`${rows} rows of ${columns} columns`, limits, path);
}

export const overLimit = (found: string, { rows, cells }: RowLimits, path = 'body'): HttpError =>
  new HttpError(
    413,
    'limit-exceeded',
    `${found}; a request may have ${rows} rows and ${cells} cells`,
    path,
  );

function asRows(model: Model, value: unknown, path: string): Input {
  const { type } = model.description.input;
  if (typeof value === 'string' && type === 'text') return [value];
  if (Array.isArray(value)) {
    // Of one column, or of documents, they are rows.
    const isOneRow = value.length > 0 && model.nFeatures > 1 && value.every(isCell);
    return (isOneRow ? [value] : value) as Input;
  }
  if (!isRecord(value))
    throw new HttpError(400, 'input-type', 'expected a row, rows or records', path);
  if (isTyped(value)) return value;
  const cells = Object.values(value);
  const isTable = cells.length > 0 && cells.every(Array.isArray);
  return (isTable ? value : [value]) as Input;
}

/** Some of the rows. */
export function rowsBetween(rows: Input, start: number, end: number): Input {
  if (Array.isArray(rows)) return rows.slice(start, end) as Input;
  if (isTyped(rows)) {
    const { data, cols } = rows;
    return { data: data.subarray(start * cols, end * cols), rows: end - start, cols };
  }
  const columns = Object.entries(rows as Record<string, readonly unknown[]>);
  return Object.fromEntries(
    columns.map(([name, cells]) => [name, cells.slice(start, end)]),
  ) as Input;
}

/** What rows have to share to be read together: rows, records, documents, or matrices of one type; null for tables, which are not joined. */
export function formOf(rows: Input): string | null {
  if (isTyped(rows)) return `${rows.data.constructor.name} ${rows.cols}`;
  if (!Array.isArray(rows)) return null;
  return Array.isArray(rows[0]) ? 'rows' : typeof rows[0];
}

/** Rows of one form, behind one another. */
export function joinRows(parts: readonly Input[]): Input {
  const matrices = parts.filter(isTyped);
  if (matrices.length === 0) return parts.flat() as Input;
  const { data: first, cols } = matrices[0]!;
  const rows = matrices.reduce((sum, matrix) => sum + matrix.rows, 0);
  const data =
    first instanceof Float32Array ? new Float32Array(rows * cols) : new Float64Array(rows * cols);
  let at = 0;
  for (const matrix of matrices) {
    data.set(matrix.data, at);
    at += matrix.data.length;
  }
  return { data, rows, cols };
}

const isCell = (value: unknown): boolean => typeof value !== 'object' || value === null;

type Typed = Extract<Input, { readonly rows: number }>;

/** Numbers of a binary tensor: JSON has no typed array. */
const isTyped = (value: object): value is Typed => ArrayBuffer.isView((value as Typed).data);

/** Rows, also of a table by column name, whose columns are equally long. */
function countOf(rows: Input, path: string): number {
  if (Array.isArray(rows)) return rows.length;
  if (isTyped(rows)) return rows.rows;
  const lengths = new Set(Object.values(rows).map((column) => (column as unknown[]).length));
  if (lengths.size > 1)
    throw new HttpError(400, 'input-shape', 'the columns differ in length', path);
  return [...lengths][0] ?? 0;
}
