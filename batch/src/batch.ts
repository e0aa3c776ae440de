import type { Columns, ErrorCode, MatrixLike } from 'nuthatch';
import { list } from './list.js';

/** What a column holds, for formats that have types. `mixed` is any of the others. */
export type ColumnType = 'number' | 'integer' | 'string' | 'boolean' | 'date' | 'mixed';

/** A column of the output. The value of a row is `values[offset + row * stride]`: one of a matrix lies there between the others. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly values: ArrayLike<unknown>;
  readonly offset: number;
  readonly stride: number;
  /** Where values are numbers of these, as those of a classifier are of its labels; else they are cells themselves. */
  readonly categories?: readonly unknown[] | undefined;
}

/** The value of each row, null where there is none. */
export function valuesOf({ values, offset, stride }: Column, rows: number): ArrayLike<unknown> {
  const isWhole = ArrayBuffer.isView(values) && stride === 1 && offset === 0;
  return isWhole && values.length === rows
    ? values
    : list(rows, (row) => values[offset + row * stride] ?? null);
}

/** The cells of a column, null where there is none. In a loop of its own: `list`, which makes many things, V8 compiles for them again and again. */
export function cellsOf(column: Column, rows: number): unknown[] {
  const cells = new Array<unknown>(rows);
  for (let row = 0; row < rows; row++) cells[row] = cellOf(column, row) ?? null;
  return cells;
}

/** The cell of a row; null or undefined where there is none. */
export function cellOf({ values, offset, stride, categories }: Column, row: number): unknown {
  const value = values[offset + row * stride];
  return categories && value !== null ? categories[value as number] : value;
}

/** What a model is given: a matrix, columns by name, or rows. */
export type Given = MatrixLike | Columns | readonly unknown[];

/** A row that could not be read, or that the model refused. */
export interface BadRow {
  /** Its number in its piece. */
  readonly row: number;
  /** Its line in its piece, counted from 0; null where the format has no lines. */
  readonly line: number | null;
  readonly code: ErrorCode;
  /** Where in it, such as `column "age"`. */
  readonly place: string;
  readonly message: string;
  /** Whether messages name it by its row even where it has a line: what models refuse. */
  readonly byRow: boolean;
  /** The row as it stands in the input, or what is known of it. */
  readonly text: string;
}

/** Rows that were read from one piece of the input. */
export interface Batch {
  /** Rows of the piece, bad ones included. */
  readonly total: number;
  readonly lines: number;
  /** Good rows. */
  readonly rows: number;
  readonly input: Given;
  /** What `input` stands in, perhaps; for pieces that come, when this one is answered. */
  readonly memory: ArrayBuffer | null;
  /** The number in the piece of each good row; null where all are good. */
  readonly places: Uint32Array | null;
  /** Columns that go beside answers, of all rows of the piece. */
  readonly kept: readonly Column[];
  readonly bad: readonly BadRow[];
  /** Where a row of the piece stands in it. Rows are asked for in their order: lines before them are counted once. */
  locate(row: number): Pick<BadRow, 'line' | 'text'>;
}

/** Some consecutive rows of those that a model is given. */
export function sliceRows(input: Given, start: number, end: number): Given {
  if (isMatrix(input)) {
    const { data, cols } = input;
    return { data: data.subarray(start * cols, end * cols), rows: end - start, cols };
  }
  const cut = (rows: ArrayLike<unknown>) =>
    (rows as unknown[] | Float64Array).slice(start, end) as unknown[];
  return Array.isArray(input) ? cut(input) : mapColumns(input as Columns, cut);
}

/** Some of the rows that a model is given, by their numbers. */
export function pickRows(input: Given, rows: Uint32Array): Given {
  if (isMatrix(input)) {
    const { cols } = input;
    const data = new (input.data.constructor as Float64ArrayConstructor)(rows.length * cols);
    rows.forEach((row, i) => {
      data.set(input.data.subarray(row * cols, (row + 1) * cols), i * cols);
    });
    return { data, rows: rows.length, cols };
  }
  const pick = (all: ArrayLike<unknown>) => {
    const picked = list(rows.length, (i) => all[rows[i]!]);
    return ArrayBuffer.isView(all)
      ? (all.constructor as unknown as { from(list: unknown[]): unknown[] }).from(picked)
      : picked;
  };
  return Array.isArray(input) ? pick(input) : mapColumns(input as Columns, pick);
}

/** The rows of several pieces of the same columns. */
export function joinRows(parts: readonly Given[]): Given {
  const [first] = parts;
  if (isMatrix(first!)) {
    const matrices = parts as readonly MatrixLike[];
    const rows = matrices.reduce((sum, matrix) => sum + matrix.rows, 0);
    return { data: joinNumbers(matrices.map(({ data }) => data)), rows, cols: first.cols };
  }
  if (Array.isArray(first)) return (parts as readonly unknown[][]).flat();
  const tables = parts as readonly Columns[];
  return Object.fromEntries(
    Object.keys(first!).map((name) => {
      const columns = tables.map((table) => table[name]!);
      return [name, columns.every(isNumbers) ? joinNumbers(columns) : columns.flatMap(toArray)];
    }),
  ) as Columns;
}

type Numbers = Float32Array | Float64Array;

const isNumbers = (column: unknown): column is Numbers =>
  column instanceof Float64Array || column instanceof Float32Array;

const toArray = (column: ArrayLike<unknown>): unknown[] => Array.from(column);

function joinNumbers(parts: readonly Numbers[]): Numbers {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const single = parts.every((part) => part instanceof Float32Array);
  const joined = new (single ? Float32Array : Float64Array)(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

const mapColumns = (columns: Columns, change: (column: ArrayLike<unknown>) => unknown[]): Columns =>
  Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, change(column)]),
  ) as Columns;

const isMatrix = (input: Given): input is MatrixLike =>
  ArrayBuffer.isView((input as MatrixLike).data);
