import { isUtf8 } from 'node:buffer';
import { HttpError } from './http-error.js';
import { parseJsonText } from './json-text.js';

export { isRecord } from './json-text.js';

/** A body as JSON, also as Python writes it. */
export function parseJson(body: Uint8Array | undefined): unknown {
  if (body === undefined) throw new HttpError(400, 'malformed', 'there is no body');
  const text = decodeText(body);
  if (text === null) throw new HttpError(400, 'malformed', 'the body is not UTF-8');
  return parseJsonText(text);
}

/** Bytes as text, without a byte order mark; null where they are not UTF-8. A decoder would cost as much as all of the parsing. */
export function decodeText(bytes: Uint8Array): string | null {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const { buffer, byteOffset, byteLength } = bytes;
  const own = Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, byteLength);
  const text = own.toString('utf8', hasMark ? 3 : 0);
  // What is not UTF-8 becomes a sign that may have been there, too. Of letters of one byte, it is known at once that none is that.
  return text.includes('\ufffd') && !isUtf8(bytes) ? null : text;
}
