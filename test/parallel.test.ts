import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeLargeForest } from '../bench/large-forest.js';
import { importModel, writeNut } from '../formats/index.js';
import {
  asClassifier,
  asPredictor,
  type Classifier,
  createModel,
  type Input,
  load,
  type Model,
  type NuthatchError,
  type Parallel,
  type RunnableModel,
  type Threads,
  webAssembly,
  webWorkers,
} from '../src/index.js';
import { type GoldenSet, goldenRow, inputNames, type Trees } from '../src/ir/index.js';
import { returnScratches, takeScratches } from '../src/kernels/shared-memory.js';
import { placeInSharedMemory } from '../src/kernels/wasm-memory.js';
import { type Host, leastRows, startParallel } from '../src/parallel/parallel.js';
import { serve, type ThreadPort } from '../src/parallel/serve.js';
import { memoryOf, shareModel } from '../src/parallel/share.js';
import { createTurn, takeShares, writeTurn } from '../src/parallel/turn.js';
import { fuzzRuns, fuzzSeed, Random } from './hostile/random.js';
import { expectSameBits } from './ir/bits.js';

/** Real threads need a built file, as in a package: `npm test` builds first. */
const project = fileURLToPath(new URL('..', import.meta.url));
const built = new URL('../dist/src/node-worker.js', import.meta.url);

/** Threads of this process, each a worker thread of Node. */
const threads: Host = startedWith(() => new Worker(built));

function startedWith(start: () => Worker): Host {
  return {
    cores: 2,
    startWorker({ reply, ended }) {
      const worker = start();
      worker.on('message', reply);
      worker.on('error', () => {});
      worker.on('exit', (code) => ended(`exit code ${code}`));
      return {
        post: (message) => worker.postMessage(message),
        hold: (alive) => (alive ? worker.ref() : worker.unref()),
        end: async () => void (await worker.terminate()),
      };
    },
  };
}

/** What threads run, in this thread, with all messages as they would be sent: starts at once. */
const sameThread: Host = {
  cores: 2,
  startWorker({ reply }) {
    const { port1, port2 } = new MessageChannel();
    serve(port1 as unknown as ThreadPort);
    port2.on('message', reply);
    return {
      post: (message) => port2.postMessage(message),
      hold: () => {},
      end: async () => port2.close(),
    };
  },
};

const accelerator = (host: Host): typeof webAssembly & Threads => ({
  ...webAssembly,
  place: placeInSharedMemory,
  parallel: (model, options = {}) => startParallel(model, options, host),
});

const open = (description: RunnableModel, host: Host): Model =>
  createModel(description, { accelerator: accelerator(host) });

const read = (path: string) => importModel(readFileSync(`${project}fixtures/${path}/model.json`));

/** Golden rows again and again, up to so many. */
function repeatRows({ input }: GoldenSet, names: readonly string[] | null, rows: number): Input {
  const cols = input.columns;
  if (input.type === 'matrix') {
    const size = input.data.length;
    const Numbers = input.data.constructor as Float64ArrayConstructor;
    const data = Numbers.from({ length: rows * cols }, (_, i) => input.data[i % size]!);
    return { data, rows, cols };
  }
  return Array.from({ length: rows }, (_, row) =>
    goldenRow(input, names, row % input.rows),
  ) as Input;
}

/** An answer with its classes, and its numbers as bytes: what is equal here is equal to the bit. */
function bitsOf(answer: unknown): unknown {
  if (ArrayBuffer.isView(answer)) {
    const { buffer, byteOffset, byteLength } = answer;
    return [answer.constructor.name, Buffer.from(buffer, byteOffset, byteLength).toString('hex')];
  }
  if (Array.isArray(answer)) return answer.map(bitsOf);
  if (typeof answer !== 'object' || answer === null) return answer;
  const fields = Object.entries(answer).map(([key, value]) => [key, bitsOf(value)]);
  return [answer.constructor.name, fields];
}

type AnyMethod = (X: Input, out?: unknown) => unknown;
const methodOf = (model: object, name: string) => (model as Record<string, AnyMethod>)[name]!;
const namesOf = (model: object) =>
  Object.entries(model).flatMap(([name, value]) =>
    typeof value === 'function' && !/Into$|^(predictOne|parallel|close)$/.test(name) ? [name] : [],
  );

/** Every method of the model gives the same in threads; returns their names. */
async function compareAll(model: Model, many: Parallel<Model>, X: Input): Promise<string[]> {
  const names = namesOf(model);
  expect(namesOf(many)).toEqual(names);
  // All at once: they wait for each other.
  const answers = names.map((name) => methodOf(many, name)(X));
  for (const [i, name] of names.entries()) {
    const found = bitsOf(await answers[i]);
    expect(found, name).toEqual(bitsOf(methodOf(model, name)(X)));
  }
  return names;
}

async function refusalOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    const { name, code, path, message, problems } = error as NuthatchError;
    return { name, code, path, message, problems };
  }
  return 'nothing was thrown';
}

/** The methods refuse the same in threads, in the same words. */
async function expectSameRefusal(model: Model, many: Parallel<Model>, X: Input): Promise<unknown> {
  const [name] = namesOf(model);
  const expected = await refusalOf(() => methodOf(model, name!)(X));
  expect(expected).toMatchObject({ name: 'NuthatchError' });
  expect(await refusalOf(() => methodOf(many, name!)(X))).toEqual(expected);
  return expected;
}

describe('every fixture', () => {
  const folder = `${project}fixtures/`;
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /^(demo|pipelines|models.sklearn-1\.9)\b.*model\.json$/.test(path))
    .map((path) => path.replace(/.model\.json$/, ''));
  const seen = new Set<string>();

  test.each(paths)('%s answers the same in parts', async (path) => {
    const description = await read(path);
    const model = open(description, sameThread);
    const many = await model.parallel({ threads: 3 });
    const set = description.golden.find(({ name }) => name === 'rows')!;
    // Fewer are answered in the calling thread.
    const rows = repeatRows(set, inputNames(description.input), 2 * leastRows + 1);
    for (const name of await compareAll(model, many, rows)) seen.add(name);
    await many.close();
  });

  test('and they have every method', () => {
    expect([...seen].sort()).toEqual(
      [
        ...['apply', 'decisionFunction', 'decisionPath', 'predict', 'predictLogProba'],
        ...[
          'predictJointLogProba',
          'predictProba',
          'predictStd',
          'raw',
          'scoreSamples',
          'transform',
        ],
      ].sort(),
    );
  });
});

describe('worker threads', () => {
  let demo: RunnableModel;
  let model: Classifier;
  let pools: Record<number, Parallel<Classifier>>;
  beforeAll(async () => {
    demo = await read('demo');
    model = asClassifier(open(demo, threads));
    const [one, three] = await Promise.all(
      [1, 3].map((count) => model.parallel({ threads: count })),
    );
    pools = { 1: one!, 3: three! };
  });
  afterAll(() => Promise.all(Object.values(pools).map((many) => many.close())));

  const rowsOf = (rows: number, seed = 1): Float64Array => {
    const random = new Random(seed);
    return Float64Array.from({ length: rows * 4 }, () => 8 * random.next());
  };

  test.each([0, 1, 2, 2047, 2048, 2049, 12_001])('answer batches of %d rows', async (rows) => {
    const data = rowsOf(rows);
    for (const many of Object.values(pools)) await compareAll(model, many, { data, rows, cols: 4 });
  });

  test('answer calls that overlap, of any size and form', async () => {
    const names = demo.input.type === 'matrix' ? demo.input.names! : [];
    const calls = fc.record({
      rows: fc.integer({ min: 0, max: 3000 }),
      form: fc.constantFrom('matrix', 'float32', 'rows', 'records', 'columns'),
      method: fc.constantFrom('predict', 'predictProba', 'raw', 'apply'),
      seed: fc.integer({ min: 0, max: 999 }),
    });
    const toInput = ({ rows, form, seed }: { rows: number; form: string; seed: number }): Input => {
      const data = rowsOf(rows, seed);
      if (form === 'matrix') return { data, rows, cols: 4 };
      if (form === 'float32') return { data: Float32Array.from(data), rows, cols: 4 };
      const list = Array.from({ length: rows }, (_, i) => data.slice(i * 4, i * 4 + 4));
      if (form === 'rows') return list;
      const record = (values: ArrayLike<unknown>) =>
        Object.fromEntries(names.map((name, i) => [name, values[i]]));
      if (form === 'records') return list.map(record);
      return record(names.map((_, i) => list.map((row) => row[i]!))) as Input;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(calls, { minLength: 1, maxLength: 5 }), async (several) => {
        const inputs = several.map(toInput);
        const answers = several.map(({ method }, i) => methodOf(pools[3]!, method)(inputs[i]!));
        for (const [i, { method }] of several.entries())
          expect(bitsOf(await answers[i])).toEqual(bitsOf(methodOf(model, method)(inputs[i]!)));
      }),
      { seed: 7 + fuzzSeed, numRuns: 8 * fuzzRuns },
    );
  });

  test('keep what a caller changes after the call from its answer', async () => {
    const data = rowsOf(5000);
    const X = { data, rows: 5000, cols: 4 };
    const expected = model.predict(X);
    const answer = pools[3]!.predict(X);
    data.fill(0);
    expect(await answer).toEqual(expected);
  });

  // The fewer are answered in the calling thread, the more in several parts.
  test.each([2000, 30_001])(
    'write %d rows to memory of the caller’s, which is checked as without threads',
    async (rows) => {
      const X = { data: rowsOf(rows), rows, cols: 4 };
      const many = pools[3]!;
      for (const Indices of [Int32Array, Uint16Array, Uint8Array]) {
        const [expected, found] = [new Indices(rows + 1).fill(9), new Indices(rows + 1).fill(9)];
        model.predictInto(X, expected);
        await many.predictInto(X, found);
        expect(bitsOf(found)).toEqual(bitsOf(expected));
      }
      const [expected, found] = [new Float64Array(3 * rows), new Float64Array(3 * rows)];
      model.predictProbaInto!(X, expected);
      await many.predictProbaInto!(X, found);
      expect(bitsOf(found)).toEqual(bitsOf(expected));
      for (const out of [new Float64Array(rows), new Int32Array(rows - 1), null]) {
        const into = (owner: object) => () => methodOf(owner, 'predictInto')(X, out);
        expect(await refusalOf(into(many))).toEqual(await refusalOf(into(model)));
      }
      const short = new Float64Array(3 * rows - 1);
      const into = (owner: object) => () => methodOf(owner, 'predictProbaInto')(X, short);
      expect(await refusalOf(into(many))).toEqual(await refusalOf(into(model)));
    },
  );

  test('are of a model that says what it is, and answer one row', async () => {
    const many = pools[3]!;
    expect(many.threads).toBe(3);
    const { classes, methods, nFeatures, featureNames, task } = many;
    expect({ classes, methods, nFeatures, featureNames, task }).toEqual({
      ...{ classes: model.classes, methods: model.methods, nFeatures: 4, task: 'classifier' },
      featureNames: model.featureNames,
    });
    expect(await many.predictOne([5.1, 3.5, 1.4, 0.2])).toBe(
      model.predictOne([5.1, 3.5, 1.4, 0.2]),
    );
  });

  test('name the first bad row, however deep it lies', async () => {
    const data = rowsOf(10_000);
    data[9_999 * 4 + 2] = Number.POSITIVE_INFINITY;
    data[7_000 * 4 + 1] = Number.POSITIVE_INFINITY;
    const X = { data, rows: 10_000, cols: 4 };
    const refusal = await expectSameRefusal(model, pools[3]!, X);
    expect(refusal).toMatchObject({ code: 'input-not-finite', path: /^row 7000, column / });
    // They live on.
    await compareAll(model, pools[3]!, { data: rowsOf(3000), rows: 3000, cols: 4 });
  });

  test('refuse input of the wrong form as the model does', async () => {
    const rows = Array.from({ length: 3000 }, (): unknown[] => [1, 2, 3, 4]);
    const wrong: unknown[] = [
      rows.with(2000, [1, 2, 'three', 4]),
      rows.with(2000, [1, 2, 3]),
      rows.with(2000, { a: 1 } as never),
      { data: new Float64Array(3000), rows: 1000, cols: 3 },
      { data: new Float64Array(3000), rows: 1000, cols: 4 },
      { data: new Float64Array(0), rows: 1e9, cols: 4 },
      { data: new Float64Array(0), rows: Number.NaN, cols: 4 },
      { a: new Array(1000).fill(1) },
      ...[null, undefined, 7, 'rows', {}, new Map()],
    ];
    for (const X of wrong) await expectSameRefusal(model, pools[3]!, X as Input);
  });

  test('refuse what a pipeline’s first step refuses before what its second does', async () => {
    const description = await read('models/sklearn-1.9/pipeline-mixed');
    const pipeline = open(description, threads);
    const many = await pipeline.parallel({ threads: 2 });
    const set = description.golden.find(({ name }) => name === 'rows')!;
    const records = repeatRows(set, inputNames(description.input), 1000) as object[];
    await compareAll(pipeline, many, records as Input);
    const { input } = description;
    if (input.type !== 'columns') throw new Error('expected columns');
    const numbers = input.columns.filter(({ type }) => type === 'number');
    const words = input.columns.filter(({ type }) => type === 'string');
    expect(numbers.length * words.length).toBeGreaterThan(0);
    const changes = [
      { [numbers[0]!.name!]: Number.POSITIVE_INFINITY },
      { [words[0]!.name!]: 'never seen' },
    ];
    for (const [i, change] of changes.entries()) {
      const bad = records
        .with(100, { ...records[100], ...changes[1 - i] })
        .with(900, { ...records[900], ...change });
      const run = (owner: object) => () => methodOf(owner, 'predict')(bad as Input);
      expect(await refusalOf(run(many))).toEqual(await refusalOf(run(pipeline)));
    }
    await many.close();
  });
});

describe('a large model', () => {
  const file = writeNut(
    makeLargeForest({ trees: 20, splits: 5000, features: 9, classes: 3, seed: 3 }),
  );
  const rows = 3000;
  const data = Float32Array.from({ length: 9 * rows }, (_, i) => Math.sin(i) / 2 + 0.5);
  const X = { data, rows, cols: 9 };

  test('is shared, not copied: what changes in its memory changes in every thread', async () => {
    const model = asPredictor(load(file, { accelerator: accelerator(threads) }));
    const memory = memoryOf(model.description)!;
    expect(memory).toBeInstanceOf(SharedArrayBuffer);
    expect(shareModel(model.description)).toBe(model.description);
    const many = await model.parallel({ threads: 2 });
    const before = bitsOf(await many.raw(X));
    expect(before).toEqual(bitsOf(asPredictor(load(file)).raw(X)));
    const { nodes, starts, layout } = model.description.root as Trees;
    expect([nodes.buffer, layout]).toEqual([memory, 'narrow']);
    const thresholds = new Float32Array(nodes.buffer, nodes.byteOffset, nodes.length);
    // All rows go right at the root.
    for (const root of starts.subarray(0, -1)) thresholds[root * 2] = -1e30;
    const after = bitsOf(await many.raw(X));
    expect(after).not.toEqual(before);
    expect(after).toEqual(bitsOf(model.raw(X)));
    await many.close();
  });

  test('gives each thread room of its own, and takes it back', async () => {
    const model = load(file, { accelerator: accelerator(sameThread) });
    const memory = memoryOf(model.description)!;
    const parts = takeScratches(memory, 3);
    const ends = parts.flatMap(({ start, end }) => [start, end]);
    expect(ends).toEqual([...ends].sort((a, b) => a - b));
    expect(ends[0]).toBeGreaterThanOrEqual(memory.byteLength);
    expect(parts[0]!.memory.buffer.byteLength).toBe(ends.at(-1));
    returnScratches(memory, parts);
    for (let i = 0; i < 5; i++) {
      const many = await model.parallel({ threads: 3 });
      await Promise.all([many.close(), many.close()]);
    }
    const again = takeScratches(memory, 3);
    expect(new Set(again.map(({ start }) => start)).size).toBe(3);
    returnScratches(memory, again);
    expect(parts[0]!.memory.buffer.byteLength).toBe(ends.at(-1));
    // More than it can grow by: the others walk portably.
    expect(takeScratches(memory, 1000).length).toBeLessThan(70);
    const many = await model.parallel({ threads: 2 });
    await compareAll(model, many, X);
    await many.close();
  });

  test('is walked by threads without WebAssembly where that is missing', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    const model = load(file, { accelerator: accelerator(sameThread) });
    const many = await model.parallel({ threads: 2 });
    await compareAll(model, many, X);
    await many.close();
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test('items that cannot be sent are refused as they are without threads', async () => {
  const description = await read('models/sklearn-1.9/dict-vectorizer-logistic');
  const model = asPredictor(open(description, sameThread));
  const many = await model.parallel({ threads: 2 });
  const rows = [...Array.from({ length: 4999 }, (_, i) => ({ length: i })), { length() {} }];
  const refusal = await refusalOf(() => many.predict(rows as never));
  expect(refusal).toMatchObject({ code: 'input-type', path: 'row 4999, "length"' });
  expect(await refusalOf(() => model.predict(rows as never))).toEqual(refusal);
  await many.close();
});

describe('threads that cannot be had', () => {
  const description = makeLargeForest({ trees: 3, splits: 9, features: 3, classes: 2, seed: 1 });

  test('are refused with what to do about it', async () => {
    expect(await refusalOf(() => createModel(description).parallel())).toMatchObject({
      ...{ code: 'usage', path: 'accelerator', message: expect.stringMatching('webWorkers') },
    });
    const inNode = createModel(description, { accelerator: webWorkers });
    expect(await refusalOf(() => inNode.parallel())).toMatchObject({
      ...{ code: 'threads', message: expect.stringMatching('workerThreads') },
    });
    const model = open(description, sameThread);
    for (const count of [0, -1, 1.5, 65, Number.NaN, '2' as never])
      expect(await refusalOf(() => model.parallel({ threads: count }))).toMatchObject({
        ...{ code: 'usage', path: 'threads' },
      });
    vi.stubGlobal('SharedArrayBuffer', undefined);
    expect(await refusalOf(() => model.parallel())).toMatchObject({
      ...{ code: 'threads', message: expect.stringMatching('Cross-Origin-Embedder-Policy') },
    });
  });

  test('are as many as there are cores, where no number is given', async () => {
    const many = await open(description, sameThread).parallel();
    expect(many.threads).toBe(2);
    await many.close();
  });

  test('are refused where they are forbidden', async () => {
    const host = startedWith(() => {
      throw new Error('refused by a policy');
    });
    expect(await refusalOf(() => open(description, host).parallel({ threads: 2 }))).toMatchObject({
      ...{ code: 'threads', message: expect.stringMatching('refused by a policy') },
    });
  });

  test('end when one of them does not start', async () => {
    const started: Worker[] = [];
    const host = startedWith(() => {
      const code = started.length === 1 ? 'process.exit(3)' : 'setInterval(() => {}, 1000)';
      started.push(new Worker(code, { eval: true }));
      return started.at(-1)!;
    });
    const refusal = await refusalOf(() => open(description, host).parallel({ threads: 2 }));
    expect(refusal).toMatchObject({ code: 'threads', message: /exit code 3/ });
    // A thread that has ended has no number.
    expect(started.map(({ threadId }) => threadId)).toEqual([-1, -1]);
  });
});

describe('threads that end', () => {
  const description = makeLargeForest({ trees: 3, splits: 9, features: 3, classes: 2, seed: 1 });
  const rows = 4000;
  const X = { data: new Float64Array(3 * rows), rows, cols: 3 };

  test('reject what they were asked; the others go on, and without any all is refused', async () => {
    // Ready at once, and gone when it is asked something.
    const mortal = `const { parentPort } = require('node:worker_threads');
      parentPort.once('message', () => {
        parentPort.once('message', () => process.exit(5));
        parentPort.postMessage({ answer: null });
      });`;
    const workers: Worker[] = [];
    const host = startedWith(() => {
      workers.push(workers.length === 0 ? new Worker(mortal, { eval: true }) : new Worker(built));
      return workers.at(-1)!;
    });
    const model = asPredictor(open(description, host));
    const many = await model.parallel({ threads: 2 });
    const refusals = await Promise.all([1, 2, 3].map(() => refusalOf(() => many.raw(X))));
    expect(refusals[0]).toMatchObject({
      ...{ code: 'threads', message: expect.stringMatching('cannot run: exit code 5') },
    });
    expect(refusals.slice(1)).toEqual(['nothing was thrown', 'nothing was thrown']);
    await compareAll(model, many as Parallel<Model>, X);
    await workers[1]!.terminate();
    expect(await refusalOf(() => many.raw(X))).toMatchObject({
      ...{ code: 'threads', message: expect.stringMatching('all threads have ended') },
    });
    await many.close();
  });

  test('answer what was asked before they are closed, and nothing after', async () => {
    const model = asPredictor(open(description, threads));
    const many = await model.parallel({ threads: 2 });
    const bad = { ...X, data: X.data.with(3 * 999, Number.POSITIVE_INFINITY) };
    const answers = Array.from({ length: 9 }, () => many.raw(X));
    const refusal = refusalOf(() => many.raw(bad));
    const closed = many.close();
    expect(await refusalOf(() => many.raw(X))).toMatchObject({ code: 'usage' });
    for (const answer of answers) expect(bitsOf(await answer)).toEqual(bitsOf(model.raw(X)));
    expect(await refusal).toEqual(await refusalOf(() => model.raw(bad)));
    await closed;
    await many[Symbol.asyncDispose]();
  });

  test('keep no process alive: neither idle ones, nor closed ones', () => {
    const script = (end: string) => `
      import { loadFile } from '${new URL('../dist/src/node.js', import.meta.url)}';
      const model = await loadFile('fixtures/demo/model.json');
      const many = await model.parallel({ threads: 2 });
      const rows = 4000;
      const labels = await many.predict({ data: new Float64Array(4 * rows).fill(1), rows, cols: 4 });
      console.log(labels.length);
      ${end}`;
    for (const end of ['', 'await many.close();']) {
      const args = ['--input-type=module', '-e', script(end)];
      const options = { cwd: project, encoding: 'utf8', timeout: 14_000 } as const;
      const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '4000\n', stderr: '' });
    }
  });
});

test('parts of calls take turns, so that small calls do not wait for all of a large one', async () => {
  const description = makeLargeForest({ trees: 3, splits: 9, features: 3, classes: 2, seed: 1 });
  const model = asPredictor(open(description, sameThread));
  const many = await model.parallel({ threads: 1 });
  const done: string[] = [];
  const ask = async (name: string, rows: number) => {
    const data = Float32Array.from({ length: 3 * rows }, (_, i) => (i % 997) / 997);
    const found = await many.raw({ data, rows, cols: 3 });
    done.push(name);
    expectSameBits(found.data, model.raw({ data, rows, cols: 3 }).data, name);
  };
  await Promise.all([ask('large', 200_000), ask('small', 600), ask('smaller', 600)]);
  expect(done).toEqual(['small', 'smaller', 'large']);
  await many.close();
});

test('rows of a turn are taken once each, by whoever is free', () => {
  const calls = fc.record({
    rows: fc.integer({ min: 1, max: 200_000 }),
    takers: fc.integer({ min: 1, max: 64 }),
    order: fc.infiniteStream(fc.nat(63)),
  });
  fc.assert(
    fc.property(calls, ({ rows, takers, order }) => {
      const turn = createTurn();
      const written: number[] = [];
      writeTurn(turn, rows, (start, end) => written.push(start, end));
      expect(written.filter((_, i) => i % 2 === 1)).toEqual([
        ...written.slice(2).filter((_, i) => i % 2 === 0),
        rows,
      ]);
      const threads = Array.from({ length: takers }, () =>
        takeShares(turn, rows, takers)[Symbol.iterator](),
      );
      const found: [number, number][] = [];
      while (threads.length > 0) {
        const [at] = order.take(1);
        const index = at! % threads.length;
        const { value, done } = threads[index]!.next();
        if (done) threads.splice(index, 1);
        else found.push(value);
      }
      expect(found.map(([start]) => start)).toEqual([
        0,
        ...found.slice(0, -1).map(([, end]) => end),
      ]);
      expect(found.at(-1)![1]).toBe(rows);
      expect(found.length).toBeLessThanOrEqual(8 * takers);
    }),
    { seed: 7 + fuzzSeed, numRuns: 20 * fuzzRuns },
  );
});
