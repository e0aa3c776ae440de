import { refuse } from '../errors.js';
import type { Piece, Sequence, TokenPattern } from '../ir/index.js';
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

const pointBefore = (units: Uint16Array, at: number): number =>
  at > 1 && (units[at - 1]! & 0xfc00) === 0xdc00 && (units[at - 2]! & 0xfc00) === 0xd800
    ? pointAt(units, at, at - 2)
    : units[at - 1]!;

/** Finds what Python's `re.findall` does. Most patterns are runs of one set of characters; the others walk step by step. */
export function compilePattern(pattern: TokenPattern): FindTokens {
  return compileRuns(pattern) ?? compileSteps(pattern);
}

/**
 * The runs of a set, as long as they get, if that is what a pattern asks for; between two `\b`, the runs of letters that hold
 * nothing else. null for other patterns.
 */
function compileRuns({ options, captures }: TokenPattern): FindTokens | null {
  if (options.length > 1 || captures) return null;
  const pieces = options[0]!;
  const isBoundary = (piece: Piece | undefined) => piece?.type === 'place' && piece.place === 'b';
  const words = isBoundary(pieces[0]) && isBoundary(pieces.at(-1));
  let least = 0;
  let set: Piece | null = null;
  let endless = false;
  for (const piece of words ? pieces.slice(1, -1) : pieces) {
    const one = piece.type === 'repeat' ? piece.piece : piece;
    if (one.type !== 'set' || (set && JSON.stringify(set) !== JSON.stringify(one))) return null;
    set = one;
    least += piece.type === 'repeat' ? piece.least : 1;
    if (piece.type !== 'repeat') continue;
    if (piece.lazy) return null;
    if (piece.most !== Infinity && piece.most !== piece.least) return null;
    endless ||= piece.most === Infinity;
  }
  if (set?.type !== 'set' || !endless) return null;
  const kinds = sortsOfCharacters();
  const isWord: Holds = (point) => kinds[point] === sorts.word;
  const isWords = !set.negated && set.ranges.length === 0 && set.classes.join() === 'w';
  const onlyOfWords =
    isWords ||
    (!set.negated &&
      set.classes.every((name) => name === 'w' || name === 'd') &&
      set.ranges.every(([first, last]) => {
        for (let point = first; point <= last; point++) if (!isWord(point)) return false;
        return true;
      }));
  if (words && !onlyOfWords) return null;
  if (isWords) return (units, length, found) => findWords(units, length, least, found);
  const holds = compileSet(set);
  const runs = words ? isWord : holds;
  return (units, length, found) => {
    for (let at = 0; at < length; ) {
      const from = at;
      let count = 0;
      let all = true;
      while (at < length) {
        const unit = units[at]!;
        const point = (unit & 0xf800) === 0xd800 ? pointAt(units, length, at) : unit;
        if (!runs(point)) break;
        all &&= runs === holds || holds(point);
        at += point > 0xffff ? 2 : 1;
        count++;
      }
      if (count === 0) at += pointAt(units, length, at) > 0xffff ? 2 : 1;
      else if (all && count >= least) found(from, at);
    }
  };
}

/** The runs of letters, which is what most patterns ask for: half the time of a function called for each. */
function findWords(
  units: Uint16Array,
  length: number,
  least: number,
  found: (from: number, to: number) => void,
): void {
  const kinds = sortsOfCharacters();
  let count = 0;
  let from = 0;
  for (let at = 0; at < length; ) {
    const unit = units[at]!;
    const point = (unit & 0xfc00) === 0xd800 ? pointAt(units, length, at) : unit;
    if (kinds[point] === sorts.word) count++;
    else {
      if (count >= least) found(from, at);
      count = 0;
    }
    at += point > 0xffff ? 2 : 1;
    if (count === 0) from = at;
  }
  if (count >= least) found(from, length);
}

/** Steps times places of a document: a bit for each, 128 MiB. */
const mostPlaces = 2 ** 30;

/** A pattern as steps. Of two ways on, the first is tried first. */
type Step =
  | { readonly type: 'set'; readonly holds: Holds }
  | {
      readonly type: 'place';
      readonly holds: (units: Uint16Array, length: number, at: number) => boolean;
    }
  | { readonly type: 'split'; first: number; second: number }
  | { readonly type: 'save'; readonly slot: 0 | 1 }
  | { readonly type: 'end' };

function compileSteps({ options, captures }: TokenPattern): FindTokens {
  const steps: Step[] = [];
  const split = () => {
    const step = { type: 'split' as const, first: steps.length + 1, second: steps.length + 1 };
    steps.push(step);
    return step;
  };
  function addOptions(alternatives: readonly Sequence[]): void {
    const ends = alternatives.map((pieces, i) => {
      const choice = i + 1 < alternatives.length ? split() : null;
      pieces.forEach(add);
      const end = split();
      if (choice) choice.second = steps.length;
      return end;
    });
    for (const end of ends) end.first = end.second = steps.length;
  }
  function add(piece: Piece): void {
    if (piece.type === 'set') steps.push({ type: 'set', holds: compileSet(piece) });
    else if (piece.type === 'place') steps.push({ type: 'place', holds: places[piece.place] });
    else if (piece.type === 'group') {
      if (piece.captures) steps.push({ type: 'save', slot: 0 });
      addOptions(piece.options);
      if (piece.captures) steps.push({ type: 'save', slot: 1 });
    } else {
      for (let i = 0; i < piece.least; i++) add(piece.piece);
      const optional = () => {
        const choice = split();
        add(piece.piece);
        return choice;
      };
      const choices = [];
      if (piece.most === Infinity) {
        const start = steps.length;
        choices.push(optional());
        const back = split();
        back.first = back.second = start;
      } else for (let i = piece.least; i < piece.most; i++) choices.push(optional());
      for (const choice of choices) {
        choice.second = steps.length;
        if (piece.lazy) [choice.first, choice.second] = [choice.second, choice.first];
      }
    }
  }
  addOptions(options);
  steps.push({ type: 'end' });

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
        const step = steps[k++]!;
        if (step.type === 'set') {
          if (at >= length) break;
          const point = pointAt(units, length, at);
          if (!step.holds(point)) break;
          at += point > 0xffff ? 2 : 1;
        } else if (step.type === 'split') {
          const bit = at * steps.length + k;
          const word = bit >>> 5;
          if ((tried[word]! & (1 << (bit & 31))) !== 0) break;
          if (tried[word] === 0) touched.push(word);
          tried[word]! |= 1 << (bit & 31);
          if (step.second !== step.first) ways.push(step.second, at);
          k = step.first;
        } else if (step.type === 'place') {
          if (!step.holds(units, length, at)) break;
        } else if (step.type === 'save') {
          ways.push(-1 - step.slot, group[step.slot]!);
          group[step.slot] = at;
        } else return at;
      }
    }
    return -1;
  }

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
        at += pointAt(units, length, at) > 0xffff ? 2 : 1;
        continue;
      }
      // A group that took no part is an empty token.
      if (captures) found(Math.max(0, group[0]!), Math.max(0, group[0]! < 0 ? 0 : group[1]!));
      else found(at, end);
      at = end;
      for (const word of touched) tried[word] = 0;
      touched.length = 0;
    }
    for (const word of touched) tried[word] = 0;
    touched.length = 0;
  };
}

function isBoundary(units: Uint16Array, length: number, at: number): boolean {
  const kinds = sortsOfCharacters();
  const before = at > 0 && kinds[pointBefore(units, at)] === sorts.word;
  const after = at < length && kinds[pointAt(units, length, at)] === sorts.word;
  return before !== after;
}

const places = {
  b: isBoundary,
  // To Python before 3.14, no place of an empty text is one.
  B: (units: Uint16Array, length: number, at: number) =>
    length > 0 && !isBoundary(units, length, at),
  A: (_: Uint16Array, _length: number, at: number) => at === 0,
  Z: (_: Uint16Array, length: number, at: number) => at === length,
  $: (units: Uint16Array, length: number, at: number) =>
    at === length || (at === length - 1 && units[at] === 10),
} as const;
