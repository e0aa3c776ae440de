import { refuse } from '../errors.js';
import { type CharacterSet, parseTokenPattern, type Step } from '../ir/index.js';
import { compileSet, type Holds } from './character-set.js';
import { sorts, sortsOfCharacters } from './characters.js';

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

/** One set again and again, as often as it can be, perhaps with `\\b` on either side. */
const runs =
  /^(?:\(\?u\))?(\\b)?(\\[wWdDsS]|\[(?!\^?\])(?:\\.|[^\]\\])+\])(\2*)(?:\+|\{(\d+),\})\1$/;

/** Finds what Python's `re.findall` does with a sound pattern. Most are runs of one set; the others walk step by step. */
export function compilePattern(text: string): FindTokens {
  const { steps, captures } = parseTokenPattern(text, () => {
    throw new Error('validated before');
  });
  const [, bounded, name = '', more = '', least = 1] = runs.exec(text) ?? [];
  const set = steps.find((step) => step.type === 'set')!;
  if (!name || (bounded && !isOfWords(set))) return compileSteps(steps, captures);
  const count = more.length / name.length + Number(least);
  const holds = compileSet(set);
  if (!bounded && name !== '\\w') return compileRuns(count, holds);
  const findWords = compileRuns(count, holds, sortsOfCharacters());
  if (name === '\\w') return findWords;
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
function isOfWords({ negated, members }: CharacterSet): boolean {
  if (negated) return members.includes('W');
  const kinds = sortsOfCharacters();
  return members.every((member) =>
    typeof member === 'string'
      ? /[wd]/.test(member)
      : kinds.subarray(member[0], member[1] + 1).every((sort) => sort === sorts.word),
  );
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
const mostPlaces = 2 ** 30;

function compileSteps(steps: readonly Step[], captures: boolean): FindTokens {
  const sets = steps.map((step) => (step.type === 'set' ? compileSet(step) : null));
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
      for (;;) {
        const step = steps[k];
        if (!step) return at;
        if (step.type === 'set') {
          if (at >= length) break;
          const point = pointAt(units, length, at);
          if (!sets[k]!(point)) break;
          at += unitsOf(point);
          k++;
        } else if (step.type === 'split') {
          const bit = at * steps.length + k;
          const word = bit >>> 5;
          if ((tried[word]! & (1 << (bit & 31))) !== 0) break;
          if (tried[word] === 0) touched.push(word);
          tried[word]! |= 1 << (bit & 31);
          if (step.second !== step.first) ways.push(k + step.second, at);
          k += step.first;
        } else if (step.type === 'place') {
          if (!places[step.place](units, length, at)) break;
          k++;
        } else {
          ways.push(-1 - step.slot, group[step.slot]!);
          group[step.slot] = at;
          k++;
        }
      }
    }
    return -1;
  }

  const forget = (): void => {
    for (const word of touched) tried[word] = 0;
    touched.length = 0;
  };

  return (units, length, found) => {
    const places = (length + 1) * steps.length;
    if (places > mostPlaces)
      refuse(
        'limit-exceeded',
        'input',
        `a document of ${length} characters is too long for its token pattern`,
      );
    const words = Math.floor(places / 32) + 1;
    if (tried.length < words) tried = new Uint32Array(words);
    for (let at = 0; at < length; ) {
      group.fill(-1);
      const end = match(units, length, at);
      if (end < 0) {
        at += unitsOf(pointAt(units, length, at));
        continue;
      }
      // A group that took no part is an empty token.
      if (captures) found(Math.max(0, group[0]!), Math.max(0, group[0]! < 0 ? 0 : group[1]!));
      else found(at, end);
      at = end;
      forget();
    }
    forget();
  };
}

function isBoundary(units: Uint16Array, length: number, at: number): boolean {
  const kinds = sortsOfCharacters();
  const before = at > 0 && kinds[pointBefore(units, at)] === sorts.word;
  const after = at < length && kinds[pointAt(units, length, at)] === sorts.word;
  return before !== after;
}

const isStart = (_: Uint16Array, _length: number, at: number): boolean => at === 0;

const places = {
  b: isBoundary,
  // To Python before 3.14, no place of an empty text is one.
  B: (units: Uint16Array, length: number, at: number) =>
    length > 0 && !isBoundary(units, length, at),
  A: isStart,
  '^': isStart,
  Z: (_: Uint16Array, length: number, at: number) => at === length,
  $: (units: Uint16Array, length: number, at: number) =>
    at === length || (at === length - 1 && units[at] === 10),
} as const;
