import { readFile } from 'node:fs/promises';
import { describeValue, NuthatchError, printable } from '../errors.js';
import type { Value } from '../input/dense.js';
import { readInput } from '../input/read.js';
import { createTarget } from '../input/target.js';
import {
  columnsOf,
  type GoldenOutput,
  type GoldenPart,
  type GoldenSet,
  holdsStrings,
  type InputSpec,
  isItemForm,
  type ModelDescription,
} from '../ir/index.js';
import { type MethodName, methodNames } from '../model.js';
import { ioError, readModel } from '../node.js';
import { parsePythonJson } from '../python-json.js';

/** How to write such a file, for help texts. */
export const answersHelp =
  'json.dump({"rows": X.tolist(), "predict": model.predict(X).tolist()}, open("answers.json", "w"))';

/**
 * The golden rows of a file: those of another model file, or rows with the answers that the source library gave, as a person writes them:
 * `{"rows": […], "predict": […], "predict_proba": [[…]]}`.
 *
 * @throws NuthatchError `malformed`, `usage`, the codes of input and of `importModel`
 */
export async function readGolden(
  path: string,
  { input }: ModelDescription,
): Promise<readonly GoldenSet[]> {
  try {
    const { golden } = await readModel(path);
    if (golden.length > 0) return golden;
    throw new NuthatchError('usage', path, 'there are no golden rows in this model');
  } catch (error) {
    if (!(error instanceof NuthatchError && error.code === 'not-a-model')) throw error;
  }
  const document = await readJson(path);
  if (typeof document !== 'object' || document === null || !Object.hasOwn(document, 'rows'))
    throw new NuthatchError(
      'malformed',
      path,
      'neither a model with golden rows nor rows with answers; write these in Python: ' +
        answersHelp,
    );
  const { rows: written, ...answers } = document as Record<string, unknown>;
  const rows = readInput(input, written, createTarget(input, 0));
  if (rows.rows === 0) throw new NuthatchError('malformed', `${path}, rows`, 'there are none');
  const outputs = Object.entries(answers).map(([method, answer]) =>
    readAnswer(method, answer, rows.rows, path),
  );
  if (outputs.length === 0)
    throw new NuthatchError('malformed', path, 'there are rows, and no answers to them');
  return [{ name: 'answers', input: goldenInput(rows, input, path), outputs, environment: {} }];
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw ioError('read', path, error);
  });
  try {
    return parsePythonJson(text.replace(/^\ufeff/, ''));
  } catch (error) {
    const message = `this is not JSON: ${printable((error as Error).message)}`;
    throw new NuthatchError('malformed', path, message);
  }
}

/** Rows as a golden set has them. */
function goldenInput(rows: Value, spec: InputSpec, path: string): GoldenSet['input'] {
  const { rows: count, cols: columns } = rows;
  const cells = rows.data.subarray(0, count * columns);
  const types = columnsOf(spec);
  if (types === null)
    return { type: 'matrix', rows: count, columns, data: Float64Array.from(cells) };
  if (types.some(({ type }) => isItemForm(type)))
    throw new NuthatchError(
      'unsupported',
      path,
      'this model takes items: write its golden rows with nuthatch-export',
    );
  const values = types.map((column, col) =>
    holdsStrings(column)
      ? Array.from({ length: count }, (_, row) => rows.strings![row * columns + col] as string)
      : Float64Array.from({ length: count }, (_, row) => cells[row * columns + col]!),
  );
  return { type: 'columns', rows: count, columns, values };
}

/** What a method answered: a value a row, a list a row, or a list of such for each output. */
function readAnswer(method: string, answer: unknown, rows: number, path: string): GoldenOutput {
  const place = `${path}, ${method}`;
  const methods = Object.keys(methodNames) as MethodName[];
  if (!methods.some((name) => name === method))
    throw new NuthatchError('malformed', place, `no method; there are ${methods.join(', ')}`);
  const isList = Array.isArray(answer) && isNested(answer[0]) && isNested(answer[0][0]);
  const parts = (isList ? answer : [answer]).map((part) => readPart(part, rows, place));
  return { method, list: isList, parts };
}

const isNested = (value: unknown): value is readonly unknown[] => Array.isArray(value);

function readPart(part: unknown, rows: number, place: string): GoldenPart {
  if (!isNested(part) || part.length !== rows)
    throw new NuthatchError(
      'malformed',
      place,
      `expected ${rows} answers, found ${isNested(part) ? part.length : describeValue(part)}`,
    );
  const width = isNested(part[0]) ? part[0].length : null;
  const values = part.flatMap((row, i) => {
    if (isNested(row) ? row.length === width : width === null) return row as unknown;
    throw new NuthatchError('malformed', `${place}, row ${i}`, 'the answers differ in shape');
  });
  const shape = width === null ? [rows] : [rows, width];
  if (values.every((value) => typeof value === 'string')) return { shape, values, strings: null };
  const strings = values.map((value) => (typeof value === 'string' ? value : null));
  const numbers = Float64Array.from(values, (value) => {
    if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
    if (value === null || typeof value === 'string') return Number.NaN;
    throw new NuthatchError('malformed', place, `an answer that is ${describeValue(value)}`);
  });
  return { shape, values: numbers, strings: strings.some((one) => one !== null) ? strings : null };
}
