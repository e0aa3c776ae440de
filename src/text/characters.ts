import { type Characters, sorts } from '../ir/index.js';

/** The sort of each code point: a megabyte. */
export type Kinds = Uint8Array;

export function expandCharacters({ starts, sorts: runs }: Characters): Kinds {
  const kinds = new Uint8Array(0x110000);
  runs.forEach((sort, run) => {
    kinds.fill(sort, starts[run], starts[run + 1]);
  });
  return kinds;
}

/** Whether a code point is a decimal digit to Python's `\d`. */
export const isDigit = (kinds: Kinds, point: number): boolean =>
  point < 0x80
    ? point >= 0x30 && point <= 0x39
    : kinds[point] === sorts.word && /\p{Nd}/u.test(String.fromCodePoint(point));
