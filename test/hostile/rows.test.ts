import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  asPredictor,
  createModel,
  type ErrorCode,
  type Model,
  NuthatchError,
} from '../../src/index.js';
import { answers, type ModelDescription, validateModel } from '../../src/ir/index.js';
import { Matrix } from '../../src/result.js';
import { probeRows, smallModels } from './models.js';
import { expectTyped } from './oracle.js';
import { fuzzRuns, fuzzSeed, fuzzTimeout } from './random.js';

/** Rows that are wrong, and rows that are the same in every form. */

type Anything = { [method: string]: (...args: unknown[]) => unknown };
const anything = (model: Model) => model as unknown as Anything;

/** A small model with other feature names. */
function named(name: string, names: readonly string[] | null): ModelDescription {
  const model = smallModels[name]!();
  return validateModel({ ...model, input: { ...model.input, names } });
}

const treeNames = ['__proto__', 'größe', ''];
const tree = createModel(smallModels['narrow table, single tree, ids, covers, strings']!());
const plain = createModel(named('linear, softmax', ['age', 'height', 'weight']));
const unnamed = createModel(smallModels['linear, softmax']!());
const regressor = createModel(smallModels['linear regressor without probabilities']!());
const single = createModel(smallModels['pipeline in a pipeline']!());
const categorical = createModel(smallModels['wide table, categories, any, booleans, normalize']!());
const several = createModel(smallModels['narrow table forest, several outputs, leaves only']!());

/** What `work` throws, which must be the library's own error. */
function caught(work: () => unknown): NuthatchError {
  try {
    work();
  } catch (error) {
    return expectTyped('rows', error, [
      'input-type',
      'input-shape',
      'input-columns',
      'input-not-finite',
      'usage',
      'limit-exceeded',
    ]);
  }
  return expect.fail('accepted');
}

/** Methods that take rows, for any model. */
function methodsOf(model: Model): ((X: unknown) => unknown)[] {
  const names = [
    'predict',
    'raw',
    'predictProba',
    'predictLogProba',
    'decisionFunction',
    'apply',
    'decisionPath',
  ];
  const out = model.task === 'classifier' ? new Int32Array(100) : new Float64Array(100);
  const whole = names.flatMap((name) =>
    name in model ? [(X: unknown) => anything(model)[name]!(X)] : [],
  );
  return [
    ...whole,
    (X) => anything(model).predictInto!(X, out),
    ...('predictProbaInto' in model
      ? [(X: unknown) => anything(model).predictProbaInto!(X, new Float64Array(100))]
      : []),
  ];
}

const withHole = [
  [1, 2, 3],
  [4, 5, 6],
  [1, 2, 3],
];
delete withHole[1];

describe('input that is no rows', () => {
  const wrong: Readonly<Record<string, [unknown, ErrorCode[]]>> = {
    nothing: [undefined, ['input-type']],
    null: [null, ['input-type']],
    'a number': [7, ['input-type']],
    'a bigint': [7n, ['input-type']],
    text: ['1,2,3', ['input-type']],
    'a boolean': [true, ['input-type']],
    'a symbol': [Symbol('x'), ['input-type']],
    'a function': [() => [[1, 2, 3]], ['input-type']],
    'an empty object': [{}, ['input-type']],
    'a map': [new Map([['age', [1]]]), ['input-type']],
    'a set': [new Set([[1, 2, 3]]), ['input-type']],
    'a date': [new Date(0), ['input-type']],
    'a promise': [Promise.resolve([[1, 2, 3]]), ['input-type']],
    'an iterator': [[[1, 2, 3]].values(), ['input-type']],
    'an array buffer': [new ArrayBuffer(24), ['input-type']],
    'a data view': [new DataView(new ArrayBuffer(24)), ['input-type']],
    'one flat array': [[1, 2, 3], ['input-shape']],
    'one flat typed array': [Float64Array.of(1, 2, 3), ['input-shape']],
    'a record': [{ age: 1, height: 2, weight: 3 }, ['input-type']],
    'an object that pretends to be an array': [{ length: 1, 0: [1, 2, 3] }, ['input-type']],
    'an array of nothing': [[undefined], ['input-shape']],
    'an array of null': [[null], ['input-shape']],
    'an array of text': [['abc'], ['input-shape']],
    'an array with holes': [withHole, ['input-type']],
    'an array of holes': [new Array(3), ['input-shape']],
    'rows three deep': [[[[1], [2], [3]]], ['input-type']],
    'rows and a number': [[[1, 2, 3], 4], ['input-type']],
    'rows and null': [[[1, 2, 3], null], ['input-type']],
    'rows and text': [[[1, 2, 3], '1,2,3'], ['input-type']],
    'rows and a data view': [[[1, 2, 3], new DataView(new ArrayBuffer(24))], ['input-columns']],
    'a matrix as a row': [
      [{ data: Float64Array.of(1, 2, 3), rows: 1, cols: 3 }],
      ['input-columns'],
    ],
  };
  test.each(Object.keys(wrong))('%s', (name) => {
    const [input, codes] = wrong[name]!;
    for (const run of methodsOf(plain))
      expect(codes, name).toContain(caught(() => run(input)).code);
  });
});

describe('a matrix that lies', () => {
  const data = Float64Array.of(1, 2, 3, 4, 5, 6);
  const lies: Readonly<Record<string, [unknown, ErrorCode]>> = {
    'more rows than data': [{ data, rows: 3, cols: 3 }, 'input-shape'],
    'fewer rows than data': [{ data, rows: 1, cols: 3 }, 'input-shape'],
    'no rows': [{ data, rows: 0, cols: 3 }, 'input-shape'],
    'negative rows': [{ data, rows: -2, cols: 3 }, 'input-shape'],
    'half a row': [{ data, rows: 1.5, cols: 3 }, 'input-shape'],
    'rows without number': [{ data, rows: Number.NaN, cols: 3 }, 'input-shape'],
    'rows without end': [{ data, rows: Infinity, cols: 3 }, 'input-shape'],
    'rows that are text': [{ data, rows: '2', cols: 3 }, 'input-type'],
    'rows that are a bigint': [{ data, rows: 2n, cols: 3 }, 'input-type'],
    'no number of rows': [{ data, cols: 3 }, 'input-type'],
    'columns and rows exchanged': [{ data, rows: 3, cols: 2 }, 'input-shape'],
    'columns without number': [{ data, rows: 2, cols: Number.NaN }, 'input-shape'],
    'both negative': [{ data, rows: -2, cols: -3 }, 'input-shape'],
    'data that is an array': [{ data: [...data], rows: 2, cols: 3 }, 'input-type'],
    'data of integers': [{ data: Int32Array.from(data), rows: 2, cols: 3 }, 'input-type'],
    'data of half floats’ bytes': [{ data: new Uint16Array(6), rows: 2, cols: 3 }, 'input-type'],
    'data of bigints': [{ data: new BigInt64Array(6), rows: 2, cols: 3 }, 'input-type'],
    'no data': [{ rows: 2, cols: 3 }, 'input-type'],
    'data that is null': [{ data: null, rows: 2, cols: 3 }, 'input-type'],
  };
  test.each(Object.keys(lies))('%s', (name) => {
    const [input, code] = lies[name]!;
    for (const run of methodsOf(plain)) expect(caught(() => run(input)).code).toBe(code);
  });

  test('a matrix whose memory was taken away', () => {
    const moved = Float64Array.of(1, 2, 3);
    structuredClone(moved, { transfer: [moved.buffer] });
    for (const run of methodsOf(plain))
      expect(caught(() => run({ data: moved, rows: 1, cols: 3 })).code).toBe('input-shape');
  });
});

describe('cells', () => {
  const bad: Readonly<Record<string, unknown>> = {
    text: 'abc',
    'a number as text': '1',
    'an empty text': '',
    'text with control characters': '\u001b[31m\n',
    'a long text': 'x'.repeat(100_000),
    'an array': [1],
    'an empty array': [],
    'an object': { valueOf: () => 1 },
    'an object without prototype': Object.create(null),
    'an object whose toString fails': { toString: 1 },
    'a boxed number': Object(1),
    'a date': new Date(0),
    'a symbol': Symbol('\n'),
    'a function': () => 1,
  };
  test.each(Object.keys(bad))('%s is named by its row and column', (name) => {
    for (const run of methodsOf(plain)) {
      const rows = [
        [1, 2, 3],
        [1, bad[name], 3],
      ];
      const error = caught(() => run(rows));
      expect([error.code, error.path]).toEqual(['input-type', 'row 1, column "height"']);
      expect(error.message.length).toBeLessThan(300);
      const columns = { age: [1, 1], height: [2, bad[name]], weight: [3, 3] };
      expect(caught(() => run(columns)).path).toBe('row 1, column "height"');
      const records = [
        { age: 1, height: 2, weight: 3 },
        { age: 1, height: bad[name], weight: 3 },
      ];
      expect(caught(() => run(records)).path).toBe('row 1, column "height"');
    }
    expect(caught(() => anything(plain).predictOne!([1, bad[name], 3])).path).toBe(
      'row 0, column "height"',
    );
    expect(caught(() => anything(unnamed).predictOne!([1, bad[name], 3])).path).toBe(
      'row 0, column 1',
    );
  });

  test.each([Number.NaN, Infinity, -Infinity, null, undefined])(
    '%s where the model takes finite numbers only',
    (cell) => {
      for (const run of methodsOf(plain)) {
        const error = caught(() =>
          run([
            [1, 2, 3],
            [1, cell, 3],
          ]),
        );
        expect([error.code, error.path]).toEqual(['input-not-finite', 'row 1, column "height"']);
        const matrix = {
          data: Float64Array.of(1, 2, 3, 1, (cell as number) ?? Number.NaN, 3),
          rows: 2,
          cols: 3,
        };
        expect(caught(() => run(matrix)).path).toBe('row 1, column "height"');
      }
    },
  );

  test.each([1e39, -1e39, 3.5e38, 1e308])('%s where the model rounds to float32', (cell) => {
    for (const run of methodsOf(tree)) {
      const error = caught(() =>
        run([
          [0, 0, 0],
          [0, 0, cell],
        ]),
      );
      expect([error.code, error.path]).toEqual(['input-not-finite', 'row 1, column 2']);
      expect(error.message).toContain('too large for float32');
    }
    expect(anything(plain).predict!([[0, 0, cell / 1e300]])).toHaveLength(1);
  });

  test('infinities where NaN alone is taken', () => {
    for (const run of methodsOf(tree)) {
      expect(run([[Number.NaN, null, undefined]])).not.toBe(null);
      expect(caught(() => run([[0, Infinity, 0]])).code).toBe('input-not-finite');
    }
  });

  test('booleans, bigints, null, undefined and holes mean numbers', () => {
    // biome-ignore lint/suspicious/noSparseArray: a hole is what this is about
    const holes = [1, , 3];
    const same = (a: unknown, b: unknown) =>
      expect(anything(tree).raw!([a])).toEqual(anything(tree).raw!([b]));
    same([true, false, 3n], [1, 0, 3]);
    same([null, undefined, 0], [Number.NaN, Number.NaN, 0]);
    same(holes, [1, Number.NaN, 3]);
    same(BigInt64Array.of(1n, 2n, -3n), [1, 2, -3]);
    same(Int8Array.of(1, 2, -3), [1, 2, -3]);
    same(Uint8ClampedArray.of(1, 2, 3), [1, 2, 3]);
  });

  test('categories beyond every set, negative, enormous and infinite', () => {
    for (const cell of [
      -1,
      -0.5,
      1e9,
      2 ** 31,
      2 ** 32,
      2 ** 53,
      1e300,
      Infinity,
      -Infinity,
      Number.NaN,
    ]) {
      const result = anything(categorical).predictProba!([[cell, cell, cell]]) as Matrix;
      for (const value of result.data) expect(value >= 0 && value <= 1).toBe(true);
    }
  });
});

describe('widths', () => {
  test.each([0, 1, 2, 4, 1000])('a row of %i values for a model of three', (width) => {
    const row = new Array<number>(width).fill(1);
    for (const run of methodsOf(plain)) {
      const error = caught(() => run([[1, 2, 3], row]));
      expect([error.code, error.path]).toEqual(['input-shape', 'row 1']);
      expect(caught(() => run([[1, 2, 3], Float32Array.from(row)])).path).toBe('row 1');
    }
    expect(caught(() => anything(plain).predictOne!(row)).code).toBe('input-shape');
  });

  test('many rows that are too short are refused before memory is taken for them', () => {
    const features = 1_000_000;
    const model = smallModels['pipeline of select and trees']!();
    const wide = { ...model, golden: [], input: { type: 'matrix', features, names: null } };
    const root = structuredClone(model.root) as unknown as { steps: { features: number }[] };
    root.steps[0]!.features = features;
    const compiled = asPredictor(createModel(validateModel({ ...wide, root })));
    const rows = Array.from({ length: 100_000 }, () => []);
    const started = performance.now();
    expect(caught(() => compiled.raw(rows)).code).toBe('input-shape');
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('more cells than memory is a typed error', () => {
    const names = Array.from({ length: 1_000_000 }, (_, i) => `f${i}`);
    const model = smallModels['pipeline of select and trees']!();
    const root = structuredClone(model.root) as unknown as { steps: { features: number }[] };
    root.steps[0]!.features = names.length;
    const input = { type: 'matrix', features: names.length, names };
    const compiled = asPredictor(createModel(validateModel({ ...model, golden: [], root, input })));
    const rows = new Array(3_000_000).fill({});
    expect(['limit-exceeded', 'input-columns']).toContain(caught(() => compiled.raw(rows)).code);
  });
});

describe('columns', () => {
  const good = { age: 1, height: 2, weight: 3 };
  const cases: Readonly<Record<string, [Record<string, unknown>, RegExp]>> = {
    missing: [{ age: 1, weight: 3 }, /missing "height"/],
    'all missing': [{}, /missing "age", "height", "weight"/],
    extra: [{ ...good, shoe: 4 }, /not known to the model: "shoe"/],
    renamed: [{ age: 1, HEIGHT: 2, weight: 3 }, /perhaps "HEIGHT" should be "height"/],
    'renamed with punctuation': [
      { age: 1, 'hei-ght ': 2, weight: 3 },
      /"hei-ght " should be "height"/,
    ],
    'an own __proto__': [
      JSON.parse('{"age":1,"height":2,"weight":3,"__proto__":4}') as Record<string, unknown>,
      /not known to the model: "__proto__"/,
    ],
    'a constructor': [{ ...good, constructor: 1 }, /not known to the model: "constructor"/],
    'named by control characters': [{ ...good, 'a\n\u001b[31m': 1 }, /\\n/],
  };
  test.each(Object.keys(cases))('%s: named in the message', (name) => {
    const [record, message] = cases[name]!;
    const table = Object.fromEntries(Object.entries(record).map(([key, value]) => [key, [value]]));
    for (const run of methodsOf(plain)) {
      const error = caught(() => run([good, record]));
      expect([error.code, error.path]).toEqual(['input-columns', 'row 1']);
      expect(error.message).toMatch(message);
      if (Object.keys(table).length > 0)
        expect(caught(() => run(table)).code).toBe('input-columns');
    }
    expect(caught(() => anything(plain).predictOne!(record)).message).toMatch(message);
  });

  test('inherited ones do not count', () => {
    const inherited = Object.create(good) as Record<string, unknown>;
    expect(caught(() => anything(plain).predict!([inherited])).code).toBe('input-columns');
    expect(
      caught(() =>
        anything(plain).predict!([
          Object.assign(Object.create({ height: 2 }), { age: 1, weight: 3 }),
        ]),
      ).message,
    ).toMatch(/missing "height"/);
    class Person {
      age = 1;
      weight = 3;
      get height() {
        return 2;
      }
    }
    expect(caught(() => anything(plain).predict!([new Person()])).message).toMatch(
      /missing "height"/,
    );
    const extended = Object.assign(Object.create({ shoe: 4 }), good) as Record<string, unknown>;
    expect(anything(plain).predict!([extended])).toEqual(anything(plain).predict!([good]));
  });

  test('named __proto__, constructor, toString and nothing are columns like others', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const model = anything(createModel(named('linear, softmax', names)));
    const expected = model.raw!([[1, 2, 3]]);
    expect(model.raw!([JSON.parse('{"toString":3,"__proto__":1,"constructor":2}')])).toEqual(
      expected,
    );
    expect(model.raw!(JSON.parse('{"toString":[3],"__proto__":[1],"constructor":[2]}'))).toEqual(
      expected,
    );
    for (const record of [
      {},
      { __proto__: { x: 1 } },
      Object.create(null),
      { constructor: 2, toString: 3 },
    ])
      expect(caught(() => model.raw!([record])).code).toBe('input-columns');
    expect(anything(tree).raw!([JSON.parse('{"__proto__":1,"größe":2,"":3}')])).toEqual(
      anything(tree).raw!([[1, 2, 3]]),
    );
    expect(tree.featureNames).toEqual(treeNames);
  });

  test('of different lengths', () => {
    for (const run of methodsOf(plain)) {
      const error = caught(() => run({ age: [1, 2], height: [2, 3], weight: [3] }));
      expect([error.code, error.path]).toEqual(['input-shape', 'column "weight"']);
      expect(
        caught(() => run({ age: [1, 2], height: new Float32Array(3), weight: [3, 4] })).path,
      ).toBe('column "height"');
    }
  });

  test('without names in the model', () => {
    expect(caught(() => anything(unnamed).predict!([good])).code).toBe('input-columns');
    expect(caught(() => anything(unnamed).predict!({ a: [1], b: [2], c: [3] })).code).toBe(
      'input-columns',
    );
    expect(caught(() => anything(unnamed).predictOne!(good)).code).toBe('input-columns');
  });

  test('a hundred thousand of them, all renamed, are refused within seconds', () => {
    const count = 100_000;
    const model = smallModels['pipeline of select and trees']!();
    const root = structuredClone(model.root) as unknown as { steps: { features: number }[] };
    root.steps[0]!.features = count;
    const input = {
      type: 'matrix',
      features: count,
      names: Array.from({ length: count }, (_, i) => `name${i}`),
    };
    const compiled = asPredictor(createModel(validateModel({ ...model, golden: [], root, input })));
    const record = Object.fromEntries(Array.from({ length: count }, (_, i) => [`other${i}`, 1]));
    const started = performance.now();
    const error = caught(() => compiled.raw([record]));
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(error.code).toBe('input-columns');
    expect(error.message.length).toBeLessThan(1000);
  });
});

describe('no rows', () => {
  test.each(['no rows', 'no matrix', 'no columns'])('%s give no answers', (form) => {
    for (const model of [tree, plain, regressor, single, several]) {
      const cols = model.nFeatures;
      const names = model.featureNames;
      if (form === 'no columns' && names === null) continue;
      const columns = () =>
        JSON.parse(`{${names!.map((name) => `${JSON.stringify(name)}:[]`).join()}}`) as unknown;
      const input =
        form === 'no rows'
          ? []
          : form === 'no matrix'
            ? { data: new Float64Array(0), rows: 0, cols }
            : columns();
      for (const run of methodsOf(model)) {
        const result = run(input);
        const lengths = [result]
          .flat()
          .map((one) =>
            one instanceof Matrix
              ? one.rows
              : ((one as { rows?: number; length?: number } | undefined)?.rows ??
                (one as { length?: number } | undefined)?.length ??
                0),
          );
        expect(lengths.every((length) => length === 0)).toBe(true);
      }
    }
  });
});

describe('places for answers', () => {
  const X = { data: Float64Array.of(1, 2, 3, 4, 5, 6), rows: 2, cols: 3 };

  test.each([0, 1])('with room for %i of two', (length) => {
    const error = caught(() => anything(plain).predictInto!(X, new Int32Array(length)));
    expect([error.code, error.path]).toEqual(['input-shape', 'out']);
    expect(
      caught(() => anything(regressor).predictInto!(X, new Float64Array(length * 2 + 1))).code,
    ).toBe('input-shape');
    expect(
      caught(() => anything(plain).predictProbaInto!(X, new Float64Array(length * 3 + 2))).code,
    ).toBe('input-shape');
  });

  test('of a type that cannot hold the answer', () => {
    const outs = [
      undefined,
      null,
      7,
      'x',
      {},
      [],
      [0, 0, 0, 0],
      new Array(10),
      new DataView(new ArrayBuffer(80)),
      { length: 10 },
      new BigInt64Array(10),
      new Float32Array(10),
      new Int8Array(10),
    ];
    for (const out of outs) {
      expect(caught(() => anything(plain).predictInto!(X, out)).code).toBe('input-type');
      expect(caught(() => anything(plain).predictProbaInto!(X, out)).code).toBe('input-type');
      expect(caught(() => anything(regressor).predictInto!(X, out)).code).toBe('input-type');
    }
    expect(caught(() => anything(plain).predictInto!(X, new Float64Array(10))).code).toBe(
      'input-type',
    );
    expect(caught(() => anything(regressor).predictInto!(X, new Int32Array(10))).code).toBe(
      'input-type',
    );
  });

  test('too narrow for the number of classes', () => {
    const classes = 300;
    const model = validateModel({
      ...smallModels['linear, softmax']!(),
      golden: [],
      root: {
        kind: 'linear',
        features: 3,
        outputs: classes,
        nonFinite: 'refuse',
        coefficients: new Float64Array(3 * classes),
        intercepts: Float64Array.from({ length: classes }, (_, i) => (i === 299 ? 1 : 0)),
        deviation: null,
        head: {
          task: 'classifier',
          labels: [{ dtype: 'int64', values: Float64Array.from({ length: classes }, (_, i) => i) }],
          decide: 'argmax',
          probability: 'softmax',
          decisionFunction: true,
          sums: null,
          scoreOffset: null,
          decisionOffset: null,
          logProbability: null,
        },
      },
    });
    const compiled = anything(createModel(model));
    expect(caught(() => compiled.predictInto!(X, new Uint8Array(2))).code).toBe('input-type');
    for (const out of [new Uint16Array(2), new Int32Array(2)]) {
      compiled.predictInto!(X, out);
      expect(Array.from(out)).toEqual([299, 299]);
    }
  });

  test('in the memory of the rows', () => {
    const data = Float64Array.of(1, 2, 3, 4, 5, 6);
    const rows = { data, rows: 2, cols: 3 };
    expect(caught(() => anything(single).predictInto!(rows, data)).code).toBe('usage');
    expect(caught(() => anything(single).predictInto!(rows, data.subarray(4))).code).toBe('usage');
  });

  test('of classifiers, in the memory of the rows, hold the right answers', () => {
    const data = Float64Array.of(1, -2, 3, 4, 5, -6);
    const expected = anything(plain).predictProba!({
      data: data.slice(),
      rows: 2,
      cols: 3,
    }) as Matrix;
    anything(plain).predictProbaInto!({ data, rows: 2, cols: 3 }, data);
    expect(Array.from(data)).toEqual(Array.from(expected.data));
  });
});

/** Models whose rows are numbers, and that predict. */
const predictors = Object.keys(smallModels).filter((name) => {
  const description = smallModels[name]!();
  return description.input.type === 'matrix' && answers(description.root);
});

describe('the same rows in any form', () => {
  test.each(predictors)(
    '%s',
    (name) => {
      const original = smallModels[name]!();
      const features = (original.input as { features: number }).features;
      const hostile = [
        '__proto__',
        'constructor',
        '',
        'toString',
        '0',
        'length',
        'data',
        'rows',
        'cols',
      ];
      const model = anything(createModel(named(name, hostile.slice(0, features))));
      const names = hostile.slice(0, features);
      const nan = JSON.stringify(original.root).includes('"nonFinite":"refuse"')
        ? []
        : [fc.constant(Number.NaN)];
      const cell = fc.oneof(
        fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
        fc.integer({ min: -40, max: 40 }),
        fc.constantFrom(0, -0, 0.5),
        ...nan,
      );
      const row = fc.array(cell, { minLength: features, maxLength: features });
      const methods = [
        'predict',
        'raw',
        'predictProba',
        'predictLogProba',
        'decisionFunction',
        'apply',
        'decisionPath',
      ].filter((method) => method in model);
      const ordered = (record: object, order: readonly number[]) => {
        const entries = Object.entries(record);
        return Object.fromEntries(order.map((i) => entries[i]!).filter(Boolean)) as object;
      };
      fc.assert(
        fc.property(
          fc.array(row, { minLength: 1, maxLength: 9 }),
          fc.shuffledSubarray([...names.keys()], { minLength: features, maxLength: features }),
          (rows, order) => {
            const records = rows
              .map(() =>
                ordered(
                  JSON.parse(
                    `{${names.map((key, i) => `${JSON.stringify(key)}:${i}`).join()}}`,
                  ) as object,
                  order,
                ),
              )
              .map((record, r) => {
                for (const key of Object.keys(record))
                  Object.defineProperty(record, key, {
                    value: rows[r]![names.indexOf(key)],
                    enumerable: true,
                    writable: true,
                    configurable: true,
                  });
                return record;
              });
            const columns = ordered(
              JSON.parse(`{${names.map((key) => `${JSON.stringify(key)}:[]`).join()}}`) as object,
              order,
            ) as Record<string, number[]>;
            for (const values of rows)
              values.forEach((value, i) => {
                Object.getOwnPropertyDescriptor(columns, names[i]!)!.value.push(value);
              });
            const matrix = {
              data: Float64Array.from(rows.flat()),
              rows: rows.length,
              cols: features,
            };
            const forms: unknown[] = [
              rows,
              rows.map((values) => Float64Array.from(values)),
              records,
              columns,
              matrix,
            ];
            for (const method of methods) {
              const [first, ...others] = forms.map((form) => model[method]!(form));
              for (const other of others) expect(other).toEqual(first);
            }
            if (!model.predict) return;
            const all = [model.predict(rows)].flatMap((result) =>
              result instanceof Matrix
                ? result.toArray()
                : Array.from(result as ArrayLike<unknown>),
            );
            rows.forEach((values, r) => {
              for (const form of [values, Float64Array.from(values), records[r]])
                expect(model.predictOne!(form)).toEqual(all[r]);
            });
          },
        ),
        { seed: 7 + fuzzSeed, numRuns: 25 * fuzzRuns },
      );
    },
    fuzzTimeout,
  );

  test('a batch does not depend on the rows around it, nor on a refused batch before', () => {
    for (const name of predictors) {
      const description = smallModels[name]!();
      const model = anything(createModel(description));
      // A density alone has no scores.
      if (!model.raw) continue;
      const rows = probeRows(description, 21, 300);
      const whole = model.raw(rows) as Matrix;
      for (const [start, end] of [
        [0, 1],
        [5, 7],
        [100, 104],
        [0, 257],
        [299, 300],
      ] as const) {
        caught(() => model.raw!([rows[0], ['x']]));
        const part = model.raw!(rows.slice(start, end)) as Matrix;
        expect(Array.from(part.data)).toEqual(
          Array.from(whole.data.subarray(start * whole.cols, end * whole.cols)),
        );
      }
    }
  });
});

describe('anything at all', () => {
  const models = { tree, plain, unnamed, regressor, several, single };
  test.each(Object.keys(models))(
    '%s: a typed error, or an answer for each row',
    (name) => {
      const model = models[name as keyof typeof models];
      const value = fc.oneof(
        { weight: 3, arbitrary: fc.double() },
        {
          weight: 1,
          arbitrary: fc.anything({
            withBigInt: true,
            withDate: true,
            withMap: true,
            withNullPrototype: true,
            withObjectString: true,
            withSet: true,
            withSparseArray: true,
            withTypedArray: true,
          }),
        },
      );
      const key = fc.constantFrom(
        'age',
        'height',
        'weight',
        '__proto__',
        'größe',
        '',
        'data',
        'rows',
        'cols',
        'length',
      );
      const some = fc.oneof(
        value,
        fc.array(fc.array(value, { maxLength: 4 }), { maxLength: 4 }),
        fc.array(fc.dictionary(key, value), { maxLength: 3 }),
        fc.dictionary(key, fc.array(value, { maxLength: 3 })),
        fc.record({
          data: fc.oneof(
            fc.float64Array({ maxLength: 12 }),
            fc.float32Array({ maxLength: 12 }),
            value,
          ),
          rows: fc.oneof(fc.nat(4), value),
          cols: fc.oneof(fc.nat(4), value),
        }),
      );
      fc.assert(
        fc.property(some, (input) => {
          for (const run of methodsOf(model)) {
            try {
              run(input);
            } catch (error) {
              if (!(error instanceof NuthatchError)) throw error;
            }
          }
          try {
            const answer = anything(model).predictOne!(input);
            expect(answer).not.toBeUndefined();
          } catch (error) {
            if (!(error instanceof NuthatchError)) throw error;
          }
        }),
        { seed: 11 + fuzzSeed, numRuns: 250 * fuzzRuns },
      );
    },
    fuzzTimeout,
  );
});
