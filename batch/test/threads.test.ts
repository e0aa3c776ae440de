import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Float64, Table, tableToIPC, vectorFromArray } from 'apache-arrow';
import type { Model } from 'nuthatch';
import { loadFile } from 'nuthatch/node';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { findSources } from '../src/inputs.js';
import type { Job, Piece, Scored } from '../src/job.js';
import { placeOf } from '../src/output.js';
import { openOutputs } from '../src/outputs.js';
import type { PredictOptions } from '../src/predict.js';
import { type Found, readSources } from '../src/read.js';
import { runJob } from '../src/run.js';
import { SpareMemory } from '../src/spare-memory.js';
import { startThread, startThreads } from '../src/start-thread.js';
import { openThreads, type Threads } from '../src/threads.js';

/** This thread scores beside others. */
const fixture = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nuthatch-threads-'));
afterAll(() => rmSync(folder, { recursive: true }));

let flowers: Model;
beforeAll(async () => {
  flowers = await loadFile(fixture('fixtures/demo/model.json'));
});

const [head] = readFileSync(fixture('fixtures/demo/rows.csv'), 'utf8').split('\n');
const names = head!.split(',');
const job: Job = { methods: ['predict'], format: 'csv', beside: false, onError: 'stop' };
const large = 2 ** 30;

let threads: Threads;
afterEach(() => threads.close());

async function piecesOf(path: string): Promise<Found[]> {
  const reading = {
    model: flowers,
    format: null,
    kept: [],
    typed: false,
    seen: () => undefined,
    memory: new SpareMemory(),
    stop: new AbortController().signal,
  };
  const found: Found[] = [];
  for await (const piece of readSources(await findSources([path]), 0, reading)) found.push(piece);
  return found;
}

/** Pieces that are one, each in memory of its own. */
async function rows(): Promise<() => Piece> {
  const path = join(folder, 'rows.csv');
  writeFileSync(path, `${head}\n1,2,3,4\n5,6,7,8\n`);
  const [piece] = await piecesOf(path);
  return () => ({ ...piece!, bytes: Buffer.from(Uint8Array.from(piece!.bytes).buffer) });
}

/** Whether another thread is sent a piece; and what is answered. */
function give(piece: Piece, left?: number): { isTaken: boolean; scored: Promise<Scored> } {
  sent.mockClear();
  const scored = threads.score(piece, left);
  return { isTaken: sent.mock.calls.some(([message]) => message === piece), scored };
}

const sent = vi.spyOn(Worker.prototype, 'postMessage');

/** A file of so many rows of numbers. */
function writeArrow(name: string, count: number): string {
  const path = join(folder, name);
  const numbers = () =>
    vectorFromArray(
      Array.from({ length: count }, (_, i) => i),
      new Float64(),
    );
  const table = new Table(Object.fromEntries(names.map((column) => [column, numbers()])));
  writeFileSync(path, tableToIPC(table, 'file'));
  return path;
}

describe('openThreads', () => {
  test('others take a piece each while they start, and three then; the rest is scored here', async () => {
    const make = await rows();
    threads = openThreads(flowers, job, 3, large);
    const early = [1, 2, 3].map(() => give(make()));
    expect(early.map(({ isTaken }) => isTaken)).toEqual([true, true, false]);
    await Promise.all(early.map(({ scored }) => scored));
    const late = [1, 2, 3, 4, 5, 6, 7, 8].map(() => give(make()));
    expect(late.map(({ isTaken }) => isTaken)).toEqual([
      ...[true, true, true, true, true, true],
      ...[false, false],
    ]);
    await Promise.all(late.map(({ scored }) => scored));
  });

  test('of the last pieces none waits for a thread that has one', async () => {
    const make = await rows();
    threads = openThreads(flowers, job, 2, large);
    await give(make()).scored;
    const last = [2.5, 1.9, 0].map((left) => give(make(), left));
    expect(last.map(({ isTaken }) => isTaken)).toEqual([true, false, false]);
    await Promise.all(last.map(({ scored }) => scored));
    const only = give(make(), 0);
    expect(only.isTaken).toBe(true);
    await only.scored;
  });

  test('a piece that tells of columns alone is not sent', async () => {
    const pieces = await piecesOf(writeArrow('two.arrow', 2));
    threads = openThreads(flowers, job, 2, large);
    const answers = pieces.map((piece) => give(piece));
    expect(answers.map(({ isTaken }) => isTaken)).toEqual([false, true]);
    const found = await Promise.all(answers.map(({ scored }) => scored));
    expect(found.map(({ rows: count }) => count)).toEqual([0, 2]);
  });

  test('answers the same here and there', async () => {
    const make = await rows();
    threads = openThreads(flowers, job, 2, large);
    const [there, here] = [give(make()), give(make())];
    expect([there.isTaken, here.isTaken]).toEqual([true, false]);
    const { bytes, rows: count, written, bad } = await there.scored;
    const { bytes: same } = await here.scored;
    expect({ bytes: [...bytes], count, written, bad }).toEqual({
      bytes: [...same],
      count: 2,
      written: 2,
      bad: [],
    });
  });

  test.each([
    ['starts none where there is to be one', 1, large, 1, [false, false]],
    ['starts none before the second piece of what is small', 2, 100, 8, [false, true]],
  ])('%s', async (_, count, size, most, taken) => {
    const make = await rows();
    threads = openThreads(flowers, job, count, size);
    const given = [give(make()), give(make())];
    expect(given.map(({ isTaken }) => isTaken)).toEqual(taken);
    expect(threads.most).toBe(most);
    await Promise.all(given.map(({ scored }) => scored));
  });

  test('threads that were started before are taken, and others for those that have ended', async () => {
    const make = await rows();
    const [living, dead] = [startThread(), startThread()];
    await dead.terminate();
    const end = vi.spyOn(living, 'terminate');
    threads = openThreads(flowers, job, 3, large, [dead, living]);
    const given = [1, 2].map(() => ({ ...give(make()), by: sent.mock.contexts[0] }));
    expect(given.map(({ isTaken }) => isTaken)).toEqual([true, true]);
    expect(given[0]!.by).toBe(living);
    expect([living, dead]).not.toContain(given[1]!.by);
    const found = await Promise.all(given.map(({ scored }) => scored));
    expect(found.map(({ rows: count }) => count)).toEqual([2, 2]);
    await threads.close();
    expect(end).toHaveBeenCalled();
  });

  test('a thread that dies ends the job, with an error of its own', async () => {
    const make = await rows();
    threads = openThreads(flowers, job, 2, large);
    await give(make()).scored;
    const dying = threads.score({ ...make(), plan: null as never });
    const next = threads.score(make());
    for (const answer of [dying, next])
      await expect(answer).rejects.toMatchObject({
        code: 'threads',
        message: expect.stringContaining('a worker thread cannot run: '),
      });
    await expect(threads.score(make())).rejects.toMatchObject({ code: 'threads' });
  });
});

describe('startThreads', () => {
  const [big, little] = ['big.csv', 'little.csv'].map((name) => join(folder, name)) as [
    string,
    string,
  ];
  beforeAll(() => {
    writeFileSync(big, 'x'.repeat(5e6));
    writeFileSync(little, head!);
  });
  const count = async (inputs: readonly string[], threads: number | null): Promise<number> => {
    const started = startThreads(inputs, threads);
    await Promise.all(started.map((thread) => thread.terminate()));
    return started.length;
  };

  test('starts those beside the calling one, where there is much to read', async () => {
    expect(await count([big, big], 3)).toBe(2);
    expect(await count([big, big], 1)).toBe(0);
    expect(await count([big, little], 3)).toBe(0);
  });

  test('leaves what it does not know, and what is wrong, to those who know', async () => {
    const unknown = ['-', join(folder, 'none'), join(folder, '*.csv'), folder, 'x'.repeat(5000)];
    expect(await count(unknown, 3)).toBe(0);
    for (const threads of [0, -1, 1.5, Number.NaN, 65])
      expect(await count([big, big], threads)).toBe(0);
  });

  test('keeps no process alive', () => {
    const script = `
      import { startThreads } from ${JSON.stringify(fixture('batch/dist/start-thread.js'))};
      console.log(startThreads([${JSON.stringify(big)}, ${JSON.stringify(big)}], 3).length);
    `;
    const args = ['--input-type=module', '-e', script];
    expect(execFileSync(process.execPath, args, { timeout: 10_000 }).toString()).toBe('2\n');
  });
});

test('about how many pieces come is told with each of them', async () => {
  const path = writeArrow('told.arrow', 70_000);
  threads = openThreads(flowers, job, 1, large);
  const told: (number | undefined)[] = [];
  const telling: Threads = {
    ...threads,
    score(piece, left) {
      told.push(left);
      return threads.score(piece, left);
    },
  };
  const output = await placeOf(join(folder, 'told.csv'));
  const outputs = await openOutputs({ output, rejects: null }, null, null);
  const options: PredictOptions = {
    ...{ model: flowers, inputs: [path], methods: job.methods, columns: [], from: null },
    ...{ to: 'csv', output: null, onError: 'stop' as const, rejects: null, threads: 1 },
  };
  const sources = await findSources([path]);
  const { state } = await runJob(options, job, sources, telling, outputs, null);
  await outputs.finish(state);
  const left = told.map((pieces) => pieces!);
  expect(left).toEqual([...left].sort((a, b) => b - a));
  expect(left.map((pieces) => pieces > 0.9)).toEqual([true, true, true, false]);
  expect(left[3]).toBeCloseTo(0);
});

describe('batches of Arrow in a file', () => {
  test('are cut alike, and read where they are scored', async () => {
    const pieces = await piecesOf(writeArrow('rows.arrow', 70_000));
    threads = openThreads(flowers, job, 1, large);
    const scored = [];
    for (const piece of pieces) {
      expect(piece.bytes.length).toBe(0);
      scored.push((await threads.score(piece)).rows);
    }
    expect(scored).toEqual([0, 23_336, 23_336, 23_328]);
  });

  test('are not scored where the file has changed since', async () => {
    const path = writeArrow('changed.arrow', 10);
    const [schema, piece] = await piecesOf(path);
    threads = openThreads(flowers, job, 1, large);
    expect((await threads.score(schema!)).rows).toBe(0);
    appendFileSync(path, 'x');
    await expect(threads.score(piece!)).rejects.toMatchObject({
      code: 'io',
      path,
      message: expect.stringContaining('it was changed while it was read'),
    });
  });
});
