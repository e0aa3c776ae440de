import { arrayTypeOf, Fields, type TypedArray } from './fields.js';
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
  const input = validateInput(f.map('input'));
  const outputs = f
    .list('outputs')
    .map((value, i) =>
      validateOutput(new Fields(value, `${f.path}.outputs[${i}]`, f.limits), input.rows),
    );
  return {
    name: f.text('name'),
    input,
    outputs,
    environment: validateStrings(f, 'environment'),
  };
}

function validateInput(f: Fields): GoldenMatrix | GoldenColumns {
  const type = f.oneOf('type', ['matrix', 'columns']);
  const rows = f.integer('rows', 1, 2 ** 31);
  const columns = f.integer('columns', 1, f.limits.features);
  if (type === 'matrix')
    return { type, rows, columns, data: f.array('data', ['float64', 'float32'], rows * columns) };
  const values = f.list('values').map((value, i) => {
    if (Array.isArray(value)) return stringsOrNull(f, `values[${i}]`, value, rows);
    if (arrayTypeOf(value) === null)
      return validateItems(new Fields(value, `${f.path}.values[${i}]`, f.limits), rows);
    const column = new Fields({ [i]: value }, `${f.path}.values`, f.limits);
    return column.array(`${i}`, ['float64', 'float32'], rows);
  });
  if (values.length !== columns) f.fail('values', `expected ${columns} columns`);
  return { type, rows, columns, values };
}

function validateItems(f: Fields, rows: number): GoldenItems {
  const form = f.oneOf('form', itemForms);
  const raw = f.get('names');
  const names = Array.isArray(raw) ? f.texts('names') : f.array('names', ['float64']);
  const items = names.length;
  const starts = f.starts('starts', rows, rows, items);
  if (form === 'list') return { form, starts, names, numbers: null, strings: null };
  const numbers = f.array('numbers', ['float64'], items);
  const strings = f.list('strings').map((value, i) => {
    if (value === null || typeof value === 'string') return value;
    const isList = Array.isArray(value) && value.every((one) => typeof one === 'string');
    return isList ? (value as string[]) : f.fail(`strings[${i}]`, 'expected strings');
  });
  f.within('strings', strings.length, items, items);
  return { form, starts, names, numbers, strings };
}

function stringsOrNull(
  f: Fields,
  name: string,
  values: readonly unknown[],
  length: number,
): readonly (string | null)[] {
  if (values.length !== length) f.fail(name, `expected ${length} elements, found ${values.length}`);
  if (!values.every((value) => value === null || typeof value === 'string'))
    f.fail(name, 'expected strings');
  return values as (string | null)[];
}

function validateOutput(f: Fields, rows: number): GoldenOutput {
  const parts = f.list('parts').map((value, i) => {
    const part = new Fields(value, `${f.path}.parts[${i}]`, f.limits);
    return validatePart(part, rows);
  });
  const list = f.flag('list');
  if (!list && parts.length !== 1) f.fail('parts', 'expected one array');
  return { method: f.text('method'), list, parts };
}

function validatePart(f: Fields, rows: number): GoldenPart {
  const shape = f.list('shape');
  let size = 1;
  for (const length of shape) {
    if (typeof length !== 'number' || !Number.isInteger(length) || length < 0)
      f.fail('shape', 'expected lengths');
    size *= length;
  }
  if (shape.length < 1 || shape.length > 2 || shape[0] !== rows)
    f.fail('shape', `expected ${rows} rows`);
  const raw = f.get('values');
  const values = arrayTypeOf(raw) === null ? f.texts('values') : (raw as TypedArray);
  if (values.length !== size) f.fail('values', `expected ${size} elements, found ${values.length}`);
  const strings = f.optional('strings', (name) => stringsOrNull(f, name, f.list(name), size));
  return { shape: shape as number[], values, strings };
}

/** A field that is a map whose values are all strings; on a null prototype, as its keys come from a file. */
export function validateStrings(f: Fields, name: string): Record<string, string> {
  const strings = f.map(name);
  const result: Record<string, string> = Object.create(null);
  for (const key of Object.keys(f.get(name)!)) result[key] = strings.text(key);
  return result;
}
