import {
  arrayTypeOf,
  type Fields,
  fail,
  flag,
  float64s,
  integer,
  list,
  map,
  oneOf,
  optional,
  type Reader,
  raw,
  read,
  readAll,
  sized,
  starts,
  type TypedArray,
  tensor,
  text,
  upTo,
  within,
} from './fields.js';
import { type ItemForm, itemForms } from './value.js';

/** Rows together with what the source library answered, for replay in the runtime at hand. */
export interface GoldenSet {
  /** Where the rows come from: `rows` (a person's), `thresholds`, `missing`, … */
  readonly name: string;
  /** The rows, all in one batch. */
  readonly input: GoldenMatrix | GoldenColumns;
  readonly outputs: readonly GoldenOutput[];
  /** What the answers depend on: library versions, CPU features, BLAS, threads, platform. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Rows of numbers. NaN is missing. */
export interface GoldenMatrix {
  readonly type: 'matrix';
  readonly rows: number;
  readonly columns: number;
  /** [rows × columns], row after row. */
  readonly data: Float64Array | Float32Array;
}

/** Rows of numbers, strings and items, column by column. */
export interface GoldenColumns {
  readonly type: 'columns';
  readonly rows: number;
  readonly columns: number;
  /** Each [rows]; NaN and null are missing. */
  readonly values: readonly (
    | Float64Array
    | Float32Array
    | readonly (string | null)[]
    | GoldenItems
  )[];
}

/** A column of items, those of all rows one after another. */
export interface GoldenItems {
  readonly form: ItemForm;
  /** [rows + 1]: where each row's begin. */
  readonly starts: Uint32Array;
  /** [items]: numbers are labels. */
  readonly names: Float64Array | readonly string[];
  /** [items]: the numbers that they are given; NaN is nothing. null of a list, whose items are given 1. */
  readonly numbers: Float64Array | null;
  /** [items]: the string or strings that they are given instead, null where there is a number. null of a list. */
  readonly strings: readonly (string | readonly string[] | null)[] | null;
}

/** A cell of a column as a person writes it. */
export function goldenCell(column: GoldenColumns['values'][number], row: number): unknown {
  if (!('form' in column)) return column[row];
  const { form, starts, names, numbers, strings } = column;
  const items = Array.from({ length: starts[row + 1]! - starts[row]! }, (_, i) => {
    const item = starts[row]! + i;
    return [names[item]!, strings?.[item] ?? numbers?.[item]] as const;
  });
  if (form === 'list') return items.map(([name]) => name);
  return form === 'pairs' ? items : Object.fromEntries(items);
}

/** A row as a person writes it: by name, by position or, of one column of items without a name, its cell. */
export function goldenRow(
  { values }: GoldenColumns,
  names: readonly string[] | null,
  row: number,
): unknown {
  const cells = values.map((column) => goldenCell(column, row));
  if (names !== null) return Object.fromEntries(names.map((name, col) => [name, cells[col]]));
  return 'form' in values[0]! ? cells[0] : cells;
}

/** All rows as a person writes them: columns by name, or rows. */
export function goldenTable(input: GoldenColumns, names: readonly string[] | null): unknown {
  const all = <T>(read: (row: number) => T) =>
    Array.from({ length: input.rows }, (_, row) => read(row));
  if (names === null) return all((row) => goldenRow(input, names, row));
  const table = input.values.map((column) =>
    'form' in column ? all((row) => goldenCell(column, row)) : column,
  );
  return Object.fromEntries(names.map((name, col) => [name, table[col]]));
}

/** What one method answered: one array, or a list of them where scikit-learn gives a list. */
export interface GoldenOutput {
  /** scikit-learn's name of the method. */
  readonly method: string;
  readonly list: boolean;
  readonly parts: readonly GoldenPart[];
}

/** An array with its shape. */
export interface GoldenPart {
  readonly shape: readonly number[];
  /** Numbers, or strings. */
  readonly values: TypedArray | readonly string[];
  /** Of an array of numbers and strings: the strings, null where there is a number. */
  readonly strings: readonly (string | null)[] | null;
}

export function validateGolden(f: Fields): GoldenSet {
  const input = read(f, 'input', map(validateInput));
  const output = map((one) => validateOutput(one, input.rows));
  return {
    input,
    ...readAll(f, { name: text, outputs: list(output), environment: readStrings }),
  };
}

function validateInput(f: Fields): GoldenMatrix | GoldenColumns {
  const type = read(f, 'type', oneOf('matrix', 'columns'));
  const { rows, columns } = readAll(f, { rows: integer(1, 2 ** 31), columns: upTo('features') });
  const numbers = (count: number) => tensor(['float64', 'float32'], count);
  if (type === 'matrix')
    return { type, rows, columns, data: read(f, 'data', numbers(rows * columns)) };
  const items = map((column) => validateItems(column, rows));
  const column: Reader<GoldenColumns['values'][number]> = (value, ...place) =>
    (Array.isArray(value) ? stringsOrNull(rows) : arrayTypeOf(value) ? numbers(rows) : items)(
      value,
      ...place,
    );
  return { type, rows, columns, ...readAll(f, { values: sized(list(column), columns) }) };
}

function validateItems(f: Fields, rows: number): GoldenItems {
  const form = read(f, 'form', oneOf(...itemForms));
  const names = read<Float64Array | string[]>(
    f,
    'names',
    Array.isArray(raw(f, 'names')) ? list(text) : float64s(),
  );
  const items = names.length;
  const own = { form, starts: read(f, 'starts', starts(rows, rows, items)), names };
  if (form === 'list') return { ...own, numbers: null, strings: null };
  const given: Reader<string | string[] | null> = (value, ...place) =>
    value === null ? value : (Array.isArray(value) ? list(text) : text)(value, ...place);
  return {
    ...own,
    ...readAll(f, { numbers: float64s(items), strings: sized(list(given), items) }),
  };
}

const stringsOrNull = (length: number): Reader<(string | null)[]> =>
  sized(
    list((value, ...place) => (value === null ? value : text(value, ...place))),
    length,
  );

function validateOutput(f: Fields, rows: number): GoldenOutput {
  const part = map((one) => validatePart(one, rows));
  const output = readAll(f, { method: text, list: flag, parts: list(part) });
  if (!output.list && output.parts.length !== 1) fail(f, 'parts', 'expected one array');
  return output;
}

function validatePart(f: Fields, rows: number): GoldenPart {
  const shape = read(f, 'shape', sized(list(integer(0, 2 ** 53)), 1, 2));
  if (shape[0] !== rows) fail(f, 'shape', `expected ${rows} rows`);
  const size = rows * (shape[1] ?? 1);
  const found = raw(f, 'values');
  const values =
    arrayTypeOf(found) === null ? read(f, 'values', list(text)) : (found as TypedArray);
  within(f, 'values', values.length, size);
  return { shape, values, ...readAll(f, { strings: optional(stringsOrNull(size)) }) };
}

/** A map whose values are all strings; on a null prototype, as its keys come from a file. */
export const readStrings: Reader<Record<string, string>> = map((f) => {
  const strings: Record<string, string> = Object.create(null);
  for (const name of Object.keys(f.map)) strings[name] = read(f, name, text);
  return strings;
});
