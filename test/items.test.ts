import { expect, test } from 'vitest';
import { asTransformer, createModel, NuthatchError, type Transformer } from '../src/index.js';
import { validateRunnable } from '../src/ir/index.js';
import type { Matrix, SparseMatrix, TransformResult } from '../src/result.js';
import { tally } from './hostile/transformers.js';

/** Rows of items that are wrong, or large. What right ones become, fixtures say. */

const nameless = (type: string) => ({
  type: 'columns',
  columns: [{ name: null, type, categories: null }],
});
const make = (root: object, input: unknown = nameless('record')): Transformer =>
  asTransformer(createModel(validateRunnable({ root, input })));

const rowsOf = (result: TransformResult): number[][] => (result as Matrix | SparseMatrix).toArray();

const hash = { columns: 8, signed: true };
const known = make(tally({ strings: ['a', 'b=c'] }));
const hashed = make(tally({ hash, sparse: true }));
const pairs = make(tally({ form: 'pairs', hash, sparse: true }), nameless('pairs'));
const list = make(tally({ form: 'list', hash, sparse: true }), nameless('list'));
const whole = make(tally({ strings: ['a'], type: 'int32' }));
const inTable = make(tally({ strings: ['a'] }), {
  type: 'columns',
  columns: [{ name: 'bag', type: 'record', categories: null }],
});

type Refusal = [model: Transformer, rows: unknown, place: string, message: string];
const refusals: Readonly<Record<string, Refusal>> = {
  'a number': [known, [{}, 5], 'row 1', 'expected a record'],
  'a missing record': [known, [null], 'row 0', 'expected a record'],
  'a list where records belong': [known, [['a']], 'row 0', 'expected a record'],
  'a map': [known, [new Map([['a', 1]])], 'row 0', 'expected a record'],
  'a date': [known, [new Date(0)], 'row 0', 'expected a record'],
  'one record for several': [known, { a: [1] }, 'input', 'no feature names'],
  'a record inside': [known, [{ a: { b: 1 } }], 'row 0, "a"', 'a number, a string or a list'],
  'numbers in a list': [known, [{ a: ['c', 1] }], 'row 0, "a"', 'a list of strings'],
  'a symbol': [known, [{ a: Symbol('b') }], 'row 0, "a"', 'a number, a string'],
  'a function': [known, [{ a() {} }], 'row 0, "a"', 'a number, a string'],
  'nothing to hash': [hashed, [{ a: null }], 'row 0, "a"', 'a number or a string'],
  'a list to hash': [hashed, [{ a: ['b'] }], 'row 0, "a"', 'a number or a string'],
  'half a surrogate pair': [hashed, [{ a: 1 }, { b: '\ud800' }], 'row 1, "b=', 'no UTF-8'],
  'records where pairs belong': [pairs, [{ a: 1 }], 'row 0', 'expected a list'],
  'a name alone': [pairs, [['a']], 'row 0, item 0', 'expected a pair'],
  'a pair of three': [pairs, [[['a', 1, 2]]], 'row 0, item 0', 'expected a pair'],
  'a string of names': [list, ['abc'], 'row 0', 'expected a list'],
  'numbers to hash': [list, [['a', 2]], 'row 0, "2"', 'expected a string'],
  'a missing name': [list, [['a', null]], 'row 0, item 1', 'expected a name'],
  'too large a whole number': [whole, [{ a: 2 ** 31 }], 'row 0, "a"', 'is no int32'],
  'a gap among whole numbers': [whole, [{ a: null }], 'row 0, "a"', 'is no int32'],
  'in a column': [inTable, [{ bag: {} }, { bag: [] }], 'row 1, column "bag"', 'expected a record'],
};

test.each(Object.entries(refusals))('%s', (_, [model, rows, place, message]) => {
  try {
    model.transform(rows as never);
  } catch (error) {
    expect(error).toBeInstanceOf(NuthatchError);
    expect((error as NuthatchError).path).toContain(place);
    expect((error as NuthatchError).message).toContain(message);
    return;
  }
  expect.fail('accepted');
});

test('a row that is refused leaves nothing behind', () => {
  expect(() => known.transform([{ a: 7, b: {} }])).toThrow(NuthatchError);
  expect(rowsOf(known.transform([{ 'b=c': 1 }]))).toEqual([[0, 1]]);
});

test('names are only names', () => {
  const names = ['__proto__', 'constructor', 'toString'];
  const model = make(tally({ strings: names }));
  const row = JSON.parse('{"__proto__": 1, "toString": 2}') as object;
  expect(rowsOf(model.transform([row, {}, Object.create({ constructor: 3 })] as never))).toEqual([
    [1, 0, 2],
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

test('records of many names are read in one pass', () => {
  const record: Record<string, number> = Object.fromEntries(
    Array.from({ length: 1e5 }, (_, i) => [`name ${i}`, 1]),
  );
  record.a = 3;
  expect(rowsOf(known.transform([record]))).toEqual([[3, 0]]);
  const sums = rowsOf(hashed.transform([record]))[0]!;
  expect(sums.reduce((sum, one) => sum + Math.abs(one), 0)).toBeGreaterThan(0);
});

test('models hand on no items, and have no hashes that are dense', () => {
  const input = nameless('record');
  const handsOn = {
    kind: 'union',
    features: 1,
    parts: [{ columns: null, node: null }],
    sparse: false,
  };
  const encode = {
    kind: 'encode',
    features: 1,
    nonFinite: 'any',
    type: null,
    sparse: false,
    columns: [
      {
        strings: null,
        numbers: null,
        missing: true,
        unknown: true,
        width: 1,
        values: new Float64Array(2),
        marks: null,
      },
    ],
  };
  const broken: readonly (readonly [object, string])[] = [
    [handsOn, 'hands on items'],
    [{ ...handsOn, sparse: true }, 'hands on items'],
    [encode, 'holds items'],
    [tally({ hash }), 'hashes are'],
    [tally({ form: 'list', strings: ['a'] }), 'is no list'],
    [tally({ numbers: Float64Array.of(1) }), 'only of lists'],
    [tally({ strings: ['a', 'a'] }), 'twice'],
    [tally({ strings: [] }), 'from 1'],
    [tally({ strings: ['a'], separator: 'x'.repeat(1001) }), 'from 0 to 1000'],
    [tally(), 'hash'],
  ];
  for (const [root, message] of broken)
    expect(() => validateRunnable({ root, input }), message).toThrow(message);
});
