import { NuthatchError } from 'nuthatch';

const byteOf = (char: string): number => char.charCodeAt(0);
const [comma, quote, backslash] = [byteOf(','), byteOf('"'), byteOf('\\')];
const [open, openBrace, close, closeBrace] = [byteOf('['), byteOf('{'), byteOf(']'), byteOf('}')];

/** Where elements of an array end. */
export interface Elements {
  /** Behind the comma of each. */
  readonly ends: readonly number[];
  /** The place of the bracket that ends the array; −1 where that is still to come. */
  readonly close: number;
}

export const notJson = (reason: string): NuthatchError =>
  new NuthatchError('malformed', 'input', `this is not JSON: ${reason}`);

/** Finds at most so many elements of an array that `bytes` are inside of, at the start of one. @throws NuthatchError `malformed` */
export function findElements(bytes: Buffer, most: number): Elements {
  const ends: number[] = [];
  let depth = 0;
  let at = 0;
  for (; at < bytes.length && ends.length < most; at++) {
    const byte = bytes[at]!;
    if (byte === quote) {
      do {
        at = bytes.indexOf(quote, at + 1);
        if (at === -1) return { ends, close: -1 };
      } while (isEscaped(bytes, at));
    } else if (byte === open || byte === openBrace) depth++;
    else if (byte === close || byte === closeBrace) {
      if (depth-- > 0) continue;
      if (byte === closeBrace) throw notJson('a brace ends the array');
      return { ends, close: at };
    } else if (byte === comma && depth === 0) ends.push(at + 1);
  }
  return { ends, close: -1 };
}

/** Whether there is an odd number of backslashes before. */
function isEscaped(bytes: Buffer, at: number): boolean {
  let before = at - 1;
  while (bytes[before] === backslash) before--;
  return (at - before) % 2 === 0;
}

/** Where an array's elements begin, behind its bracket; 0 where `bytes` are blank so far. @throws NuthatchError `input-type` */
export function beginArray(bytes: Buffer): number {
  const found = /\S/.exec(bytes.toString('latin1', 0, 4096));
  if (found === null) return 0;
  if (found[0] === '[') return found.index + 1;
  throw new NuthatchError(
    'input-type',
    'input',
    'expected a JSON array of rows or of records; for one record a line use .ndjson',
  );
}
