import { describe, expect, test } from 'vitest';
import { pythonCharacters } from '../../formats/sklearn/characters.js';
import { packTerms } from '../../formats/sklearn/terms.js';
import { parseTokenPattern } from '../../formats/sklearn/token-pattern.js';
import { asTransformer, createModel, NuthatchError, SparseMatrix } from '../../src/index.js';
import { validateRunnable } from '../../src/ir/index.js';
import { TermTable } from '../../src/text/term-table.js';

/** What validation says of documents: a sound node, and for each rule one that breaks it; and what rows are refused. */

const patternOf = (text: string) => parseTokenPattern(text, expect.fail);

const node = {
  kind: 'vectorize',
  features: 1,
  type: 'float64',
  analyzer: 'word',
  lowercase: true,
  characters: pythonCharacters(),
  pattern: patternOf('(?u)\\b\\w\\w+\\b'),
  stopWords: packTerms(['the']),
  smallest: 1,
  largest: 2,
  vocabulary: packTerms(['ab', 'ab cd']),
  binary: false,
};
const hashed = { ...node, vocabulary: null, hash: { columns: 4, signed: true } };
const text = { type: 'text' };
const check = (root: unknown, input: unknown = text) => validateRunnable({ root, input });

function refusal(work: () => unknown): NuthatchError {
  try {
    work();
  } catch (error) {
    if (error instanceof NuthatchError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** The pattern with other steps: a boundary, a character, a character, a split, a character, a split, a boundary. */
const changed = (change: (steps: number[]) => number[]) => ({
  ...node.pattern,
  steps: Int32Array.from(change([...node.pattern.steps])),
});

describe('a vectorizer', () => {
  test('is sound', () => {
    expect(check(node).root).toMatchObject({ kind: 'vectorize' });
    expect(check(hashed).root).toMatchObject({ hash: { columns: 4, signed: true } });
  });

  const { units, starts } = node.vocabulary;
  const broken: Readonly<Record<string, [change: object, place: string]>> = {
    'of two columns': [{ features: 2 }, '.features'],
    'of another analyzer': [{ analyzer: 'line' }, '.analyzer'],
    'stored as integers': [{ type: 'uint8' }, '.type'],
    'of other accents': [{ accents: 'all' }, '.accents'],
    'without a pattern': [{ pattern: null }, '.pattern'],
    'of a pattern without a step': [{ pattern: changed(() => []) }, '.pattern.steps'],
    'of a step of no type': [
      { pattern: changed((steps) => [5, ...steps.slice(1)]) },
      '.pattern.steps[0]',
    ],
    'of a place that is none': [
      { pattern: changed(([type, _, ...more]) => [type!, 6, ...more]) },
      '.pattern.steps[1]',
    ],
    'of members that are not there': [
      { pattern: changed((steps) => steps.with(5, 2)) },
      '.pattern.steps[5]',
    ],
    'of steps that lead out': [
      { pattern: changed((steps) => steps.with(-4, -6)) },
      '.pattern.steps[17]',
    ],
    'of steps that lead out at the end': [
      { pattern: changed((steps) => steps.with(11, 5)) },
      '.pattern.steps[11]',
    ],
    'of members beyond all characters': [
      { pattern: { ...node.pattern, members: Uint32Array.of(0x110006, 0x110006) } },
      '.pattern.members[0]',
    ],
    'of half a member': [
      { pattern: { ...node.pattern, members: Uint32Array.of(0x61) } },
      '.pattern.members',
    ],
    'that knows no characters': [{ characters: null }, '.characters'],
    'of characters of no sort': [
      { characters: { starts: Uint32Array.of(0, 0x110000), sorts: Uint8Array.of(0) } },
      '.characters.sorts[0]',
    ],
    'of too few characters': [
      { characters: { starts: Uint32Array.of(0, 0x10ffff), sorts: Uint8Array.of(1) } },
      '.characters.starts',
    ],
    'of no word': [{ smallest: 0 }, '.smallest'],
    'of fewer at most than at least': [{ smallest: 3 }, '.largest'],
    'of terms without end': [{ largest: 101 }, '.largest'],
    'with neither terms nor hashes': [{ vocabulary: null }, '.hash'],
    'of no column': [{ vocabulary: null, hash: { columns: 0, signed: true } }, '.hash.columns'],
    'of more columns than the limit': [
      { vocabulary: null, hash: { columns: 2 ** 20 + 1, signed: true } },
      '.hash.columns',
    ],
    'of no term': [{ vocabulary: packTerms([]) }, '.vocabulary.starts'],
    'of terms that end too late': [
      { vocabulary: { units: units.subarray(1), starts } },
      '.vocabulary.starts',
    ],
    'of stop words that go back': [
      { stopWords: { units: Uint8Array.of(1, 2), starts: Uint32Array.of(0, 3, 2) } },
      '.stopWords.starts',
    ],
    'of units of 32 bits': [
      { vocabulary: { units: Uint32Array.of(1), starts: Uint32Array.of(0, 1) } },
      '.vocabulary.units',
    ],
  };
  test.each(Object.entries(broken))('%s', (_, [change, place]) => {
    const { code, path } = refusal(() => check({ ...node, ...change }));
    expect([code, path.startsWith(`model.root${place}`)]).toEqual(['invalid-model', true]);
  });

  test('of numbers', () => {
    const { code } = refusal(() => check(node, { type: 'matrix', features: 1 }));
    expect(code).toBe('invalid-model');
    const numbers = { type: 'columns', columns: [{ name: 'a', type: 'number' }] };
    expect(refusal(() => check(node, numbers)).message).toContain('column 0 is no string');
  });

  test('whose vocabulary is slow on purpose', () => {
    // One term again and again: all of them lie on the way of the last.
    const same = packTerms(new Array<string>(2000).fill('a'));
    expect(refusal(() => new TermTable(same)).code).toBe('limit-exceeded');
  });
});

describe('documents', () => {
  const model = asTransformer(createModel(check(node)));
  const characters = { ...hashed, analyzer: 'char', pattern: null, stopWords: null };
  const hashing = asTransformer(createModel(check(characters)));

  test('are strings, or rows of one', () => {
    const expected = [
      [2, 1],
      [0, 0],
    ];
    expect((model.transform(['AB the cd, ab!', '']) as SparseMatrix).toArray()).toEqual(expected);
    expect((model.transform([['AB the cd, ab!'], ['']]) as SparseMatrix).toArray()).toEqual(
      expected,
    );
    expect(model.transform([])).toBeInstanceOf(SparseMatrix);
  });

  test.each([
    ['a missing one', ['ab', null], 'input-not-finite', 'row 1, column 0'],
    ['a number', ['ab', 7], 'input-type', 'row 1, column 0'],
    ['a row of two', [['ab', 'cd']], 'input-shape', 'row 0'],
    ['a record', [{ text: 'ab' }], 'input-columns', 'input'],
    ['one string', 'ab', 'input-type', 'input'],
  ])('are refused: %s', (_, X, code, path) => {
    const error = refusal(() => model.transform(X as never));
    expect([error.code, error.path]).toEqual([code, path]);
  });

  test('with half a surrogate pair have no hash, and the next ones do', () => {
    const error = refusal(() => hashing.transform(['ab cd', 'a\ud800b']));
    expect([error.code, error.path]).toEqual(['input-type', 'row 1, column 0']);
    expect((hashing.transform(['ab cd']) as SparseMatrix).toArray()).toHaveLength(1);
    expect(model.transform(['a\ud800b'])).toBeInstanceOf(SparseMatrix);
  });
});

test('a document too long for what its pattern would keep of it is refused', () => {
  const slow = {
    ...node,
    pattern: patternOf('ab{0,200}c|\\w{2,200}x'),
    vocabulary: packTerms(['ab']),
  };
  const model = asTransformer(createModel(check(slow)));
  const { code } = refusal(() => model.transform(['ab '.repeat(600_000)]));
  expect(code).toBe('limit-exceeded');
  expect((model.transform(['abbc']) as SparseMatrix).toArray()).toEqual([[0]]);
});

describe('token patterns that are not read', () => {
  const patterns: Readonly<Record<string, string>> = {
    '(?i)\\w+': 'a group that begins with (?i)',
    '\\w+(?!x)': 'a group that begins with (?!x',
    '(?<=a)\\w': 'a group that begins with (?<=',
    '(?P<word>\\w+)': 'a group that begins with (?P<',
    '(\\w)(\\w)': 'more than one group that captures',
    '(\\w)\\1': 'the escape \\1',
    '\\p{L}+': 'the escape \\p',
    '\\w*': 'it may match nothing',
    '(?:\\w|\\b)': 'it may match nothing',
    '(?:\\w*)+x': 'a repetition of what may match nothing',
    '\\w++': 'a possessive repetition',
    '\\w+{2}': 'a repetition of a repetition',
    '\\b+x': 'a place that is repeated',
    '+x': 'a repetition of nothing',
    '(?:{2}x)': 'a repetition of nothing',
    '[a-\\w]': 'a range that is none',
    '[z-a]': 'a range that is none',
    '[a': 'a set without an end',
    '(?:a': 'a group without an end',
    'a)': 'a bracket that closes nothing',
    'a{3,2}': 'a repetition of fewer than the fewest',
    '\\': 'a backslash at the end',
    '\\x4': 'the escape \\x',
    '\\U00110000': 'the escape \\U',
    '\\w{12345}': 'it is too long',
    '(?:a{100}){100}': 'it is too long',
    [`[${'a'.repeat(10_000)}]`]: 'it is too long',
    [`(?:${'a{900}|'.repeat(2)}b)`]: 'it is too long',
  };
  test.each(Object.entries(patterns))('%s', (pattern, message) => {
    const fail = (reason: string): never => {
      throw new Error(reason);
    };
    expect(() => parseTokenPattern(pattern, fail)).toThrow(message);
  });
});
