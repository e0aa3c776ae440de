import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tableFromIPC } from 'apache-arrow';
import { expect, test } from 'vitest';
import { formatArrow } from '../src/arrow/write.js';
import type { Column } from '../src/batch.js';
import { countColumns, readBatches } from './arrow-columns.js';

/** Files that pyarrow wrote (`tables/make.py`), and what it finds in them. */
const read = (name: string) =>
  readFileSync(fileURLToPath(new URL(`tables/${name}`, import.meta.url)));
const expected = read('expected.ndjson')
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { file: string; columns: Record<string, unknown[]> });

/** All batches, each with these columns. */
async function readColumns(bytes: Buffer, kept: readonly string[]): Promise<Column[][]> {
  const batches: Column[][] = [];
  for await (const batch of readBatches(bytes, kept, await countColumns(bytes)))
    batches.push(batch);
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
