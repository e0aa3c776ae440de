import { isUtf8 } from 'node:buffer';
import { HttpError } from './http-error.js';

/** Strings, which stay as they are, and words that Python's clients write for numbers that JSON does not have. */
const pythonWords = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;
const pythonValues: Readonly<Record<string, string>> = {
  NaN: 'null',
  Infinity: '1e999',
  '-Infinity': '-1e999',
};

/** A body as JSON, also as Python writes it. */
export function parseJson(body: Uint8Array | undefined): unknown {
  if (body === undefined) throw new HttpError(400, 'malformed', 'there is no body');
  const text = decodeText(body);
  if (text === null) throw new HttpError(400, 'malformed', 'the body is not UTF-8');
  try {
    return JSON.parse(text);
  } catch (error) {
    const plain = text.replace(pythonWords, (word) => pythonValues[word] ?? word);
    if (plain !== text) {
      try {
        return JSON.parse(plain);
      } catch {
        // The message of the text that was sent is the better one.
      }
    }
    throw new HttpError(400, 'malformed', `the body is not JSON: ${(error as Error).message}`);
  }
}

/** Bytes as text, without a byte order mark; null where they are not UTF-8. A decoder would cost as much as all of the parsing. */
export function decodeText(bytes: Uint8Array): string | null {
  if (!isUtf8(bytes)) return null;
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const { buffer, byteOffset, byteLength } = bytes;
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8', hasMark ? 3 : 0);
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
