import { parseDocument } from '../json/parse.js';
import type { PyObject } from '../sklearn/python.js';
import { isMeta, type Reading, readModel } from './models.js';

export interface PackageDocument {
  readonly model: PyObject;
  /** What is known of the scikit-learn that fitted it. */
  readonly version: string;
}

/** Whether the bytes look like a file of the package: an object whose first key is `meta`, with one of the package's names for models. */
export function isSklearnJsonPackage(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 200));
  const match = /^\s*\{\s*"meta"\s*:\s*"([a-z-]+)"/.exec(start);
  return match !== null && isMeta(match[1]!);
}

/**
 * Reads a file that `to_json` of the package wrote.
 *
 * @throws NuthatchError `not-a-model`, `truncated`, `malformed`, `limit-exceeded`, `unsupported`, `unsupported-version`
 */
export function readSklearnJsonPackage(bytes: Uint8Array): PackageDocument {
  const map = parseDocument(bytes, 'python');
  const reading: Reading = { kinds: null };
  const model = readModel(map, 'model', reading);
  return { model, version: versionOf(reading) };
}

/**
 * The version is not in the file. The package cannot be imported beside scikit-learn 1.4; trees tell 1.3 from what was before, between which
 * and 0.21 nothing that is evaluated here differs. The lowering reads the number in front.
 */
function versionOf({ kinds }: Reading): string {
  if (kinds === null) return '1.3 or older';
  return kinds === 'iiiffifu' ? '1.3' : '1.2 or older';
}
