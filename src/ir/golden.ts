import { arrayTypeOf, Fields, type TypedArray } from './fields.js';

/** Rows together with what the source library answered, for replay in the runtime at hand. */
export interface GoldenSet {
  /** Where the rows come from: `rows` (a person's), `thresholds`, `missing`, … */
  readonly name: string;
  /** The rows, all in one batch. NaN is missing. [rows × columns], row after row. */
  readonly input: {
    readonly type: 'matrix';
    readonly rows: number;
    readonly columns: number;
    readonly data: Float64Array | Float32Array;
  };
  readonly outputs: readonly GoldenOutput[];
  /** What the answers depend on: library versions, CPU features, BLAS, threads, platform. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What one method answered: one array, or a list of them where scikit-learn gives a list. */
export interface GoldenOutput {
  /** scikit-learn's name of the method. */
  readonly method: string;
  readonly list: boolean;
  readonly parts: readonly GoldenPart[];
}

/** An array with its shape. Strings are class labels. */
export interface GoldenPart {
  readonly shape: readonly number[];
  readonly values: TypedArray | readonly string[];
}

export function validateGolden(f: Fields): GoldenSet {
  const input = f.map('input');
  input.oneOf('type', ['matrix']);
  const rows = input.integer('rows', 1, 2 ** 31);
  const columns = input.integer('columns', 1, f.limits.features);
  const data = input.array('data', ['float64', 'float32'], rows * columns);
  const outputs = f
    .list('outputs')
    .map((value, i) =>
      validateOutput(new Fields(value, `${f.path}.outputs[${i}]`, f.limits), rows),
    );
  return {
    name: f.text('name'),
    input: { type: 'matrix', rows, columns, data },
    outputs,
    environment: validateStrings(f.map('environment')),
  };
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
  return { shape: shape as number[], values };
}

/** A map whose values are all strings, on a null prototype: its keys come from a file. */
export function validateStrings(f: Fields): Record<string, string> {
  const result: Record<string, string> = Object.create(null);
  for (const key of f.keys()) result[key] = f.text(key);
  return result;
}
