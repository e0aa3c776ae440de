import { isUtf8 } from 'node:buffer';
import { HttpError } from './http-error.js';

/** Words that Python's clients write for numbers that JSON does not have. */
const pythonWords = /-?\b(?:NaN|Infinity)\b/g;
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
    const plain = replacePythonWords(text);
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

/** JSON with null and infinities where Python's words stand. No expression finds the ends of strings in one pass whatever they hold. */
function replacePythonWords(text: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    const start = quote === -1 ? text.length : quote;
    parts.push(text.slice(at, start).replace(pythonWords, (word) => pythonValues[word]!));
    at = endOfString(text, start);
    parts.push(text.slice(start, at));
  }
  return parts.join('');
}

/** Behind the quote that ends a string; the end of the text where none does. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1) {
    let before = quote;
    while (text[before - 1] === '\\') before--;
    if ((quote - before) % 2 === 0) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  return text.length;
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
