import { arrayTypeOf, Fields, type TypedArray } from './fields.js';

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

/** Rows of numbers and strings, column by column. */
export interface GoldenColumns {
  readonly type: 'columns';
  readonly rows: number;
  readonly columns: number;
  /** Each [rows]; NaN and null are missing. */
  readonly values: readonly (Float64Array | Float32Array | readonly (string | null)[])[];
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
    const column = new Fields({ [i]: value }, `${f.path}.values`, f.limits);
    return Array.isArray(value)
      ? stringsOrNull(f, `values[${i}]`, value, rows)
      : column.array(`${i}`, ['float64', 'float32'], rows);
  });
  if (values.length !== columns) f.fail('values', `expected ${columns} columns`);
  return { type, rows, columns, values };
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
