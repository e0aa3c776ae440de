import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Float64, Table, tableToIPC, vectorFromArray } from 'apache-arrow';
import type { Model } from 'nuthatch';
import { loadFile } from 'nuthatch/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findSources } from '../src/inputs.js';
import type { Job, Piece } from '../src/job.js';
import { type Found, readSources } from '../src/read.js';
import { SpareMemory } from '../src/spare-memory.js';
import { openThreads, type Threads } from '../src/threads.js';

/** This thread scores beside others, which take pieces once they are ready. */
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

/** Whether another thread takes a piece: what it is sent is not here any longer. */
function isTaken(piece: Piece): boolean {
  void threads.score(piece).catch(() => undefined);
  return piece.bytes.length === 0;
}

/** Until another thread takes pieces. */
async function untilReady(make: () => Piece): Promise<void> {
  while (!isTaken(make())) await wait(5);
  // And answers it.
  await threads.score(make());
}

describe('openThreads', () => {
  test('scores here until others are ready, and what they have no need of', async () => {
    const make = await rows();
    threads = openThreads(flowers, job, 3, large);
    expect(isTaken(make())).toBe(false);
    await untilReady(make);
    await wait(200);
    const taken = Array.from({ length: 6 }, () => isTaken(make()));
    expect(taken).toEqual([true, true, true, true, false, false]);
  });

  test('answers the same here and there', async () => {
    const make = await rows();
    threads = openThreads(flowers, job, 2, large);
    const here = await threads.score(make());
    await untilReady(make);
    const piece = make();
    const there = threads.score(piece);
    expect(piece.bytes.length).toBe(0);
    const { bytes, rows: count, written, bad } = await there;
    expect({ bytes: [...bytes], count, written, bad }).toEqual({
      bytes: [...here.bytes],
      count: 2,
      written: 2,
      bad: [],
    });
  });

  test('starts none for what is small, or where there is to be one', async () => {
    const make = await rows();
    threads = openThreads(flowers, job, 1, large);
    await threads.score(make());
    await wait(300);
    expect(isTaken(make())).toBe(false);
    expect(threads.most).toBe(1);
    threads = openThreads(flowers, job, 2, 100);
    await threads.score(make());
    expect(threads.most).toBe(8);
  });

  test('a thread that dies ends the job, with an error of its own', async () => {
    const make = await rows();
    threads = openThreads(flowers, job, 2, large);
    await untilReady(make);
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

describe('batches of Arrow in a file', () => {
  const write = (name: string, count: number): string => {
    const path = join(folder, name);
    const numbers = () =>
      vectorFromArray(
        Array.from({ length: count }, (_, i) => i),
        new Float64(),
      );
    const table = new Table(Object.fromEntries(names.map((column) => [column, numbers()])));
    writeFileSync(path, tableToIPC(table, 'file'));
    return path;
  };

  test('are cut alike, and read where they are scored', async () => {
    const pieces = await piecesOf(write('rows.arrow', 70_000));
    threads = openThreads(flowers, job, 1, large);
    const scored = [];
    for (const piece of pieces) {
      expect(piece.bytes.length).toBe(0);
      scored.push((await threads.score(piece)).rows);
    }
    expect(scored).toEqual([0, 23_336, 23_336, 23_328]);
  });

  test('are not scored where the file has changed since', async () => {
    const path = write('changed.arrow', 10);
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
