import { describeValue, NuthatchError, quote } from '../../src/errors.js';
import { parseDocument } from '../json/parse.js';
import type { PyValue } from '../sklearn/python.js';
import { ValueReader } from './values.js';

export const formatName = 'nuthatch/sklearn-json';
const supportedMajor = 1;

/** A document as plain data. */
export interface SklearnDocument {
  /** Library versions and what else the answers depend on. */
  readonly environment: ReadonlyMap<string, string>;
  readonly model: PyValue;
  readonly golden: readonly SourceGoldenSet[];
  /** Statistics of training rows, with arrays in their places; null where there are none. */
  readonly reference: Readonly<Record<string, unknown>> | null;
}

/** Rows and answers as the document has them. */
export interface SourceGoldenSet {
  readonly name: string;
  readonly inputType: string;
  readonly input: PyValue;
  readonly outputs: readonly (readonly [method: string, value: PyValue])[];
  readonly numerics: ReadonlyMap<string, string>;
}

/** Whether the bytes look like a document of this format: an object whose first key is its name. */
export function isSklearnJson(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 200));
  return /^\s*\{\s*"format"\s*:\s*"nuthatch\/sklearn-json"/.test(start);
}

/**
 * Reads a document written by the exporter.
 *
 * @throws NuthatchError `not-a-model`, `truncated`, `malformed`, `limit-exceeded`, `unsupported-version`
 */
export function readSklearnJson(bytes: Uint8Array): SklearnDocument {
  const map = parseDocument(bytes, 'standard');
  if (map.format !== formatName) {
    throw new NuthatchError(
      'not-a-model',
      'format',
      `expected ${quote(formatName)}, found ${describeValue(map.format)}`,
    );
  }
  checkVersion(map.version);
  const values = new ValueReader();
  return {
    environment: readStrings(map.environment, 'environment'),
    model: values.read(map.model, 'model'),
    golden: readGolden(map.golden, values),
    reference: readReference(map.reference, values),
  };
}

function checkVersion(version: unknown): void {
  const match = typeof version === 'string' ? /^(\d+)\.(\d+)$/.exec(version) : null;
  if (match === null) throw new NuthatchError('malformed', 'version', 'expected "major.minor"');
  if (Number(match[1]) !== supportedMajor) {
    throw new NuthatchError(
      'unsupported-version',
      'version',
      `the document has version ${describeValue(version)}; this release reads ${supportedMajor}.x. Update nuthatch, or export again.`,
    );
  }
}

function readGolden(value: unknown, values: ValueReader): SourceGoldenSet[] {
  if (value === undefined || value === null) return [];
  return asList(value, 'golden').map((item, i) => {
    const path = `golden[${i}]`;
    const set = asMap(item, path);
    const input = asMap(set.input, `${path}.input`);
    const outputs = asMap(set.outputs, `${path}.outputs`);
    if (typeof set.name !== 'string' || typeof input.type !== 'string') {
      throw new NuthatchError('malformed', path, 'expected a name and an input type');
    }
    return {
      name: set.name,
      inputType: input.type,
      input: values.read(input.value, `${path}.input`),
      outputs: Object.keys(outputs).map(
        (method) => [method, values.read(outputs[method], `${path}.outputs.${method}`)] as const,
      ),
      numerics: readStrings(set.numerics ?? {}, `${path}.numerics`),
    };
  });
}

function readReference(value: unknown, values: ValueReader): Record<string, unknown> | null {
  if (value === undefined || value === null) return null;
  const { rows, columns, answers } = asMap(value, 'reference');
  const statistics = (list: unknown, path: string) =>
    asList(list, path).map((item, i) => {
      const one = asMap(item, `${path}[${i}]`);
      for (const name of ['summary', 'edges', 'counts'])
        if (name in one) one[name] = values.read(one[name], `${path}[${i}].${name}`);
      return one;
    });
  return {
    rows,
    columns: statistics(columns, 'reference.columns'),
    answers: asList(answers, 'reference.answers').map((item, i) => {
      const path = `reference.answers[${i}]`;
      const answer = asMap(item, path);
      return { ...answer, columns: statistics(answer.columns, `${path}.columns`) };
    }),
  };
}

function asList(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new NuthatchError('malformed', path, 'expected an array');
  return value;
}

function asMap(value: unknown, path: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new NuthatchError('malformed', path, 'expected an object');
  }
  return Object.assign(Object.create(null), value);
}

/** Not `String`: an object of the file may have its own `toString`, which is no function. */
function factText(fact: unknown): string {
  return typeof fact === 'string' ? fact : JSON.stringify(fact);
}

/** A map of facts about the environment as text; lists are joined by spaces. */
function readStrings(value: unknown, path: string): Map<string, string> {
  const result = new Map<string, string>();
  const map = asMap(value, path);
  for (const key of Object.keys(map)) {
    const fact = map[key];
    result.set(key, Array.isArray(fact) ? fact.map(factText).join(' ') : factText(fact));
  }
  return result;
}
