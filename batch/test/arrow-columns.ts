import type { Model } from 'nuthatch';
import { readMessages } from '../src/arrow/messages.js';
import { arrowPieces } from '../src/arrow/pieces.js';
import { readArrow } from '../src/arrow/read.js';
import { readFields } from '../src/arrow/schema.js';
import type { Column } from '../src/batch.js';
import { ByteReader } from '../src/byte-reader.js';
import { SpareMemory } from '../src/spare-memory.js';

async function* chunksOf(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** How many columns there are. */
export async function countColumns(bytes: Buffer): Promise<number> {
  const { value: schema } = await readMessages(new ByteReader(chunksOf(bytes, 1e6))).next();
  return readFields(schema!.table, schema!.version).length;
}

/** Some columns of all batches of Arrow; the first, without rows, is told before any row is there. */
export async function* readBatches(
  bytes: Buffer,
  kept: readonly string[],
  count: number,
): AsyncGenerator<Column[]> {
  const columns = new Array(count - kept.length).fill({ type: 'unused' });
  const model = { description: { input: { type: 'table', columns } }, featureNames: null };
  const memory = new SpareMemory();
  const reading = {
    ...{ model: model as unknown as Model, kept, memory, format: null, typed: true },
    ...{ seen: () => undefined, stop: new AbortController().signal },
  };
  for await (const piece of arrowPieces(new ByteReader(chunksOf(bytes, 1000)), reading, '-')) {
    const { plan, layout } = piece;
    if (plan.format !== 'arrow') throw new Error(plan.format);
    yield [...readArrow(Buffer.from(piece.bytes), plan, layout!, memory).kept];
  }
}
