import type { CharacterSet } from '../ir/index.js';
import { isDigit, sorts, sortsOfCharacters } from './characters.js';

/** Whether a set holds a code point. */
export type Holds = (point: number) => boolean;

export function compileSet({ negated, ranges, classes }: CharacterSet): Holds {
  const kinds = sortsOfCharacters();
  const holds = (point: number): boolean =>
    negated !==
    (ranges.some(([first, last]) => point >= first && point <= last) ||
      classes.some((name) => {
        switch (name) {
          case 'w':
            return kinds[point] === sorts.word;
          case 'W':
            return kinds[point] !== sorts.word;
          case 's':
            return kinds[point] === sorts.space;
          case 'S':
            return kinds[point] !== sorts.space;
          case 'd':
            return isDigit(point);
          default:
            return !isDigit(point);
        }
      }));
  const ascii = Array.from({ length: 0x80 }, (_, point) => holds(point));
  return (point) => ascii[point] ?? holds(point);
}
