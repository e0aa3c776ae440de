import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { allKinds, createCompiler } from '../src/compile/compile.js';
import type { Scorer } from '../src/compile/scorer.js';
import type { Transformer } from '../src/compile/transformer.js';
import { asPredictor, load, type ModelOptions, webAssembly } from '../src/index.js';
import type { Numbers, Value } from '../src/input/dense.js';
import type { Node } from '../src/ir/index.js';
import { multiply, multiplySparse } from '../src/kernels/multiply.js';
import { assembleProducts, vectorNames } from '../src/kernels/products-code.js';
import { assembleSparseProducts } from '../src/kernels/sparse-products-code.js';
import { Random } from './hostile/random.js';
import { pipeline } from './hostile/transformers.js';
import { expectSameBits } from './ir/bits.js';

/** That every way to multiply gives the same bits, and where WebAssembly is used for it. */

type Floats = typeof Float64Array | typeof Float32Array;

/** The types of the project know no WebAssembly. */
const wasm = (
  globalThis as unknown as {
    readonly WebAssembly: {
      readonly Module: new (bytes: Uint8Array) => object;
      validate(bytes: Uint8Array): boolean;
    };
  }
).WebAssembly;

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Numbers of all sorts: most of one size, some huge, tiny, subnormal or zero. */
function drawNumber(random: Random): number {
  const sign = random.below(2) === 0 ? 1 : -1;
  switch (random.below(12)) {
    case 0:
      return sign * 0;
    case 1:
      return sign * random.next() * 1e-310;
    case 2:
      return sign * 2 ** -149;
    case 3:
      return sign * random.next() * 1e30;
    default:
      return sign * random.next();
  }
}

const drawNumbers = (random: Random, type: Floats, length: number) =>
  type.from(Array.from({ length }, () => drawNumber(random)));

/** Four partial sums, added pairwise: what products are defined as. */
function dot(a: Numbers, b: Numbers): number {
  const sums = [0, 0, 0, 0];
  const fours = a.length - (a.length % 4);
  for (let i = 0; i < a.length; i++) sums[i < fours ? i % 4 : 0]! += a[i]! * b[i]!;
  return sums[0]! + sums[1]! + (sums[2]! + sums[3]!);
}

interface Drawn {
  readonly random: Random;
  readonly features: number;
  readonly outputs: number;
  readonly rows: number;
  readonly inputType: Floats;
  readonly type: Floats;
}

/** Tries a property of products on many sizes and types. */
function check(numRuns: number, property: (drawn: Drawn) => void): void {
  const types = fc.constantFrom<Floats[]>(Float64Array, Float32Array);
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 1, max: 130 }),
      fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 100 })),
      fc.integer({ min: 1, max: 70 }),
      types,
      types,
      (seed, features, outputs, rows, inputType, type) =>
        property({ random: new Random(seed), features, outputs, rows, inputType, type }),
    ),
    { seed: 61, numRuns },
  );
}

function describeLinear({ random, features, outputs, type }: Drawn, nonFinite = 'any') {
  return {
    kind: 'linear',
    features,
    outputs,
    nonFinite,
    coefficients: drawNumbers(random, type, features * outputs),
    intercepts: drawNumbers(random, type, outputs),
    deviation: null,
    head: { task: 'regressor', targets: outputs, flat: false, link: 'identity' },
  };
}

const scorerOf = (
  node: object,
  features: number,
  accelerated: boolean,
  kind: 'dense' | 'sparse' = 'dense',
) =>
  createCompiler(allKinds(), accelerated ? webAssembly : null)(
    node as Node,
    { kind, columns: features },
    null,
  ) as Scorer;

/** So many rows that WebAssembly is used from then on. */
function warm(
  score: (x: Value, out: Float64Array) => boolean,
  cols: number,
  outputs: number,
): void {
  const rows = 4 + Math.ceil(2 ** 19 / (cols * outputs + 64));
  const x = { data: new Float64Array(rows * cols), rows, cols, names: null };
  try {
    score(x, new Float64Array(rows * outputs));
  } catch {
    // What the model refuses counts as well.
  }
}

/** Fails unless a part scores rows the same with and without WebAssembly, together and one by one. */
function expectSameScores(node: object, data: Numbers, { features, outputs, rows }: Drawn): void {
  const x: Value = { data, rows, cols: features, names: null };
  const expected = new Float64Array(rows * outputs);
  const single = scorerOf(node, features, false).score(x, expected);
  const { score } = scorerOf(node, features, true);
  warm(score, features, outputs);
  const found = new Float64Array(rows * outputs);
  expect(score(x, found)).toBe(single);
  expectSameBits(found, expected, 'together');
  for (let row = 0; row < rows; row++) {
    const one = data.subarray(row * features, (row + 1) * features);
    score({ data: one, rows: 1, cols: features, names: null }, found.subarray(row * outputs));
  }
  expectSameBits(found, expected, 'one by one');
}

describe('products', () => {
  test('are sums of four', () => {
    check(300, ({ random, features, outputs, rows, inputType, type }) => {
      const a = drawNumbers(random, inputType, rows * features);
      const b = drawNumbers(random, type, outputs * features);
      const row = (of: Numbers, i: number) => of.subarray(i * features, (i + 1) * features);
      const found = new Float64Array(rows * outputs);
      multiply(a, rows, features, b, outputs, found);
      const expected = found.map((_, i) =>
        dot(row(a, Math.floor(i / outputs)), row(b, i % outputs)),
      );
      expectSameBits(found, expected, 'products');
    });
  });

  test('are the same in WebAssembly', () => {
    check(100, (drawn) => {
      const data = drawNumbers(drawn.random, drawn.inputType, drawn.rows * drawn.features);
      expectSameScores(describeLinear(drawn), data, drawn);
    });
  });

  test('without a head are the scores of one with it, as a dense value of their type', () => {
    check(60, (drawn) => {
      const { random, features, outputs, rows, inputType, type } = drawn;
      const node = describeLinear(drawn);
      const data = drawNumbers(random, inputType, rows * features);
      const x: Value = { data, rows, cols: features, names: null };
      const expected = new Float64Array(rows * outputs);
      scorerOf(node, features, false).score(x, expected);
      const floats = inputType === Float32Array && type === Float32Array ? type : Float64Array;
      for (const accelerated of [false, true]) {
        const projection = scorerOf({ ...node, head: null }, features, accelerated);
        const { transform } = projection as unknown as Transformer;
        warm((many) => transform(many) === null, features, outputs);
        const found = transform(x);
        expect(found.data).toBeInstanceOf(floats);
        expect(found).toMatchObject({ rows, cols: outputs });
        expectSameBits(
          Float64Array.from(found.data.subarray(0, rows * outputs)),
          expected,
          'cells',
        );
      }
    });
  });

  test('are the same of cells that are not finite, where a model takes them', () => {
    check(50, (drawn) => {
      const { random, inputType, rows, features } = drawn;
      const data = drawNumbers(random, inputType, rows * features);
      for (let i = 0; i < 3; i++)
        data[random.below(data.length)] = random.pick([Number.NaN, Infinity, -Infinity]);
      expectSameScores(describeLinear(drawn), data, drawn);
    });
  });

  test('are the same of more rows than a block holds', () => {
    const drawn = {
      ...{ random: new Random(5), features: 31, outputs: 7, rows: 1000 },
      ...{ inputType: Float32Array, type: Float64Array },
    };
    expectSameScores(describeLinear(drawn), drawNumbers(drawn.random, Float32Array, 31_000), drawn);
  });

  /** Compressed rows, of which some are empty. */
  function drawSparse({ random, features, rows, inputType }: Drawn): Value {
    const lists = Array.from({ length: rows }, () => random.sample(features, random.below(9)));
    const indptr = new Int32Array(rows + 1);
    lists.forEach((list, i) => {
      indptr[i + 1] = indptr[i]! + list.length;
    });
    const data = drawNumbers(random, inputType, indptr[rows]!);
    const indices = Int32Array.from(lists.flat());
    return { data, rows, cols: features, names: null, indptr, indices };
  }

  test('of compressed rows are sums of one after another, each rounded if they are float32', () => {
    check(200, (drawn) => {
      const { random, features, outputs, rows, inputType, type } = drawn;
      const b = drawNumbers(random, type, outputs * features);
      const { data: a, indptr, indices } = drawSparse(drawn);
      const single = inputType === Float32Array && type === Float32Array;
      const round = single ? Math.fround : Number;
      const found = new Float64Array(rows * outputs);
      multiplySparse(a, indices!, indptr!, rows, features, b, outputs, single, found);
      const expected = found.map((_, i) => {
        const row = Math.floor(i / outputs);
        let sum = 0;
        for (let k = indptr![row]!; k < indptr![row + 1]!; k++)
          sum = round(sum + round(a[k]! * b[(i % outputs) * features + indices![k]!]!));
        return sum;
      });
      expectSameBits(found, expected, 'products');
    });
  });

  test('of compressed rows are the same in WebAssembly', () => {
    check(100, (drawn) => {
      const { features, outputs, random } = drawn;
      const rows = random.pick([drawn.rows, 900]);
      const node = describeLinear(drawn);
      const x = drawSparse({ ...drawn, rows });
      if (random.below(4) === 0) x.data[random.below(x.data.length)] = Number.NaN;
      const [portable, faster] = [false, true].map((accelerated) =>
        scorerOf(node, features, accelerated),
      );
      const expected = new Float64Array(rows * outputs);
      const single = portable!.score(x, expected);
      warm(faster!.score, features, outputs);
      const found = new Float64Array(rows * outputs);
      expect(faster!.score(x, found)).toBe(single);
      expectSameBits(found, expected, 'together');
    });
  });
});

test('products of compressed rows are the same where deviations are known', () => {
  const [features, rows] = [9, 9000];
  const random = new Random(9);
  const drawn = { random, features, outputs: 1, rows };
  const type = Float64Array;
  const deviation = {
    ...{ offsets: null, scales: null },
    ...{ covariance: new Float64Array(features * features), noise: Float64Array.of(1) },
  };
  const linear = describeLinear({ ...drawn, type, inputType: type });
  const node = { ...linear, deviation };
  const cells = Array.from({ length: rows }, () => [0, 1, 2, 3, 5, 8]).flat();
  const x: Value = {
    data: drawNumbers(random, Float64Array, cells.length),
    ...{ rows, cols: features, names: null },
    indptr: Int32Array.from({ length: rows + 1 }, (_, i) => i * 6),
    indices: Int32Array.from(cells),
  };
  const expected = new Float64Array(rows);
  scorerOf(linear, features, false, 'sparse').score(x, expected);
  const found = new Float64Array(rows);
  for (const accelerated of [false, true]) {
    const { score, deviations } = scorerOf(node, features, accelerated, 'sparse');
    for (let i = 0; i < 2; i++) {
      score(x, found);
      expectSameBits(found, expected, `call ${i}`);
    }
    deviations!.write(x, found);
    expectSameBits(found, new Float64Array(rows).fill(1), 'deviations');
  }
});

describe('arithmetic before products', () => {
  const drawOperation = (drawn: Drawn, operation: string) => ({
    operation,
    rounded: drawn.random.below(2) === 0,
    operands: drawNumbers(drawn.random, Float64Array, drawn.features),
  });
  const elementwise = (drawn: Drawn, nonFinite: string, ...operations: string[]) => ({
    kind: 'elementwise',
    features: drawn.features,
    nonFinite,
    type: drawn.random.pick([null, null, 'float64', 'float32']),
    operations: operations.map((name) => drawOperation(drawn, name)),
  });

  test('gives the same scores in WebAssembly', () => {
    check(80, (drawn) => {
      const { random, inputType, rows, features } = drawn;
      const data = drawNumbers(random, inputType, rows * features);
      for (let i = 0; i < data.length; i += 1 + random.below(20)) data[i] = Number.NaN;
      const names = Array.from({ length: random.below(4) }, () => random.pick(vectorNames));
      const steps = [
        elementwise(drawn, 'nan', 'fill'),
        elementwise(drawn, 'any', ...names),
        elementwise(drawn, 'any', 'subtract', 'divide'),
      ];
      const root = pipeline(...steps.slice(random.below(3)), describeLinear(drawn));
      expectSameScores(root, data, drawn);
    });
  });

  test('fills no gap that arithmetic has made of an infinite cell', () => {
    const arithmetic = (operation: string, operand: number) => ({
      operation,
      rounded: false,
      operands: Float64Array.of(operand, operand),
    });
    const operations = [arithmetic('multiply', 0), arithmetic('fill', 1)];
    const drawn = { random: new Random(3), features: 2, outputs: 1, type: Float64Array };
    const root = pipeline(
      { kind: 'elementwise', features: 2, nonFinite: 'nan', type: null, operations },
      describeLinear({ ...drawn, rows: 1, inputType: Float64Array }),
    );
    for (const accelerated of [false, true]) {
      const { score } = scorerOf(root, 2, accelerated);
      warm(score, 2, 1);
      const data = Float64Array.of(1, Number.POSITIVE_INFINITY);
      const x = { data, rows: 1, cols: 2, names: null };
      expect(() => score(x, new Float64Array(1))).toThrow('does not take Infinity');
    }
  });

  const policies = ['refuse', 'nan', 'any'];
  const chains = [['fill'], ['subtract', 'fill'], ['maximum'], ['void', 'fill'], ['multiply']];
  test.each(policies.flatMap((before) => policies.map((last) => [before, last])))(
    'refuses what it refuses portably: cells %s, products %s',
    (before, last) => {
      const drawn = {
        ...{ random: new Random(8), features: 3, outputs: 2, rows: 40 },
        ...{ inputType: Float64Array, type: Float64Array },
      };
      for (const chain of chains) {
        for (const after of [[], ['divide'], ['fill']]) {
          const root = pipeline(
            elementwise(drawn, before, ...chain),
            elementwise(drawn, before, ...after),
            describeLinear(drawn, last),
          );
          const scorers = [false, true].map((accelerated) => scorerOf(root, 3, accelerated));
          warm(scorers[1]!.score, 3, 2);
          for (const cell of [Number.NaN, Infinity, 1e308]) {
            const data = drawNumbers(drawn.random, Float64Array, 120);
            data[100] = cell;
            const answers = scorers.map(({ score }) => {
              const out = new Float64Array(80);
              try {
                score({ data, rows: 40, cols: 3, names: null }, out);
                return out;
              } catch (error) {
                return String(error);
              }
            });
            expect(answers[1], `${chain}, ${after}, ${cell}`).toEqual(answers[0]);
          }
        }
      }
    },
  );
});

describe('a linear model', () => {
  const read = (name: string) =>
    readFileSync(fileURLToPath(new URL(`../bench/models/pipeline/${name}`, import.meta.url)));
  const file = new Uint8Array(read('model.nut'));
  const singles = new Float32Array(new Uint8Array(read('rows.f32')).buffer);
  const cols = 30;
  const rows = singles.length / cols;
  const open = (options: ModelOptions) => asPredictor(load(file, options));
  const single = { data: singles, rows, cols };
  const double = { data: Float64Array.from(singles), rows, cols };
  const expected = open({}).raw(double).data;
  const expectedSingles = open({}).raw(single).data;
  /** More rows than go portably. */
  const calls = 10;

  /** Counts the modules that are made. */
  function countModules(overrides: object = {}) {
    const made = vi.fn();
    const parts = {
      Module: class extends wasm.Module {
        constructor(bytes: Uint8Array) {
          super(bytes);
          made();
        }
      },
      ...overrides,
    };
    vi.stubGlobal('WebAssembly', Object.create(wasm, Object.getOwnPropertyDescriptors(parts)));
    return made;
  }

  test('is compiled once for each type of rows, after its first rows', () => {
    const made = countModules();
    const model = open({ accelerator: webAssembly });
    model.predictOne(Array.from(singles.subarray(0, cols)));
    expect(made).not.toHaveBeenCalled();
    for (let i = 0; i < calls; i++) expectSameBits(model.raw(double).data, expected, 'float64');
    expect(made).toHaveBeenCalledTimes(1);
    for (let i = 0; i < 2; i++) expectSameBits(model.raw(single).data, expectedSingles, 'float32');
    expect(made).toHaveBeenCalledTimes(2);
  });

  test('answers the same where WebAssembly, vectors or memory are missing', () => {
    const expectSame = (what: string) => {
      const model = open({ accelerator: webAssembly });
      for (let i = 0; i < calls; i++) expectSameBits(model.raw(double).data, expected, what);
    };
    const made = countModules({ validate: () => false });
    expectSame('no vectors');
    expect(made).not.toHaveBeenCalled();
    const refused = vi.fn(function refuse() {
      throw new Error('refused');
    });
    for (const part of ['Memory', 'Module']) {
      countModules({ [part]: refused });
      expectSame(`no ${part}`);
      expect(refused).toHaveBeenCalled();
      refused.mockClear();
    }
    vi.stubGlobal('WebAssembly', undefined);
    expectSame('nothing');
  });
});

test('code is valid, and small enough for a browser to compile it at once', () => {
  const operation = (name: (typeof vectorNames)[number]) => [
    { operation: name, operands: 2 ** 31, single: true },
    { operation: name, operands: 2 ** 20, single: false },
  ];
  for (const features of [1, 2, 3, 64, 100_001]) {
    for (const outputs of [1, 2, 3, 4, 65_536]) {
      for (const operations of [[], vectorNames.flatMap(operation)]) {
        const bytes = assembleProducts({
          ...{ features, outputs, operations, singleProduct: true, singleSum: true },
          ...{ inputs: 0, cells: 2 ** 20, coefficients: 2 ** 31, intercepts: 2 ** 30, scores: 64 },
        });
        expect(wasm.validate(bytes)).toBe(true);
        expect(bytes.length).toBeLessThan(4096);
      }
      for (const single of [false, true]) {
        const bytes = assembleSparseProducts({
          ...{ outputs, singleProduct: single, singleSum: single, indptr: 0, indices: 2 ** 20 },
          ...{ inputs: 2 ** 30, coefficients: 2 ** 31, intercepts: 2 ** 30, scores: 64 },
        });
        expect(wasm.validate(bytes)).toBe(true);
        expect(bytes.length).toBeLessThan(4096);
      }
    }
  }
});
