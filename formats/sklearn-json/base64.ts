import { NuthatchError } from '../../src/errors.js';

let codes: Uint8Array | null = null;

function makeCodes(): Uint8Array {
  const made = new Uint8Array(128).fill(255);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  for (let i = 0; i < 64; i++) made[alphabet.charCodeAt(i)] = i;
  return made;
}

/** Decodes padded base64 that must hold exactly `length` bytes; the length is checked before anything is allocated. */
export function decodeBase64(text: string, length: number, path: string): Uint8Array {
  const fail = (message: string): never => {
    throw new NuthatchError('malformed', path, message);
  };
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (text.length % 4 !== 0)
    fail(`base64 of ${text.length} characters, which is not a multiple of 4`);
  const found = (text.length / 4) * 3 - padding;
  if (found !== length) fail(`expected ${length} bytes, found ${found}`);
  codes ??= makeCodes();
  const table = codes;
  const bytes = new Uint8Array(length);
  const end = text.length - padding;
  // Bits set by any character outside the alphabet; checked once at the end.
  let wrong = 0;
  let to = 0;
  let bits = 0;
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at);
    const value = code < 128 ? table[code]! : 255;
    wrong |= value;
    bits = ((bits << 6) | (value & 63)) & 0xffffff;
    const position = at & 3;
    if (position !== 0) bytes[to++] = bits >>> (6 - position * 2);
  }
  if ((wrong & 192) !== 0) fail('a character that is not base64');
  return bytes;
}
