import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tableFromIPC } from 'apache-arrow';
import type { Model } from 'nuthatch';
import { expect, test } from 'vitest';
import { readMessages } from '../src/arrow/messages.js';
import { arrowPieces } from '../src/arrow/pieces.js';
import { readArrow } from '../src/arrow/read.js';
import { readFields } from '../src/arrow/schema.js';
import { formatArrow } from '../src/arrow/write.js';
import type { Column } from '../src/batch.js';
import { ByteReader } from '../src/byte-reader.js';
import { SpareMemory } from '../src/spare-memory.js';

/** Files that pyarrow wrote (`tables/make.py`), and what it finds in them. */
const read = (name: string) =>
  readFileSync(fileURLToPath(new URL(`tables/${name}`, import.meta.url)));
const expected = read('expected.ndjson')
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { file: string; columns: Record<string, unknown[]> });

async function* chunksOf(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** All batches, each with these columns, of which a model takes none. */
async function readColumns(bytes: Buffer, kept: readonly string[]): Promise<Column[][]> {
  const [{ value: schema }] = [await readMessages(new ByteReader(chunksOf(bytes, 1e6))).next()];
  const others = readFields(schema!.table, schema!.version).length - kept.length;
  const columns = new Array(others).fill({ type: 'unused' });
  const model = { description: { input: { type: 'table', columns } }, featureNames: null };
  const memory = new SpareMemory();
  const reading = {
    ...{ model: model as unknown as Model, kept, memory, format: null, typed: true },
    ...{ seen: () => undefined, stop: new AbortController().signal },
  };
  const batches: Column[][] = [];
  for await (const piece of arrowPieces(new ByteReader(chunksOf(bytes, 1000)), reading, '-')) {
    const { plan, layout } = piece;
    if (plan.format !== 'arrow') throw new Error(plan.format);
    batches.push([...readArrow(Buffer.from(piece.bytes), plan, layout!, memory).kept]);
  }
  return batches;
}

/** As pyarrow's cells are told. */
const plain = (value: unknown, type: string): unknown => {
  if (value instanceof Date) return { time: value.getTime() };
  return type === 'integer' && value !== null ? { integer: String(value) } : value;
};

test.each(expected)('$file: cells of all types are those of pyarrow', async ({ file, columns }) => {
  const batches = await readColumns(read(file), Object.keys(columns));
  const found = Object.keys(columns).map((name, i) => {
    const cells = batches.flatMap((batch) =>
      Array.from(batch[i]!.values, (value) => plain(value, batch[i]!.type)),
    );
    return [name, cells];
  });
  expect(Object.fromEntries(found)).toEqual(columns);
});

test.each(['long-lz4.arrow', 'long-zstd.arrow'])(
  '%s: blocks refer to those before',
  async (file) => {
    const [, batch] = await readColumns(read(file), ['int64']);
    expect(Array.from(batch![0]!.values)).toEqual(
      Array.from({ length: 30_000 }, (_, i) => BigInt(Math.floor(i / 100))),
    );
  },
);

test('what is written, Arrow reads', async () => {
  const whole = expected.find(({ file }) => file === 'whole.arrow')!;
  const names = Object.keys(whole.columns).filter((name) => name !== 'uint64');
  const [, batch] = await readColumns(read('whole.arrow'), names);
  const row = tableFromIPC(formatArrow(batch!, 1)).get(0)!.toJSON();
  const cells = batch!.map(({ values }) => values[0]);
  expect(names.map((name) => String(row[name]))).toEqual(
    cells.map((cell) => String(cell instanceof Date ? cell.getTime() : cell)),
  );
});
