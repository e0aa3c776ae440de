import { NuthatchError, printable } from '../../src/errors.js';
import type { JsonMap } from './json.js';
import { replaceNonFinite } from './non-finite.js';
import { scanJson } from './scan.js';

/** Whose JSON: the standard's, or that of Python's `json` module, which has `NaN`, `Infinity` and `-Infinity` besides. */
export type JsonDialect = 'standard' | 'python';

/**
 * Parses a document that is one object, after a look for what `JSON.parse` would accept silently. Python's `NaN` becomes null.
 *
 * @throws NuthatchError `not-a-model`, `truncated`, `malformed`, `limit-exceeded`
 */
export function parseDocument(bytes: Uint8Array, dialect: JsonDialect): JsonMap {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new NuthatchError('malformed', '', 'the file is not UTF-8');
  }
  scanJson(text);
  let json: unknown;
  try {
    json = JSON.parse(dialect === 'python' ? replaceNonFinite(text) : text);
  } catch (error) {
    const { message } = error as SyntaxError;
    const code = /end of JSON|unterminated/i.test(message) ? 'truncated' : 'malformed';
    throw new NuthatchError(code, '', `the file is not JSON: ${printable(message)}`);
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json)) {
    throw new NuthatchError('not-a-model', '', 'the document is not an object');
  }
  // Own properties only, on no prototype: names in the file mean nothing to JavaScript.
  return Object.assign(Object.create(null), json);
}
