import type { CharacterClass, CharacterSet } from '../ir/index.js';
import { isDigit, sorts, sortsOfCharacters } from './characters.js';

/** Whether a set holds a code point. */
export type Holds = (point: number) => boolean;

export function compileSet({ negated, members }: CharacterSet): Holds {
  const holds = (point: number): boolean =>
    negated !==
    members.some((member) =>
      typeof member === 'string'
        ? isOfClass(point, member)
        : point >= member[0] && point <= member[1],
    );
  const ascii = Array.from({ length: 0x80 }, (_, point) => holds(point));
  return (point) => ascii[point] ?? holds(point);
}

function isOfClass(point: number, name: CharacterClass): boolean {
  const lower = name.toLowerCase();
  const sort = sortsOfCharacters()[point];
  const holds =
    lower === 'd' ? isDigit(point) : sort === (lower === 'w' ? sorts.word : sorts.space);
  return holds === (name === lower);
}
