import { refuse } from '../errors.js';
import { places, sorts, stepTypes, type TokenPattern } from '../ir/index.js';
import { classOf, compileSet, type Holds } from './character-set.js';
import type { Kinds } from './characters.js';

/** Calls `found` with the ends of each token in the first `length` code units. */
export type FindTokens = (
  units: Uint16Array,
  length: number,
  found: (from: number, to: number) => void,
) => void;

/** The code point at `at`. */
export function pointAt(units: Uint16Array, length: number, at: number): number {
  const unit = units[at]!;
  if ((unit & 0xfc00) !== 0xd800 || at + 1 >= length) return unit;
  const next = units[at + 1]!;
  return (next & 0xfc00) === 0xdc00 ? (unit << 10) + next - 0x35fdc00 : unit;
}

/** How many code units a code point is. */
export const unitsOf = (point: number): number => (point > 0xffff ? 2 : 1);

const pointBefore = (units: Uint16Array, at: number): number =>
  at > 1 && (units[at - 1]! & 0xfc00) === 0xdc00 && (units[at - 2]! & 0xfc00) === 0xd800
    ? pointAt(units, at, at - 2)
    : units[at - 1]!;

/** Steps of one set again and again, as often as it can be, perhaps between two `\b`: those of `\b\w\w+\b` are 2,0,0, 0,0,1, 0,0,1, 3,1,3, 0,0,1, 3,-2,-2, 2,0,0. */
const runs = /^(2,0,0,)?(([01]),(\d+),(\d+),)(\2*)3,1,3,\2(3,-2,-2,)\1$/;

/** Finds the words of a pattern, as Python's `re.findall` does. Most are runs of one set; the others walk step by step. */
export function compilePattern(pattern: TokenPattern, kinds: Kinds): FindTokens {
  const { steps, members } = pattern;
  const [, bounded, one = '', type, from, to, more = ''] = runs.exec(`${steps},`) ?? [];
  const set = members.subarray(2 * Number(from), 2 * Number(to));
  const negated = Number(type) === stepTypes.notSet;
  if (!one || (bounded && !isOfWords(negated, set, kinds))) return compileSteps(pattern, kinds);
  const least = 1 + more.length / one.length;
  const holds = compileSet(negated, set, kinds);
  const words = !negated && set.length === 2 && classOf(set[0]!) === 'w';
  if (!bounded && !words) return compileRuns(least, holds);
  const findWords = compileRuns(least, holds, kinds);
  if (words) return findWords;
  return (units, length, found) =>
    findWords(units, length, (from, to) => {
      for (let at = from; at < to; ) {
        const point = pointAt(units, to, at);
        if (!holds(point)) return;
        at += unitsOf(point);
      }
      found(from, to);
    });
}

/** Whether a set holds nothing but what words consist of: between two `\b`, all of a run of these is in it, or nothing is found. */
function isOfWords(negated: boolean, set: Uint32Array, kinds: Kinds): boolean {
  for (let i = 0; i < set.length; i += 2) {
    const name = classOf(set[i]!);
    const ofWords = name
      ? 'wd'.includes(name)
      : kinds.subarray(set[i], set[i + 1]! + 1).every((sort) => sort === sorts.word);
    if (negated ? name === 'W' : !ofWords) return negated;
  }
  return !negated;
}

/**
 * The runs of a set that are long enough. `table`: `sorts.word` for each code point that the set holds, another sort for others, 0 where
 * that was not yet asked: half the time of a function called for each character.
 */
function compileRuns(
  least: number,
  holds: Holds,
  table: Uint8Array = new Uint8Array(0x110000),
): FindTokens {
  const ask = (point: number): boolean => {
    const held = holds(point);
    table[point] = held ? sorts.word : sorts.other;
    return held;
  };
  return (units, length, found) => {
    let count = 0;
    let from = 0;
    for (let at = 0; at < length; ) {
      const unit = units[at]!;
      const point = (unit & 0xfc00) === 0xd800 ? pointAt(units, length, at) : unit;
      const sort = table[point];
      if (sort === sorts.word || (sort === 0 && ask(point))) count++;
      else {
        if (count >= least) found(from, at);
        count = 0;
      }
      at += unitsOf(point);
      if (count === 0) from = at;
    }
    if (count >= least) found(from, length);
  };
}

/** Steps times places of a document: a bit for each, 128 MiB. */
const mostWays = 2 ** 30;

function compileSteps({ steps, members }: TokenPattern, kinds: Kinds): FindTokens {
  const count = steps.length / 3;
  const sets = Array.from({ length: count }, (_, k) => {
    const [type, from, to] = steps.subarray(3 * k, 3 * k + 3) as unknown as [
      number,
      number,
      number,
    ];
    if (type > stepTypes.notSet) return null;
    return compileSet(type === stepTypes.notSet, members.subarray(2 * from, 2 * to), kinds);
  });
  const captures = steps.some((type, i) => i % 3 === 0 && type === stepTypes.save);
  /** Ways that were tried: a bit for each step and place. None is tried twice, so that time is linear in the text. */
  let tried = new Uint32Array(0);
  const touched: number[] = [];
  const group = [-1, -1];

  /** Where a match from `start` ends; −1 where there is none. */
  function match(units: Uint16Array, length: number, start: number): number {
    // Steps and places to go on from; a negative step puts back where a group lay.
    const ways = [0, start];
    while (ways.length > 0) {
      let at = ways.pop()!;
      let k = ways.pop()!;
      if (k < 0) {
        group[-1 - k] = at;
        continue;
      }
      while (k < count) {
        const holds = sets[k];
        const first = steps[3 * k + 1]!;
        const type = steps[3 * k];
        if (holds) {
          if (at >= length) break;
          const point = pointAt(units, length, at);
          if (!holds(point)) break;
          at += unitsOf(point);
          k++;
        } else if (type === stepTypes.split) {
          const bit = at * count + k;
          const word = bit >>> 5;
          if ((tried[word]! & (1 << (bit & 31))) !== 0) break;
          if (tried[word] === 0) touched.push(word);
          tried[word]! |= 1 << (bit & 31);
          const second = steps[3 * k + 2]!;
          if (second !== first) ways.push(k + second, at);
          k += first;
        } else if (type === stepTypes.place) {
          if (!isAt(places[first]!, kinds, units, length, at)) break;
          k++;
        } else {
          ways.push(-1 - first, group[first]!);
          group[first] = at;
          k++;
        }
      }
      if (k === count) return at;
    }
    return -1;
  }

  const forget = (): void => {
    for (const word of touched) tried[word] = 0;
    touched.length = 0;
  };

  return (units, length, found) => {
    const ways = (length + 1) * count;
    if (ways > mostWays)
      refuse(
        'limit-exceeded',
        'input',
        `a document of ${length} characters is too long for its token pattern`,
      );
    const words = Math.floor(ways / 32) + 1;
    if (tried.length < words) tried = new Uint32Array(words);
    for (let at = 0; at < length; ) {
      group.fill(-1);
      const end = match(units, length, at);
      if (end <= at) {
        at += unitsOf(pointAt(units, length, at));
        continue;
      }
      // A group that took no part is an empty word.
      const from = captures ? Math.max(0, group[0]!) : at;
      found(from, captures ? Math.max(from, group[1]!) : end);
      at = end;
      forget();
    }
    forget();
  };
}

function isAt(
  place: string,
  kinds: Kinds,
  units: Uint16Array,
  length: number,
  at: number,
): boolean {
  const isWord = (point: number): boolean => kinds[point] === sorts.word;
  const isBoundary = (): boolean =>
    (at > 0 && isWord(pointBefore(units, at))) !==
    (at < length && isWord(pointAt(units, length, at)));
  switch (place) {
    case 'b':
      return isBoundary();
    case 'B':
      // To Python before 3.14, no place of an empty text is one.
      return length > 0 && !isBoundary();
    case 'Z':
      return at === length;
    case '$':
      return at === length || (at === length - 1 && units[at] === 10);
    default:
      return at === 0;
  }
}
