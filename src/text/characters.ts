import { characterTable } from './character-table.js';

/**
 * What Python's strings know of characters. Engines of JavaScript know later versions of Unicode than Python does, each another one, so
 * their `\p{…}` would find letters that a model was not fitted with.
 */
export const sorts = { word: 1, combining: 2, unassigned: 3, other: 4, space: 5 } as const;

let table: Uint8Array | null = null;

/** The sort of each code point: in a word as `\w` has it, with a combining class, white space, or not yet assigned. A megabyte, made when first asked for. */
export function sortsOfCharacters(): Uint8Array {
  table ??= readTable();
  return table;
}

function readTable(): Uint8Array {
  const result = new Uint8Array(0x110000);
  let sort: number = sorts.unassigned;
  let at = 0;
  let number = 0;
  let place = 1;
  for (const char of characterTable) {
    const digit = char.charCodeAt(0) - 40;
    number += digit * place;
    place *= 15;
    if (digit >= 72) continue;
    sort = ((sort + (number % 3)) % 4) + 1;
    const end = at + Math.floor(number / 3);
    result.fill(sort, at, end);
    at = end;
    number = 0;
    place = 1;
  }
  result[0x5f] = sorts.word;
  for (let point = 0; point <= 0x3000; point++)
    if (/\s/.test(String.fromCharCode(point)) || (point > 0x1b && point < 0x20) || point === 0x85)
      result[point] = sorts.space;
  return result;
}

/** Whether a code point is a decimal digit to Python's `\d`. */
export const isDigit = (point: number): boolean =>
  point < 0x80
    ? point >= 0x30 && point <= 0x39
    : sortsOfCharacters()[point] === sorts.word && /\p{Nd}/u.test(String.fromCodePoint(point));
