import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Dictionary, Int32, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { type Model, NuthatchError } from 'nuthatch';
import { loadFile } from 'nuthatch/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InputFormat } from '../src/formats.js';
import type { Job } from '../src/job.js';
import { readSources } from '../src/read.js';
import { createScorer } from '../src/score.js';
import { SpareMemory } from '../src/spare-memory.js';
import { countColumns, readBatches } from './arrow-columns.js';
import { formatParquet } from './parquet-file.js';
import { createRandom, fuzzRuns, fuzzSeed } from './random.js';

/** Whatever is done to a file, its rows are counted, or one typed error says where it is wrong; and what is cut has no other rows. */
const folder = mkdtempSync(join(tmpdir(), 'nuthatch-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));
const local = (path: string) => fileURLToPath(new URL(path, import.meta.url));

let model: Model;
beforeAll(async () => {
  model = await loadFile(local('../../fixtures/demo/model.json'));
});

const [head, ...lines] = readFileSync(local('../../fixtures/demo/rows.csv'), 'utf8')
  .trim()
  .split('\n');
const names = head!.split(',');
const rows = lines.map((line) => line.split(',').map(Number));
const records = rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]!])));
const ids = rows.map((_, i) => `n"${i % 4}`);

function tableOf(): Table {
  const columns = names.map((name, i) => [name, vectorFromArray(rows.map((row) => row[i]!))]);
  const id = vectorFromArray(ids, new Dictionary(new Utf8(), new Int32()));
  const table = new Table({ id, ...Object.fromEntries(columns) });
  return table.concat(table.slice(2, 7));
}

const inputs: Readonly<Record<InputFormat & string, () => Uint8Array>> = {
  csv: () => {
    const cells = rows.map((row, i) => `"${ids[i]!.replace('"', '""')}",${row}`);
    return Buffer.from([`id,${head}`, ...cells, ''].join('\n'));
  },
  ndjson: () =>
    Buffer.from(records.map((row, i) => `${JSON.stringify({ id: ids[i], ...row })}\n`).join('')),
  json: () => Buffer.from(JSON.stringify(records.map((row, i) => ({ id: ids[i], ...row })))),
  arrow: () => tableToIPC(tableOf(), 'file'),
  'arrow-stream': () => tableToIPC(tableOf(), 'stream'),
  parquet: () => {
    const columns = names.map((name, i) => [name, 'number', rows.map((row) => row[i])] as const);
    const all = [['id', 'string', ids] as const, ...columns];
    return formatParquet(
      all.map(([name, type, values]) => ({ name, type, values, offset: 0, stride: 1 })),
      rows.length,
    );
  },
};

/** Answers as lines of NDJSON; where reading ends with an error, those before and the error. */
async function predict(bytes: Uint8Array, format: InputFormat) {
  const path = join(folder, 'in');
  writeFileSync(path, bytes);
  const job: Job = { methods: ['predict'], format: 'ndjson', beside: true, onError: 'reject' };
  const score = await createScorer(model, job);
  const memory = new SpareMemory();
  const { signal: stop } = new AbortController();
  const reading = { model, format, kept: ['id'], typed: true, seen: () => undefined, stop, memory };
  const source = { path, size: bytes.length, modified: null };
  const found = { text: '', rejected: 0, error: null as unknown };
  try {
    for await (const piece of readSources([source], 0, reading)) {
      const scored = score(piece);
      expect(scored.rows).toBe(scored.written + scored.bad.length);
      const text = Buffer.from(scored.bytes).toString();
      expect(text.split('\n').length - 1).toBe(scored.written);
      found.text += text;
      found.rejected += scored.bad.length;
    }
  } catch (error) {
    found.error = error;
  }
  return found;
}

const { integer, pick } = createRandom(8 + fuzzSeed);
const extremes = [-1n, 0n, 1n, 255n, 2n ** 30n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 53n, -(2n ** 63n)];
const noise = ['"', '\n', '\r', ',', '{', '}', '[', ']', '\\', '\0', '\xff', '"\n', '1e999', ',,'];

/** Changes some bytes, and sometimes how many there are. */
function damage(bytes: Uint8Array): Buffer {
  let damaged = Buffer.from(bytes);
  for (let left = 1 + integer(3); left > 0; left--) {
    // What says lengths and places stands at both ends.
    const near = pick([damaged.length, Math.min(900, damaged.length)]);
    const at = pick([integer(near), damaged.length - 1 - integer(near)]);
    const end = at + integer(20);
    const [before, after] = [damaged.subarray(0, at), damaged.subarray(at)];
    const extreme = pick(extremes);
    switch (integer(7)) {
      case 0:
        damaged[at]! ^= 1 << integer(8);
        break;
      case 1:
        if (at + 4 <= damaged.length) damaged.writeInt32LE(Number(BigInt.asIntN(32, extreme)), at);
        break;
      case 2:
        if (at + 8 <= damaged.length) damaged.writeBigInt64LE(BigInt.asIntN(64, extreme), at);
        break;
      case 3:
        damaged = Buffer.concat([before, damaged.subarray(end)]);
        break;
      case 4:
        damaged = Buffer.concat([damaged.subarray(0, end), after]);
        break;
      case 5:
        damaged = Buffer.concat([before, Buffer.from(pick(noise), 'latin1'), after]);
        break;
      default:
        damaged[at] = integer(256);
    }
  }
  return damaged;
}

const runs = 30 * fuzzRuns;
const mostHeld = 2 ** 28;

/** What a run threw is typed, and it does not hold more than it may. */
function check(error: unknown): void {
  if (error !== null) expect(error).toBeInstanceOf(NuthatchError);
  expect((error as Error | null)?.message ?? '').not.toContain(folder);
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(held + mostHeld);
}
const held = process.memoryUsage().arrayBuffers;

test.each(Object.keys(inputs) as InputFormat[])('%s', async (format) => {
  const whole = inputs[format]();
  const { text, error } = await predict(whole, format);
  expect(error).toBeNull();
  expect(text.split('\n').length).toBeGreaterThan(10);
  for (let run = 0; run < runs; run++) {
    check((await predict(damage(whole), format)).error);
    const cut = await predict(whole.subarray(0, integer(whole.length)), format);
    check(cut.error);
    // The last row of a CSV that is cut may look like one.
    const found = format === 'csv' ? cut.text.split('\n').slice(0, -2).join('\n') : cut.text;
    expect(text.startsWith(found)).toBe(true);
  }
});

const tables = readFileSync(local('tables/expected.ndjson'), 'utf8').trim().split('\n');
test.each(tables.map((line) => JSON.parse(line)))('$file', async ({ file, columns }) => {
  const whole = readFileSync(local(`tables/${file}`));
  const kept = Object.keys(columns);
  const count = await countColumns(whole);
  for (let run = 0; run < runs / 3; run++) {
    let error: unknown = null;
    try {
      for await (const batch of readBatches(damage(whole), kept, count))
        expect(new Set(batch.map(({ values }) => values.length)).size).toBe(1);
    } catch (thrown) {
      error = thrown;
    }
    check(error);
  }
});
