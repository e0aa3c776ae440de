import type { Cursor } from '../python/cursor.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8, in which pickle also writes halves of surrogate pairs. */
export function readUtf8(cursor: Cursor, length: number): string {
  const bytes = cursor.take(length);
  try {
    return utf8.decode(bytes);
  } catch {
    return withSurrogates(cursor, bytes);
  }
}

/** Pieces that are UTF-8 around the three bytes of each lone half (ED A0–BF 80–BF). */
function withSurrogates(cursor: Cursor, bytes: Uint8Array): string {
  const pieces: string[] = [];
  let start = 0;
  const decode = (end: number) => {
    try {
      pieces.push(utf8.decode(bytes.subarray(start, end)));
    } catch {
      throw cursor.malformed('a string that is not UTF-8');
    }
  };
  for (let i = 0; i < bytes.length - 2; i++) {
    const [first, second, third] = [bytes[i]!, bytes[i + 1]!, bytes[i + 2]!];
    if (first !== 0xed || second < 0xa0 || second > 0xbf || third >> 6 !== 2) continue;
    decode(i);
    pieces.push(String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f)));
    start = i + 3;
    i += 2;
  }
  decode(bytes.length);
  return pieces.join('');
}

/** ASCII, and bytes above it as they are. */
export function readLatin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096)
    text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
}

/** Python's raw-unicode-escape: \uXXXX and \UXXXXXXXX after an odd number of backslashes, all else as it is. */
export function readEscaped(cursor: Cursor, bytes: Uint8Array): string {
  return readLatin1(bytes).replace(
    // Whole runs of backslashes, whatever follows: else each would be tried from each of its own.
    /(\\+)(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})?/g,
    (whole, slashes: string, sequence: string | undefined) => {
      if (sequence === undefined || slashes.length % 2 === 0) return whole;
      const point = Number.parseInt(sequence.slice(1), 16);
      if (point > 0x10ffff) throw cursor.malformed('a character above U+10FFFF');
      // A lone half stays what it is.
      return `${slashes.slice(1)}${sequence[0] === 'u' ? String.fromCharCode(point) : String.fromCodePoint(point)}`;
    },
  );
}

/** A quoted string of protocol 0, of Python's escapes; scikit-learn's own files from Python 3 have none. */
export function readQuoted(cursor: Cursor, bytes: Uint8Array): string {
  const text = readLatin1(bytes);
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || text.at(-1) !== quote)
    throw cursor.malformed('a string without its quotes');
  const named: Record<string, string> = {
    n: '\n',
    r: '\r',
    t: '\t',
    '\\': '\\',
    "'": "'",
    '"': '"',
  };
  return text
    .slice(1, -1)
    .replace(/\\(x[0-9a-fA-F]{2}|[nrt\\'"])/g, (_, sequence: string) =>
      sequence[0] === 'x'
        ? String.fromCharCode(Number.parseInt(sequence.slice(1), 16))
        : named[sequence]!,
    );
}
