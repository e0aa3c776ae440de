import {
  characterClasses,
  firstClass,
  longestPattern,
  mostSteps,
  places,
  stepTypes,
  type TokenPattern,
} from '../../src/ir/index.js';

/** Part of a pattern: its steps, and whether what it matches has a character at least. */
interface Part {
  readonly steps: readonly Step[];
  readonly takes: boolean;
}

/** A step of a `TokenPattern`. */
type Step = readonly [type: number, first: number, second: number];

/** First and last code point, or a class twice. */
type Member = readonly [number, number];

const mostNesting = 50;

/**
 * Reads a regular expression as Python writes it, as far as words need it: characters, sets, places, groups, alternatives and repetitions,
 * written out as steps. Calls `fail` where it is none of Python's, could match nothing, or takes more than is read here.
 */
export function parseTokenPattern(text: string, fail: (message: string) => never): TokenPattern {
  let at = 0;
  let captures = false;
  /** Of all sets, each set once. */
  const members: Member[] = [];
  const sets = new Map<string, Step>();
  /** What comes next, if it is what a sticky expression says. */
  const take = (expected: RegExp): RegExpExecArray | null => {
    expected.lastIndex = at;
    const found = expected.exec(text);
    if (found) at = expected.lastIndex;
    return found;
  };
  /** The next character, of which there must be one. */
  const next = (missing: string): string => take(/./suy)?.[0] ?? fail(missing);
  const limit = (count: number): void => {
    if (count > mostSteps) fail('it is too long');
  };

  function readOptions(depth: number): Part {
    if (depth > mostNesting) fail('groups nested too deeply');
    const options: Part[] = [];
    let count = 0;
    do {
      const steps: Step[] = [];
      let takes = false;
      while (at < text.length && !/[|)]/.test(text[at]!)) {
        const part = readRepeated(depth);
        steps.push(...part.steps);
        takes ||= part.takes;
        limit(steps.length);
      }
      options.push({ steps, takes });
      count += steps.length + 2;
      limit(count);
    } while (take(/\|/y));
    return options.reduceRight((others, { steps, takes }) => ({
      steps: [
        split(1, steps.length + 2),
        ...steps,
        split(others.steps.length + 1),
        ...others.steps,
      ],
      takes: takes && others.takes,
    }));
  }

  function readRepeated(depth: number): Part {
    const place = take(/[$^]|\\[bBAZ]/y)?.[0].at(-1);
    const { steps, takes } = place
      ? { steps: [[stepTypes.place, places.indexOf(place), 0] as const], takes: false }
      : readPiece(depth);
    const bounds = readBounds();
    if (bounds === null) return { steps, takes };
    const [least, most] = bounds;
    if (place) fail('a place that is repeated');
    if (most < least) fail('a repetition of fewer than the fewest');
    if (most === Infinity && !takes) fail('a repetition of what may match nothing');
    const lazy = take(/\?/y);
    if (take(/\+/y)) fail('a possessive repetition');
    if (readBounds()) fail('a repetition of a repetition');
    const size = steps.length + 1;
    const endless = most === Infinity;
    const optional = endless ? 1 : most - least;
    limit((least + optional) * size);
    const all: Step[] = [];
    for (let i = 0; i < least; i++) all.push(...steps);
    for (let i = optional; i > 0; i--) {
      const end = i * size + (endless ? 1 : 0);
      all.push(lazy ? split(end, 1) : split(1, end), ...steps);
    }
    if (endless) all.push(split(-size));
    return { steps: all, takes: least > 0 && takes };
  }

  function readBounds(): readonly [number, number] | null {
    // Braces around anything else, or nothing, are characters.
    const found = take(/[*+?]|\{(?!\})(\d*)(,?)(\d*)\}/y);
    if (found === null) return null;
    const [sign, least, comma, most] = found;
    if (sign === '?') return [0, 1];
    if (least === undefined) return [sign === '+' ? 1 : 0, Infinity];
    return [Number(least), comma ? Number(most || Infinity) : Number(least)];
  }

  function readPiece(depth: number): Part {
    if (take(/\(/y)) {
      const plain = take(/\?:/y);
      if (!plain) {
        if (text[at] === '?') fail(`a group that begins with (${text.slice(at, at + 3)}`);
        if (captures) fail('more than one group that captures');
        captures = true;
      }
      const { steps, takes } = readOptions(depth + 1);
      if (!take(/\)/y)) fail('a group without an end');
      return { steps: plain ? steps : [save(0), ...steps, save(1)], takes };
    }
    if (take(/\[/y)) return readSet();
    if (take(/\./y)) return setOf([[10, 10]], true);
    if (readBounds()) fail('a repetition of nothing');
    return setOf([readMember()]);
  }

  function readSet(): Part {
    const negated = take(/\^/y) !== null;
    const members: Member[] = [];
    do {
      const low = readMember();
      if (take(/-(?!\])/y)) {
        const high = readMember();
        if (low[0] >= firstClass || high[0] >= firstClass || high[0] < low[0])
          return fail('a range that is none');
        members.push([low[0], high[0]]);
      } else members.push(low);
    } while (!take(/\]/y));
    return setOf(members, negated);
  }

  /** A class, or one character. */
  function readMember(): Member {
    let char = next('a set without an end');
    let point = char.codePointAt(0)!;
    if (char === '\\') {
      const hex = take(/x[\da-fA-F]{2}|u[\da-fA-F]{4}|U000[\da-fA-F]{5}|U0010[\da-fA-F]{4}/y);
      char = hex ? hex[0] : next('a backslash at the end');
      const control = 'abtnvfr'.indexOf(char);
      const name = characterClasses.indexOf(char);
      if (name >= 0) return [firstClass + name, firstClass + name];
      if (hex) point = Number(`0x${char.slice(1)}`);
      else if (control >= 0) point = 7 + control;
      else if (/[a-z\d]/i.test(char)) fail(`the escape \\${char}`);
      else point = char.codePointAt(0)!;
    }
    return [point, point];
  }

  function setOf(own: readonly Member[], negated = false): Part {
    const name = `${negated}:${own}`;
    const first = members.length;
    let set = sets.get(name);
    if (!set) {
      members.push(...own);
      set = [negated ? stepTypes.notSet : stepTypes.set, first, members.length];
      sets.set(name, set);
    }
    return { steps: [set], takes: true };
  }

  if (text.length > longestPattern) fail('it is too long');
  take(/\(\?u\)/y);
  const { steps, takes } = readOptions(0);
  if (at < text.length) fail('a bracket that closes nothing');
  if (!takes) fail('it may match nothing');
  limit(steps.length);
  return { steps: Int32Array.from(steps.flat()), members: Uint32Array.from(members.flat()) };
}

const split = (first: number, second = first): Step => [stepTypes.split, first, second];

const save = (slot: 0 | 1): Step => [stepTypes.save, slot, 0];
