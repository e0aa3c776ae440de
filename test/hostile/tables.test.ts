import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createModel, type ErrorCode, NuthatchError } from '../../src/index.js';
import { validateRunnable } from '../../src/ir/index.js';
import { expectTyped } from './oracle.js';
import { fuzzRuns, fuzzSeed, fuzzTimeout } from './random.js';
import { fill, integers, linear, oneHot, part, pipeline, texts, union } from './transformers.js';

/** Tables that are wrong: cells, columns, names, widths. */

type Anything = { [method: string]: (...args: unknown[]) => unknown };

const names = ['__proto__', 'city', 'constructor', '', 'older'];
const types = ['number', 'string', 'boolean', 'category', 'unused'];
const columns = types.map((type, i) => ({
  name: names[i]!,
  type,
  categories: type === 'category' ? ['x', 'y'] : null,
}));
const parts = union(
  5,
  true,
  part([0, 2], fill(0, 0)),
  part([1], oneHot(true, null, texts(['Bern', '__proto__'], true, [0, 1, 2], -1))),
  part([3], oneHot(false, null, texts(['x', 'y'], false, [0, 1], null))),
);
const make = (root: unknown, input: unknown) =>
  createModel(validateRunnable({ root, input })) as unknown as Anything;
const table = { type: 'columns', columns };
const predictor = make(pipeline(parts, linear(7, Float64Array)), table);
const transformer = make(parts, table);
const nameless = make(pipeline(parts, linear(7, Float64Array)), {
  type: 'columns',
  columns: columns.map((column) => ({ ...column, name: null })),
});

const codes: readonly ErrorCode[] = [
  'input-type',
  'input-shape',
  'input-columns',
  'input-category',
  'input-not-finite',
];

function caught(work: () => unknown): NuthatchError {
  try {
    work();
  } catch (error) {
    return expectTyped('table', error, codes);
  }
  return expect.fail('accepted');
}

const good = [1.5, 'Bern', true, 'x', null];

/** A record whose keys may be `__proto__`. */
function record(cells: readonly unknown[], keys: readonly string[] = names): object {
  return Object.defineProperties(
    {},
    Object.fromEntries(
      keys.map((key, i) => [
        key,
        { value: cells[i], enumerable: true, writable: true, configurable: true },
      ]),
    ),
  );
}

/** A row in every form, as the second of two. */
function forms(cells: readonly unknown[]): unknown[] {
  return [
    [good, cells],
    [record(good), record(cells)],
    record(cells.map((cell, i) => [good[i], cell])),
  ];
}

const runs = [
  ...['predict', 'raw'].map((method) => (X: unknown) => predictor[method]!(X)),
  (X: unknown) => predictor.predictInto!(X, new Float64Array(9)),
  (X: unknown) => transformer.transform!(X),
];

describe('cells', () => {
  const number = [0, 2];
  const text = [1, 3];
  const label = (col: number) => (names[col] === '' ? col : JSON.stringify(names[col]));
  const wrong: Readonly<Record<string, [cell: unknown, columns: readonly number[]]>> = {
    'a string where a number belongs': ['1.5', number],
    'an empty string where a number belongs': ['', number],
    'a long string where a number belongs': ['x'.repeat(1e5), number],
    'control characters where a number belongs': ['\u001b[31m\n', number],
    'a number where a string belongs': [7, text],
    'zero where a string belongs': [0, text],
    'infinity where a string belongs': [Infinity, text],
    'a boolean where a string belongs': [false, text],
    'a bigint where a string belongs': [1n, text],
    'an array': [['Bern'], [...number, ...text]],
    'an object': [{ toString: () => 'Bern' }, [...number, ...text]],
    'an object without prototype': [Object.create(null), [...number, ...text]],
    'a string in a box': [Object('Bern'), [...number, ...text]],
    'a number in a box': [Object(1), [...number, ...text]],
    'a date': [new Date(0), [...number, ...text]],
    'a symbol': [Symbol('Bern'), [...number, ...text]],
    'a function': [() => 'Bern', [...number, ...text]],
  };
  test.each(Object.keys(wrong))('%s: refused by its place', (name) => {
    const [cell, places] = wrong[name]!;
    for (const col of places) {
      const cells = good.with(col, cell as never);
      for (const run of runs)
        for (const X of forms(cells)) {
          const error = caught(() => run(X));
          expect([error.code, error.path]).toEqual(['input-type', `row 1, column ${label(col)}`]);
          expect(error.message.length).toBeLessThan(300);
        }
      expect(caught(() => predictor.predictOne!(cells)).path).toBe(`row 0, column ${label(col)}`);
      expect(caught(() => nameless.predictOne!(cells)).path).toBe(`row 0, column ${col}`);
    }
  });

  test('that nobody looks at may be anything', () => {
    const wanted = predictor.raw!([good]);
    for (const cell of ['x', {}, Symbol('x'), () => 1, Number.NaN, Infinity, undefined, [[]]])
      for (const X of forms(good.with(4, cell as never)))
        expect((predictor.raw!(X) as { row(i: number): unknown }).row(1)).toEqual(
          (wanted as { row(i: number): unknown }).row(0),
        );
  });

  test('that are missing in any way are missing in the same way', () => {
    const answer = (cells: readonly unknown[]) => transformer.transform!([cells]);
    const expected = answer([null, null, null, 'x', null]);
    for (const cell of [undefined, Number.NaN])
      expect(answer([cell, cell, cell, 'x', cell])).toEqual(expected);
    // biome-ignore lint/suspicious/noSparseArray: holes are what this is about
    expect(answer([, , , 'x', ,])).toEqual(expected);
  });

  const unknown = ['z', 'X', ' x', 'x ', 'toString', '__proto__', '\ud800', 'x\u0000', ''];
  test.each(unknown)(
    'a category %j that the model does not know is refused where it knows no other',
    (cell) => {
      for (const run of runs)
        for (const X of forms(good.with(3, cell))) {
          const error = caught(() => run(X));
          expect([error.code, error.path]).toEqual(['input-category', 'row 1, column 3']);
          expect(error.message).toContain('is not known to the model');
        }
      expect(caught(() => nameless.predictOne!(good.with(3, cell))).path).toBe('row 0, column 3');
      const taken = transformer.transform!([good.with(1, cell)]);
      const other = transformer.transform!([good.with(1, 'unheard of')]);
      if (cell !== '__proto__') expect(taken).toEqual(other);
      else expect(taken).not.toEqual(other);
    },
  );

  test('a missing category is refused where the model never saw one', () => {
    for (const cell of [null, undefined, Number.NaN])
      expect(caught(() => predictor.predict!([good.with(3, cell as never)])).code).toBe(
        'input-category',
      );
  });

  test('infinite numbers are refused', () => {
    for (const cell of [Infinity, -Infinity])
      for (const X of forms(good.with(0, cell)))
        expect(caught(() => predictor.predict!(X)).path).toBe('row 1, column "__proto__"');
  });
});

describe('columns', () => {
  const wrong: Readonly<Record<string, [keys: string[], message: RegExp]>> = {
    'one is missing': [['__proto__', 'city', 'constructor', 'older'], /missing ""$/],
    'one too many': [[...names, 'toString'], /not known to the model: "toString"$/],
    'one renamed': [
      ['__proto__', 'CITY', 'constructor', '', 'older'],
      /missing "city"; not known to the model: "CITY"; perhaps "CITY" should be "city"/,
    ],
    'one renamed by half a surrogate pair': [
      ['__proto__', 'city\ud800', 'constructor', '', 'older'],
      /perhaps "city\\ud800" should be "city"/,
    ],
    'one whose name lacks its underscores': [
      ['proto', 'city', 'constructor', '', 'older'],
      /perhaps "proto" should be "__proto__"/,
    ],
    'none of them': [['a', 'b'], /missing "__proto__", "city", "constructor", ""; not known/],
    'the one that is not used, renamed': [
      ['__proto__', 'city', 'constructor', '', 'Older'],
      /^(row 1|columns): not known to the model: "Older"$/,
    ],
  };
  test.each(Object.keys(wrong))('%s', (name) => {
    const [keys, message] = wrong[name]!;
    const cells = keys.map((key) => good[names.indexOf(key)] ?? 'x');
    for (const run of runs)
      for (const X of [
        [record(good), record(cells, keys)],
        record(
          cells.map((cell) => [cell, cell]),
          keys,
        ),
      ]) {
        const error = caught(() => run(X));
        expect(error.code).toBe('input-columns');
        expect(error.message).toMatch(message);
      }
    expect(caught(() => predictor.predictOne!(record(cells, keys))).code).toBe('input-columns');
  });

  test('the one that is not used may be absent', () => {
    const keys = names.slice(0, -1);
    const expected = predictor.predict!([good, good]);
    expect(predictor.predict!([record(good, keys), record(good)])).toEqual(expected);
    const lists = good.map((cell) => [cell, cell]);
    expect(predictor.predict!(record(lists, keys))).toEqual(expected);
    expect(predictor.predictOne!(record(good, keys))).toBe((expected as Float64Array)[0]);
  });

  test('inherited ones do not count', () => {
    const heir = Object.assign(Object.create(record(good)), { city: 'Bern' }) as object;
    expect(caught(() => predictor.predict!([heir])).code).toBe('input-columns');
    expect(caught(() => predictor.predictOne!(Object.create(record(good)))).code).toBe(
      'input-columns',
    );
  });

  test('by name, where the model has no names', () => {
    expect(caught(() => nameless.predict!([record(good)])).code).toBe('input-columns');
    expect(caught(() => nameless.predictOne!(record(good))).code).toBe('input-columns');
    expect(nameless.predict!([good])).toEqual(predictor.predict!([good]));
  });

  test('of other lengths', () => {
    const lists = good.map((cell) => [cell, cell]).with(3, ['x']);
    const error = caught(() => predictor.predict!(record(lists)));
    expect([error.code, error.path]).toEqual(['input-shape', 'column ""']);
  });

  test.each([0, 1, 4, 6, 1000])('%i in a row', (width) => {
    const row = Array.from({ length: width }, (_, i) => good[i % 5]);
    for (const run of runs) expect(caught(() => run([good, row])).path).toBe('row 1');
    expect(caught(() => predictor.predictOne!(row)).code).toBe('input-shape');
  });

  test('in a matrix of numbers, which holds no strings', () => {
    const data = Float64Array.of(1, 0, 1, 0, 0);
    expect(caught(() => predictor.predict!({ data, rows: 1, cols: 5 })).path).toBe(
      'row 0, column "city"',
    );
    expect(caught(() => predictor.predict!({ data, rows: 1, cols: 4 })).code).toBe('input-shape');
  });

  test('a hundred thousand of them, all renamed, are refused within seconds', () => {
    const count = 100_000;
    const many = Array.from({ length: count }, (_, i) => ({ name: `n${i}`, type: 'string' }));
    const one = part([0], oneHot(false, null, texts(['a'], false, [0], -1)));
    const model = make(union(count, false, one), { type: 'columns', columns: many });
    const renamed = record(
      many.map(() => 'a'),
      many.map(({ name }) => `N ${name}`),
    );
    const started = performance.now();
    const error = caught(() => model.transform!([renamed]));
    expect([error.code, error.path]).toEqual(['input-columns', 'row 0']);
    expect(error.message.length).toBeLessThan(1000);
    const row = new Array<string>(count).fill('a');
    expect(model.transform!([row])).toMatchObject({ rows: 1, cols: 1 });
    expect(caught(() => model.transform!([row, row.with(7, 7 as never)])).path).toBe(
      'row 1, column "n7"',
    );
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('values of one nameless column', () => {
  const encoder = make(oneHot(true, null, texts(['a', '__proto__'], true, [0, 1, 2], null)), {
    type: 'columns',
    columns: [{ name: null, type: 'string' }],
  });
  const digits = make(oneHot(false, null, integers([0, 1], false, [0, 1], null)), {
    type: 'columns',
    columns: [{ name: null, type: 'number' }],
  });

  test('stand for rows', () => {
    const rows = encoder.transform!([['a'], ['__proto__'], [null]]);
    expect(encoder.transform!(['a', '__proto__', null])).toEqual(rows);
    expect(encoder.transform!(['a', '__proto__', undefined])).toEqual(rows);
    expect(digits.transform!(Float64Array.of(1, 0))).toEqual(digits.transform!([[1], [0]]));
    expect(digits.transform!([true, false, 1n])).toEqual(digits.transform!([[1], [0], [1]]));
    expect(digits.transform!([])).toMatchObject({ rows: 0, cols: 2 });
  });

  const bad: Readonly<Record<string, [values: unknown, code: ErrorCode, path: string]>> = {
    'an unknown one': [['a', 'b'], 'input-category', 'row 1, column 0'],
    'a number': [['a', 7], 'input-type', 'row 1, column 0'],
    'a row among them': [['a', ['a']], 'input-type', 'row 1, column 0'],
    'a record among them': [['a', { x: 'a' }], 'input-type', 'row 1, column 0'],
    'one among rows': [[['a'], 'a'], 'input-type', 'row 1'],
    'a record': [[{ x: 'a' }], 'input-columns', 'input'],
    'a table': [{ x: ['a'] }, 'input-columns', 'input'],
    'a string alone': ['a', 'input-type', 'input'],
    'numbers in a typed array': [Float64Array.of(1), 'input-type', 'row 0, column 0'],
  };
  test.each(Object.keys(bad))('%s', (name) => {
    const [values, code, path] = bad[name]!;
    const error = caught(() => encoder.transform!(values));
    expect([error.code, error.path]).toEqual([code, path]);
  });
});

test(
  'anything at all gives a typed error, or an answer for each row',
  () => {
    const value = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(1, 0.5, true, null, 'Bern', 'x', 'y', '__proto__') },
      { weight: 1, arbitrary: fc.anything({ withBigInt: true, withNullPrototype: true }) },
    );
    const key = fc.constantFrom(...names, 'x');
    const row = fc.array(value, { minLength: 4, maxLength: 6 });
    const some = fc.oneof(
      value,
      fc.array(row, { maxLength: 3 }),
      fc.array(
        row.map((cells) => record(cells)),
        { maxLength: 3 },
      ),
      fc.array(fc.dictionary(key, value), { maxLength: 3 }),
      fc.dictionary(key, fc.array(value, { maxLength: 2 })),
    );
    let answered = 0;
    fc.assert(
      fc.property(some, (X) => {
        for (const run of [...runs, (input: unknown) => predictor.predictOne!(input)]) {
          try {
            expect(run(X)).not.toBe(null);
            answered++;
          } catch (error) {
            if (!(error instanceof NuthatchError)) throw error;
          }
        }
      }),
      { seed: 17 + fuzzSeed, numRuns: 2000 * fuzzRuns },
    );
    expect(answered).toBeGreaterThan(20);
  },
  fuzzTimeout,
);
