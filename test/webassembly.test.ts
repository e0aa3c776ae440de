import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { makeLargeForest } from '../bench/large-forest.js';
import { importModel, writeNut } from '../formats/index.js';
import { asPredictor, createModel, load, type Model, webAssembly } from '../src/index.js';
import type { Trees } from '../src/ir/index.js';
import { assembleColumns } from '../src/kernels/columns-code.js';
import { assemblePartition, type PartitionCode } from '../src/kernels/partition-code.js';
import { assembleRowsWalk, assembleRowWalk } from '../src/kernels/row-code.js';
import { takeScratches, useScratch } from '../src/kernels/shared-memory.js';
import { placeInSharedMemory } from '../src/kernels/wasm-memory.js';
import { viewThrough } from '../src/parallel/share.js';
import { expectSameBits } from './ir/bits.js';

/** That answers are the same, `test/ir` shows on every forest there; here is where WebAssembly is used, and where it cannot be. */
const demo = await importModel(
  readFileSync(fileURLToPath(new URL('../fixtures/demo/model.json', import.meta.url))),
);
const input = demo.golden.find(({ name }) => name === 'rows')!.input as { data: Float64Array };
/** More rows than go portably. */
const data = Float64Array.from({ length: 4 * 150 }, (_, i) => input.data[i % input.data.length]!);
const x = { data, rows: 150, cols: 4 };

/** The types of the project know no WebAssembly. */
const wasm = (
  globalThis as unknown as {
    readonly WebAssembly: {
      readonly Memory: new (size: object) => object;
      readonly Module: new (bytes: Uint8Array) => object;
      validate(bytes: Uint8Array): boolean;
    };
  }
).WebAssembly;

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Puts something in the place of parts of WebAssembly, which do not come with a spread. */
function stub(parts: object): void {
  vi.stubGlobal('WebAssembly', Object.create(wasm, Object.getOwnPropertyDescriptors(parts)));
}

/** Calls `before` for each memory that is made. */
function stubMemory(before: (size: { readonly initial: number }) => void): void {
  stub({
    Memory: class extends wasm.Memory {
      constructor(size: { readonly initial: number }) {
        before(size);
        super(size);
      }
    },
  });
}

function refuse(): never {
  throw new RangeError('WebAssembly.Memory(): could not allocate memory');
}

describe('code', () => {
  const choices: { readonly [K in keyof PartitionCode]: readonly PartitionCode[K][] } = {
    gaps: [false, true],
    wide: [false, true],
    input: ['f32', 'f64'],
    features: [1, 30, 100_000],
    outputs: [1, 65_536],
    featureBits: [1, 27, 28],
    leafColumns: [1, 7],
    single: [false, true],
    leaves: [null, 2 ** 20],
    vectors: [null, 2 ** 21],
    lists: [2 ** 22],
    listBytes: [2 ** 16],
    parts: [2 ** 23],
    walkers: [2 ** 24],
    shuffles: [2 ** 25],
    pair: [2 ** 26],
    shared: [false, true],
  };
  const all = Object.entries(choices).reduce<Partial<PartitionCode>[]>(
    (made, [key, values]) =>
      made.flatMap((code) => values.map((value) => ({ ...code, [key]: value }))),
    [{}],
  ) as PartitionCode[];

  test('is valid, and small enough for a browser to compile it at once', () => {
    // Narrow slots hold float32 thresholds, for inputs of that type.
    const possible = all.filter(
      ({ wide, input, leaves, vectors }) =>
        (wide || input === 'f32') && (leaves !== null || vectors === null),
    );
    expect(possible.length).toBeGreaterThan(500);
    for (const code of possible) {
      for (const assemble of [assemblePartition, assembleRowsWalk, assembleRowWalk]) {
        const bytes = assemble(code);
        if (!wasm.validate(bytes)) throw new Error(`not valid: ${JSON.stringify(code)}`);
        expect(bytes.length).toBeLessThan(8192);
      }
    }
    for (const input of ['f32', 'f64'] as const)
      for (const features of [1, 2, 3, 4, 7, 100_000])
        expect(
          wasm.validate(assembleColumns({ input, features, nonFinite: 2 ** 20, shared: true })),
        ).toBe(true);
  });
});

describe('a forest', () => {
  const expected = asPredictor(createModel(demo)).predict(x);

  test('is compiled once, after its first rows', () => {
    const made = vi.fn();
    stub({
      Module: class extends wasm.Module {
        constructor(bytes: Uint8Array) {
          super(bytes);
          made();
        }
      },
    });
    const model = asPredictor(createModel(demo, { accelerator: webAssembly }));
    model.predictOne([5, 3, 1, 0]);
    expect(made).not.toHaveBeenCalled();
    for (let i = 0; i < 3; i++) expect(model.predict(x)).toEqual(expected);
    // The split of a batch, walks of rows and of a row, and what turns rows into columns. Rows with gaps wait for the first.
    expect(made).toHaveBeenCalledTimes(4);
  });

  test('answers the same where WebAssembly is missing or forbidden', () => {
    const forbidden = vi.fn(() => {
      throw new Error('Refused to compile: a content security policy');
    });
    stub({ Module: forbidden });
    const model = asPredictor(createModel(demo, { accelerator: webAssembly }));
    for (let i = 0; i < 3; i++) expect(model.predict(x)).toEqual(expected);
    const another = asPredictor(createModel(demo, { accelerator: webAssembly }));
    for (let i = 0; i < 3; i++) expect(another.predict(x)).toEqual(expected);
    expect(forbidden).toHaveBeenCalledTimes(1);
    vi.stubGlobal('WebAssembly', undefined);
    const other = asPredictor(createModel(demo, { accelerator: webAssembly }));
    for (let i = 0; i < 3; i++) expect(other.predict(x)).toEqual(expected);
  });

  test('answers the same where there is no memory', () => {
    stubMemory(refuse);
    const model = asPredictor(createModel(demo, { accelerator: webAssembly }));
    for (let i = 0; i < 3; i++) expect(model.predict(x)).toEqual(expected);
  });

  test('of many features asks for no more memory than its rows take', () => {
    const features = 100_000;
    const wide = makeLargeForest({ trees: 9, splits: 20, features, classes: 0, seed: 5 });
    const made = vi.fn();
    stubMemory(made);
    const few = {
      data: Float32Array.from({ length: 4 * features }, Math.sin),
      rows: 4,
      cols: features,
    };
    const model = asPredictor(createModel(wide, { accelerator: webAssembly }));
    const portable = asPredictor(createModel(wide)).raw(few).data;
    for (let i = 0; i < 26; i++) expectSameBits(model.raw(few).data, portable, `call ${i}`);
    expect(made).toHaveBeenCalledTimes(1);
    // Ten rows, and room for four that would be turned.
    expect(made.mock.calls[0]![0].initial).toBeLessThan((20 * features * 4) / 2 ** 16);
  });

  test('does not ask for memory again where it was refused', () => {
    const asked = vi.fn(refuse);
    stubMemory(asked);
    for (let i = 0; i < 5; i++) {
      const model = asPredictor(createModel(demo, { accelerator: webAssembly }));
      for (let j = 0; j < 3; j++) expect(model.predict(x)).toEqual(expected);
    }
    expect(asked).toHaveBeenCalledTimes(1);
  });
});

describe('rows with gaps', () => {
  const description = makeLargeForest({ trees: 9, splits: 50, features: 3, classes: 2, seed: 4 });
  const full = Float64Array.from({ length: 3 * 600 }, (_, i) => Math.sin(i) / 2 + 0.5);
  const rows = { data: full, rows: 600, cols: 3 };
  const withGap = { ...rows, data: full.with(3 * 300, Number.NaN) };
  const portable = asPredictor(createModel(description));

  test('answer the same where their walks are forbidden by then', () => {
    const allowed = vi.fn();
    stub({
      Module: class extends wasm.Module {
        constructor(bytes: Uint8Array) {
          allowed();
          super(bytes);
        }
      },
    });
    const model = asPredictor(createModel(description, { accelerator: webAssembly }));
    expect(model.raw(rows).data).toEqual(portable.raw(rows).data);
    expect(allowed).toHaveBeenCalledTimes(4);
    allowed.mockImplementation(() => {
      throw new Error('Refused to compile: a content security policy');
    });
    for (let i = 0; i < 2; i++) {
      expect(model.raw(withGap).data).toEqual(portable.raw(withGap).data);
      expect(model.raw(rows).data).toEqual(portable.raw(rows).data);
    }
    expect(allowed).toHaveBeenCalledTimes(5);
  });
});

describe('a large file', () => {
  const file = writeNut(
    makeLargeForest({ trees: 20, splits: 5000, features: 9, classes: 0, seed: 3 }),
  );
  const data = Float32Array.from({ length: 9 * 150 }, (_, i) => Math.sin(i) / 2 + 0.5);
  const rows = { data, rows: 150, cols: 9 };
  const expected = asPredictor(load(file)).raw(rows).data;
  const nodesOf = (model: Model) => (model.description.root as Trees).nodes;

  test('is walked where it lies', () => {
    expect(file.length).toBeGreaterThan(2 ** 20);
    const made = vi.fn();
    stubMemory(made);
    const model = asPredictor(load(file, { accelerator: webAssembly }));
    expect(nodesOf(model).buffer.byteLength).toBeGreaterThan(file.length);
    expect(nodesOf(model).buffer).not.toBe(file.buffer);
    for (let i = 0; i < 2; i++) expect(model.raw(rows).data).toEqual(expected);
    expect(made).toHaveBeenCalledTimes(1);
    // Another model of the same data shares the memory while there is room, and copies then.
    for (let i = 0; i < 50; i++) {
      const other = createModel(model.description, { accelerator: webAssembly });
      expect(asPredictor(other).raw(rows).data).toEqual(expected);
    }
    expect(made.mock.calls.length).toBeGreaterThan(1);
    expect(made.mock.calls.length).toBeLessThan(50);
    expect(model.raw(rows).data).toEqual(expected);
  });

  test.each([
    { features: 300, classes: 0 },
    { features: 100, classes: 100 },
  ])('is walked where it lies, of $features features and $classes classes', (size) => {
    const wide = writeNut(makeLargeForest({ trees: 20, splits: 5000, seed: 3, ...size }));
    const cols = size.features;
    const many = { data: Float32Array.from({ length: 4097 * cols }, Math.sin), rows: 4097, cols };
    const made = vi.fn();
    stubMemory(made);
    const model = asPredictor(load(wide, { accelerator: webAssembly }));
    const portable = asPredictor(load(wide));
    expectSameBits(model.raw(many).data, portable.raw(many).data, 'scores');
    const gaps = { ...many, data: many.data.map((value, i) => (i % 97 === 0 ? NaN : value)) };
    expectSameBits(model.raw(gaps).data, portable.raw(gaps).data, 'scores, with gaps');
    const few = { data: gaps.data.subarray(0, 13 * cols), rows: 13, cols };
    expectSameBits(model.raw(few).data, portable.raw(few).data, 'scores of a few rows');
    expect(made).toHaveBeenCalledTimes(1);
  });

  test('is walked where it lies in memory that threads share, by one as by another', () => {
    const made = vi.fn();
    stubMemory(made);
    const shared = { ...webAssembly, place: placeInSharedMemory };
    const model = asPredictor(load(file, { accelerator: shared }));
    const { buffer } = nodesOf(model);
    expect(buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(buffer.byteLength).toBeGreaterThan(file.length);
    expect(model.raw(rows).data).toEqual(expected);
    const [first, second] = takeScratches(buffer, 2).map((scratch) => {
      const seen = viewThrough(model.description, useScratch(scratch));
      return asPredictor(createModel(seen, { accelerator: webAssembly }));
    });
    for (const thread of [first!, second!, model, first!])
      expect(thread.raw(rows).data).toEqual(expected);
    expect(made).toHaveBeenCalledTimes(1);
  });

  test('is placed in memory of its own where none can be shared', () => {
    vi.stubGlobal('SharedArrayBuffer', undefined);
    const accelerator = { ...webAssembly, place: placeInSharedMemory };
    const model = asPredictor(load(file, { accelerator }));
    expect(nodesOf(model).buffer).toBeInstanceOf(ArrayBuffer);
    expect(nodesOf(model).buffer).not.toBe(file.buffer);
    expect(model.raw(rows).data).toEqual(expected);
  });

  test('in shared memory loads as any other', () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(file.length));
    bytes.set(file);
    for (const accelerator of [null, webAssembly])
      expect(asPredictor(load(bytes, { accelerator })).raw(rows).data).toEqual(expected);
  });

  test('is not copied before it is known to be a file of ours, within the limits', () => {
    const place = vi.fn((bytes: Uint8Array) => bytes);
    const accelerator = { ...webAssembly, place };
    const limits = { fileBytes: file.length - 1 };
    expect(() => load(file, { accelerator, limits })).toThrow('the limit is');
    const other = new Uint8Array(file.length).fill(0x7b);
    expect(() => load(other, { accelerator })).toThrow('not a .nut file');
    expect(place).not.toHaveBeenCalled();
    load(file, { accelerator });
    expect(place).toHaveBeenCalledTimes(1);
  });

  test('is used as it is where there is no memory', () => {
    stubMemory(refuse);
    const model = asPredictor(load(file, { accelerator: webAssembly }));
    expect(nodesOf(model).buffer).toBe(file.buffer);
    expect(model.raw(rows).data).toEqual(expected);
  });
});
