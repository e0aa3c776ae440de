import { parse } from 'yaml';
import { NuthatchError, printable, quote } from '../../src/errors.js';

/** What MLflow says of a model in its folder. */
export interface Mlmodel {
  /** Path of the model's own file, in the folder. */
  readonly file: string;
  /** Names of the columns, as the signature has them; null where it has none. */
  readonly columnNames: readonly string[] | null;
}

/** Flavours whose models are a file of a format that is read here, and the key that names it. The first that a model has is taken. */
const flavors: readonly (readonly [flavor: string, key: string])[] = [
  ['sklearn', 'pickled_model'],
  ['lightgbm', 'data'],
  ['xgboost', 'data'],
  ['catboost', 'data'],
  ['onnx', 'data'],
];

/** Characters of an MLmodel, which has a signature of some thousand columns at most. */
const longest = 10_000_000;

/**
 * Reads an `MLmodel`, in which MLflow says what is in a folder that `mlflow.<flavor>.save_model` wrote.
 *
 * @throws NuthatchError `malformed`, `unsupported`, `limit-exceeded`
 */
export function readMlmodel(text: string): Mlmodel {
  if (text.length > longest)
    throw new NuthatchError('limit-exceeded', 'MLmodel', `${text.length} characters`);
  const mlmodel = mapOf(parseYaml(text), 'MLmodel');
  const known = mapOf(own(mlmodel, 'flavors'), 'MLmodel.flavors');
  const found = flavors.find(([flavor]) => Object.hasOwn(known, flavor));
  if (found === undefined) {
    throw new NuthatchError(
      'unsupported',
      'MLmodel.flavors',
      `expected ${flavors.map(([flavor]) => flavor).join(', ')}, found ${Object.keys(known).slice(0, 10).map(printable).join(', ')}`,
    );
  }
  const [flavor, key] = found;
  const path = `MLmodel.flavors.${flavor}.${key}`;
  const file = own(mapOf(known[flavor], `MLmodel.flavors.${flavor}`), key);
  if (typeof file !== 'string') throw malformed(path, 'expected the name of a file');
  // Nothing outside the folder, wherever the model comes from.
  if (/^[/\\]|^[a-z]:|\0/i.test(file) || file.split(/[/\\]/).includes('..'))
    throw malformed(path, `${quote(file)} is not in the folder`);
  return { file, columnNames: namesOf(own(mlmodel, 'signature')) };
}

function parseYaml(text: string): unknown {
  try {
    return parse(text, { logLevel: 'error' });
  } catch (error) {
    throw malformed('MLmodel', printable((error as Error).message));
  }
}

/** Columns of a table, as a signature has them in JSON; a signature of an array has one input without a name. */
function namesOf(signature: unknown): string[] | null {
  if (signature === undefined || signature === null) return null;
  const inputs = own(mapOf(signature, 'MLmodel.signature'), 'inputs');
  if (typeof inputs !== 'string') return null;
  let columns: unknown;
  try {
    columns = JSON.parse(inputs);
  } catch {
    throw malformed('MLmodel.signature.inputs', 'expected JSON');
  }
  if (!Array.isArray(columns)) return null;
  const names = columns.map((column) =>
    column !== null && typeof column === 'object' ? own(column, 'name') : null,
  );
  return names.every((name) => typeof name === 'string') ? (names as string[]) : null;
}

const own = (map: object, key: string): unknown =>
  Object.hasOwn(map, key) ? (map as Record<string, unknown>)[key] : undefined;

function mapOf(value: unknown, path: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw malformed(path, 'expected a map');
  return value as Record<string, unknown>;
}

const malformed = (path: string, message: string) => new NuthatchError('malformed', path, message);
