/**
 * A regular expression as Python writes it, as far as tokens need it: characters, sets, places, groups, alternatives and repetitions.
 * Without backreferences and lookaround it can be matched in time linear in the text, whoever wrote it.
 */
export interface TokenPattern {
  readonly options: readonly Sequence[];
  /** Whether tokens are what its one group matched. */
  readonly captures: boolean;
}

export type Sequence = readonly Piece[];

export type Piece =
  | CharacterSet
  | { readonly type: 'place'; readonly place: Place }
  | { readonly type: 'group'; readonly captures: boolean; readonly options: readonly Sequence[] }
  | {
      readonly type: 'repeat';
      readonly piece: Piece;
      readonly least: number;
      /** Infinity for any number. */
      readonly most: number;
      /** Whether fewer are tried before more. */
      readonly lazy: boolean;
    };

export interface CharacterSet {
  readonly type: 'set';
  readonly negated: boolean;
  /** First and last code point of each. */
  readonly ranges: readonly (readonly [number, number])[];
  readonly classes: readonly CharacterClass[];
}

/** Python's classes: in a word, decimal digit, white space; in capitals all other characters. */
export type CharacterClass = 'w' | 'W' | 'd' | 'D' | 's' | 'S';

/** `b`: between a word and what is none; `B`: not there; `A`: the start; `Z`: the end; `$`: the end or before a last line break. */
export type Place = 'b' | 'B' | 'A' | 'Z' | '$';

/** Steps that a pattern may take when repetitions are written out. */
const mostSteps = 1000;
const mostNesting = 50;

/** Reads a pattern; calls `fail` where it is none of Python's, could match nothing, or takes more than is read here. */
export function parseTokenPattern(text: string, fail: (message: string) => never): TokenPattern {
  const chars = Array.from(text);
  let at = 0;
  let groups = 0;
  const ahead = (count: number): string => chars.slice(at, at + count).join('');
  const take = (expected: string): boolean => {
    const found = ahead(expected.length) === expected;
    if (found) at += expected.length;
    return found;
  };
  /** The next character, of which there must be one. */
  const next = (missing: string): string => chars[at++] ?? fail(missing);
  const isClass = (): boolean => /[wWdDsS]/.test(chars[at] ?? '');

  function readOptions(depth: number): Sequence[] {
    if (depth > mostNesting) fail('groups nested too deeply');
    const options: Sequence[] = [];
    do {
      const pieces: Piece[] = [];
      while (at < chars.length && chars[at] !== '|' && chars[at] !== ')')
        pieces.push(readRepeated(depth));
      options.push(pieces);
    } while (take('|'));
    return options;
  }

  function readRepeated(depth: number): Piece {
    const piece = readPiece(depth);
    const bounds = readBounds();
    if (bounds === null) return piece;
    const [least, most] = bounds;
    if (piece.type === 'place') fail('a place that is repeated');
    if (most < least) fail('a repetition of fewer than the fewest');
    if (most === Infinity && shortest(piece) === 0) fail('a repetition of what may match nothing');
    const lazy = take('?');
    if (chars[at] === '+') fail('a possessive repetition');
    if (readBounds() !== null) fail('a repetition of a repetition');
    return { type: 'repeat', piece, least, most, lazy };
  }

  function readBounds(): readonly [number, number] | null {
    if (take('*')) return [0, Infinity];
    if (take('+')) return [1, Infinity];
    if (take('?')) return [0, 1];
    const found = /^\{(\d{0,4})(?:(,)(\d{0,4}))?\}/.exec(ahead(12));
    // Braces around anything else, or nothing, are characters.
    if (found === null || found[0] === '{}') return null;
    at += found[0].length;
    const least = Number(found[1] ?? 0);
    return [least, found[2] === undefined ? least : found[3] ? Number(found[3]) : Infinity];
  }

  function readPiece(depth: number): Piece {
    const char = chars[at++]!;
    switch (char) {
      case '(': {
        const plain = take('?:');
        if (!plain && chars[at] === '?') fail(`a group that begins with (${ahead(3)}`);
        if (!plain && ++groups > 1) fail('more than one group that captures');
        const options = readOptions(depth + 1);
        if (!take(')')) fail('a group without an end');
        return { type: 'group', captures: !plain, options };
      }
      case '[':
        return readSet();
      case '.':
        return setOf([[10, 10]], [], true);
      case '^':
        return placeOf('A');
      case '$':
        return placeOf('$');
      case '\\':
        return readEscape();
      case '*':
      case '+':
      case '?':
        return fail('a repetition of nothing');
      default:
        return characterOf(char.codePointAt(0)!);
    }
  }

  function readEscape(): Piece {
    if (isClass()) return setOf([], [chars[at++] as CharacterClass]);
    if (/[bBAZ]/.test(chars[at] ?? '')) return placeOf(chars[at++] as Place);
    return characterOf(readEscapedPoint());
  }

  /** The character that an escape stands for, after its backslash. */
  function readEscapedPoint(): number {
    const char = next('a backslash at the end');
    const digits = { x: 2, u: 4, U: 8 }[char];
    if (digits !== undefined) {
      const hex = ahead(digits);
      at += digits;
      const point = Number.parseInt(hex, 16);
      if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length < digits || point > 0x10ffff)
        fail(`the escape \\${char}${hex}`);
      return point;
    }
    const named = 'abfnrtv'.indexOf(char);
    if (named >= 0) return [7, 8, 12, 10, 13, 9, 11][named]!;
    if (/[a-zA-Z0-9]/.test(char)) fail(`the escape \\${char}`);
    return char.codePointAt(0)!;
  }

  function readSet(): CharacterSet {
    const negated = take('^');
    const ranges: [number, number][] = [];
    const classes: CharacterClass[] = [];
    const first = at;
    /** A code point, or null for a class, which is kept. */
    const readMember = (): number | null => {
      const char = next('a set without an end');
      if (char !== '\\') return char.codePointAt(0)!;
      if (!isClass()) return readEscapedPoint();
      classes.push(chars[at++] as CharacterClass);
      return null;
    };
    while (chars[at] !== ']' || at === first) {
      const low = readMember();
      if (chars[at] !== '-' || chars[at + 1] === ']') {
        if (low !== null) ranges.push([low, low]);
        continue;
      }
      at++;
      const high = readMember();
      if (low === null || high === null || high < low) return fail('a range that is none');
      ranges.push([low, high]);
    }
    at++;
    return { type: 'set', negated, ranges, classes };
  }

  take('(?u)');
  const options = readOptions(0);
  if (at < chars.length) fail('a bracket that closes nothing');
  if (shortestOf(options) === 0) fail('it may match nothing');
  if (stepsOf(options) > mostSteps) fail('it is too long');
  return { options, captures: groups > 0 };
}

const setOf = (
  ranges: CharacterSet['ranges'],
  classes: readonly CharacterClass[] = [],
  negated = false,
): CharacterSet => ({ type: 'set', negated, ranges, classes });

const characterOf = (point: number): CharacterSet => setOf([[point, point]]);

const placeOf = (place: Place): Piece => ({ type: 'place', place });

const sumOf = (pieces: Sequence, count: (piece: Piece) => number): number =>
  pieces.reduce((sum, piece) => sum + count(piece), 0);

/** The fewest characters that match. */
const shortestOf = (options: readonly Sequence[]): number =>
  options.reduce((least, pieces) => Math.min(least, sumOf(pieces, shortest)), Infinity);

function shortest(piece: Piece): number {
  if (piece.type === 'group') return shortestOf(piece.options);
  if (piece.type !== 'repeat') return piece.type === 'set' ? 1 : 0;
  return piece.least === 0 ? 0 : piece.least * shortest(piece.piece);
}

const stepsOf = (options: readonly Sequence[]): number =>
  options.reduce((sum, pieces) => sum + sumOf(pieces, steps) + 2, 0);

function steps(piece: Piece): number {
  if (piece.type === 'group') return stepsOf(piece.options) + 2;
  if (piece.type !== 'repeat') return 1;
  const { least, most } = piece;
  return (most === Infinity ? least + 1 : most) * (steps(piece.piece) + 1) + 1;
}
