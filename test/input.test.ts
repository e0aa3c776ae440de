import { describe, expect, test } from 'vitest';
import { writeNut } from '../formats/nut/index.js';
import {
  asClassifier,
  asRegressor,
  asTransformer,
  createModel,
  load,
  type Matrix,
} from '../src/index.js';
import { validateRunnable } from '../src/ir/index.js';
import { smallLinear, smallTree } from './nut/small-models.js';

const tree = asClassifier(load(writeNut(smallTree())));
const linear = asRegressor(load(writeNut(smallLinear())));
// The features of the small tree are called `__proto__` and `größe`: names from a file must stay harmless.
const record = (first: unknown, second: unknown) =>
  JSON.parse(
    JSON.stringify({ größe: second }).replace('{', `{"__proto__":${JSON.stringify(first)},`),
  );

describe('all forms of input give the same answers', () => {
  const rows = [
    [0.05, 1],
    [0.3, 2],
    [null, 3],
  ];
  const expected = ['a', 'b', 'a'];

  test('rows, typed rows and rows with booleans and bigints', () => {
    expect(tree.predict(rows)).toEqual(expected);
    expect(tree.predict(rows.map(([a, b]) => Float64Array.of(a ?? Number.NaN, b!)))).toEqual(
      expected,
    );
    expect(
      tree.predict([
        [false, 1n],
        [true, 0],
      ]),
    ).toEqual(['a', 'b']);
  });

  test('records, in any order of keys', () => {
    expect(tree.predict(rows.map(([a, b]) => record(a, b)))).toEqual(expected);
    expect(tree.predictOne(record(0.3, 0))).toBe('b');
  });

  test('columns', () => {
    const columns = record([0.05, 0.3, null], [1, 2, 3]);
    expect(tree.predict(columns)).toEqual(expected);
  });

  test('typed matrices', () => {
    const data = Float64Array.from(rows.flat(), (value) => value ?? Number.NaN);
    expect(tree.predict({ data, rows: 3, cols: 2 })).toEqual(expected);
    const out = new Uint8Array(3);
    tree.predictInto({ data: Float32Array.from(data), rows: 3, cols: 2 }, out);
    expect(Array.from(out)).toEqual([0, 1, 0]);
  });

  test('no rows', () => {
    expect(tree.predict([])).toEqual([]);
    expect(tree.predictProba!([]).shape).toEqual([0, 2]);
  });
});

describe('tables', () => {
  const type = (name: string, type: string) => ({ name, type });
  const columns = [type('age', 'number'), type('city', 'string'), type('note', 'unused')];
  const marks = (strings: string[]) => ({
    kind: 'encode',
    features: 1,
    nonFinite: 'nan',
    type: 'float64',
    sparse: true,
    columns: [
      { strings, missing: true, unknown: true, width: 3, marks: Int32Array.of(0, 1, 2, -1) },
    ],
  });
  const third = [{ operation: 'divide', operands: Float64Array.of(3), rounded: true }];
  const root = {
    kind: 'union',
    features: 3,
    sparse: false,
    parts: [
      { columns: Uint32Array.of(1), node: marks(['Bern', 'Chur']) },
      {
        columns: Uint32Array.of(0),
        node: { kind: 'elementwise', features: 1, nonFinite: 'nan', operations: third },
      },
    ],
  };
  const model = (input: object) => asTransformer(createModel(validateRunnable({ root, input })));
  const named = model({ type: 'columns', columns });
  const nameless = model({ type: 'columns', columns: columns.map(({ type }) => ({ type })) });

  const rows = [
    [3, 'Chur', 'x'],
    [true, null, 7],
    [null, 'Basel', undefined],
    [6n, 'Bern', {}],
  ] as readonly (readonly unknown[])[];
  const expected = [
    [0, 1, 0, 1],
    [0, 0, 1, 1 / 3],
    [0, 0, 0, Number.NaN],
    [1, 0, 0, 2],
  ];
  const answer = (X: unknown, transformer = named) =>
    (transformer.transform(X as never) as Matrix).toArray();

  test('as rows, records and columns', () => {
    expect(answer(rows)).toEqual(expected);
    expect(answer(rows, nameless)).toEqual(expected);
    const records = rows.map(([age, city, note]) => ({ note, city, age }));
    expect(answer(records)).toEqual(expected);
    const columns = { city: rows.map(([, city]) => city), age: rows.map(([age]) => age) };
    expect(answer({ ...columns, note: [1, 2, 3, 4] })).toEqual(expected);
    expect(answer([])).toEqual([]);
    expect(answer({ city: [], age: [] })).toEqual([]);
  });

  test('need not have what the model never looks at, and have it in any way', () => {
    expect(answer([{ age: 3, city: 'Bern' }])).toEqual([[1, 0, 0, 1]]);
    expect(answer({ age: [3], city: ['Bern'] })).toEqual([[1, 0, 0, 1]]);
    expect(answer({ age: [3], city: ['Bern'], note: [Symbol('x')] })).toEqual([[1, 0, 0, 1]]);
  });

  test('keep the type of their columns', () => {
    const single = Math.fround(1 / 3);
    expect(answer({ age: Float32Array.of(1), city: ['Bern'] })).toEqual([[1, 0, 0, single]]);
    expect(answer({ age: Float64Array.of(1), city: ['Bern'] })).toEqual([[1, 0, 0, 1 / 3]]);
    expect(answer({ age: Int8Array.of(1), city: ['Bern'] })).toEqual([[1, 0, 0, 1 / 3]]);
  });

  const refusals: [name: string, X: unknown, code: string, message: RegExp][] = [
    [
      'a string for a number',
      [[' 3', 'Bern', 0]],
      'input-type',
      /^row 0, column "age": expected a number, found the string " 3"/,
    ],
    [
      'a number for a string',
      [[3, 4, 0]],
      'input-type',
      /^row 0, column "city": expected a string, found 4/,
    ],
    ['a missing column', [{ age: 3 }], 'input-columns', /^row 0: missing "city"$/],
    [
      'an extra column',
      [{ age: 3, city: 'Bern', shoe: 44 }],
      'input-columns',
      /not known to the model: "shoe"$/,
    ],
    [
      'a renamed column',
      { age: [3], City: ['Bern'] },
      'input-columns',
      /^columns: .*perhaps "City" should be "city"$/,
    ],
    [
      'a short column',
      { age: [3, 4], city: ['Bern'] },
      'input-shape',
      /^column "city": expected 2 values, found 1/,
    ],
    ['a short row', [[3, 'Bern']], 'input-shape', /^row 0: expected 3 values, found 2/],
    ['one row', [3, 'Bern', 0], 'input-shape', /use predictOne/],
    ['one record', { age: 3, city: 'Bern' }, 'input-type', /for one record use predictOne/],
  ];
  test.each(refusals)('are refused for %s', (_, X, code, message) => {
    expect(() => answer(X)).toThrowError(expect.objectContaining({ name: 'NuthatchError', code }));
    expect(() => answer(X)).toThrowError(message);
  });

  test('are matched by name only where there are names', () => {
    expect(() => answer([{ age: 3, city: 'Bern' }], nameless)).toThrowError(/no feature names/);
    expect(() => answer([[3, 4, 0]], nameless)).toThrowError(/^row 0, column 1: expected a string/);
  });

  test('of one nameless column may be given as values', () => {
    const input = { type: 'columns', columns: [{ type: 'string' }] };
    const root = { ...marks(['Bern', 'Chur']), sparse: false };
    const encoder = asTransformer(createModel(validateRunnable({ root, input })));
    const rows = [
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 0],
    ];
    expect(answer(['Chur', null, 'Basel'], encoder)).toEqual(rows);
    expect(answer([['Chur'], [null], ['Basel']], encoder)).toEqual(rows);
    expect(() => answer(['Chur', 1], encoder)).toThrowError(/^row 1, column 0: expected a string/);
    expect(() => answer('Chur', encoder)).toThrowError(/^input: expected rows/);
  });
});

describe('bad input is one typed error that says what and where', () => {
  const cases: [name: string, run: () => unknown, code: string, message: RegExp][] = [
    [
      'a short row',
      () => linear.predict([[1, 2], [1]]),
      'input-shape',
      /row 1: expected 2 values, found 1/,
    ],
    [
      'a string',
      () => linear.predict([[1, 'x' as never]]),
      'input-type',
      /row 0, column 1: expected a number, found the string "x"/,
    ],
    ['a nested array', () => linear.predict([[1, [2] as never]]), 'input-type', /column 1/],
    ['one flat row', () => linear.predict([1, 2] as never), 'input-shape', /predictOne/],
    ['a number', () => linear.predict(7 as never), 'input-type', /found 7/],
    ['null', () => linear.predict(null as never), 'input-type', /found null/],
    ['a row that is null', () => linear.predict([null] as never), 'input-shape', /./],
    [
      'a missing value',
      () => linear.predict([[1, null]]),
      'input-not-finite',
      /row 0, column 1.*missing/,
    ],
    [
      'an infinity',
      () =>
        linear.predict([
          [1, 2],
          [Infinity, 2],
        ]),
      'input-not-finite',
      /row 1, column 0.*Infinity/,
    ],
    [
      'what float32 cannot hold',
      () => tree.predict([[1e39, 2]]),
      'input-not-finite',
      /1e\+39.*float32/,
    ],
    [
      'records without names',
      () => linear.predict([{ a: 1, b: 2 }]),
      'input-columns',
      /no feature names/,
    ],
    [
      'a missing and a renamed column',
      () => tree.predict([{ GRÖSSE: 1, größe_: 2 }]),
      'input-columns',
      /missing "__proto__", "größe"; not known to the model: "GRÖSSE", "größe_"; perhaps "größe_" should be "größe"/,
    ],
    [
      'columns of different lengths',
      () => tree.predict(record([1, 2], [1])),
      'input-shape',
      /column "größe": expected 2 values, found 1/,
    ],
    [
      'a matrix of the wrong width',
      () => linear.predict({ data: new Float64Array(3), rows: 1, cols: 3 }),
      'input-shape',
      /expected 2 columns, found 3/,
    ],
    [
      'a matrix that lies about its rows',
      () => linear.predict({ data: new Float64Array(4), rows: 3, cols: 2 }),
      'input-shape',
      /expected 3 times 2 values, found 4/,
    ],
    [
      'a result too short',
      () =>
        linear.predictInto({ data: new Float64Array(4), rows: 2, cols: 2 }, new Float64Array(1)),
      'input-shape',
      /out/,
    ],
    [
      'a result of the wrong type',
      () =>
        linear.predictInto(
          { data: new Float64Array(4), rows: 2, cols: 2 },
          new Int32Array(2) as never,
        ),
      'input-type',
      /Float64Array/,
    ],
  ];
  test.each(cases)('%s', (_, run, code, message) => {
    expect(run).toThrowError(expect.objectContaining({ name: 'NuthatchError', code }));
    expect(run).toThrowError(message);
  });

  test('and leaves no trace on prototypes', () => {
    expect(({} as Record<string, unknown>).größe).toBeUndefined();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});
