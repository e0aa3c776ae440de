import { characterClasses, firstClass, sorts } from '../ir/index.js';
import { isDigit, type Kinds } from './characters.js';

/** Whether a set holds a code point. */
export type Holds = (point: number) => boolean;

/** The class that a member of a set is; none where it is a range. */
export const classOf = (first: number): string | undefined => characterClasses[first - firstClass];

/** `members`: as those of a token pattern. */
export function compileSet(negated: boolean, members: Uint32Array, kinds: Kinds): Holds {
  const holds = (point: number): boolean => {
    for (let i = 0; i < members.length; i += 2) {
      const name = classOf(members[i]!);
      const held = name
        ? isOfClass(kinds, point, name)
        : point >= members[i]! && point <= members[i + 1]!;
      if (held) return !negated;
    }
    return negated;
  };
  const ascii = Array.from({ length: 0x80 }, (_, point) => holds(point));
  return (point) => ascii[point] ?? holds(point);
}

function isOfClass(kinds: Kinds, point: number, name: string): boolean {
  const lower = name.toLowerCase();
  const holds =
    lower === 'd'
      ? isDigit(kinds, point)
      : kinds[point] === (lower === 'w' ? sorts.word : sorts.space);
  return holds === (name === lower);
}
