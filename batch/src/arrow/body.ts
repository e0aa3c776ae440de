import * as zlib from 'node:zlib';
import { decompress as decompressZstd } from 'fzstd';
import { NuthatchError } from 'nuthatch';
import type { FlatTable } from './flatbuffer.js';
import { decompressLz4 } from './lz4.js';
import type { ArrowField } from './schema.js';

/** What a batch may take when it is decompressed. */
const mostBytes = 2 ** 28;

/** A column of a batch: its bytes, not yet looked into. */
export interface ArrowColumn {
  readonly field: ArrowField;
  readonly length: number;
  /** One bit for each value that is there; null where all are. */
  readonly valid: Buffer | null;
  /** Values; of texts offsets or views, and bytes. */
  readonly buffers: readonly Buffer[];
}

/**
 * The columns of a batch that `wanted` says, of `fields`. Others are not decompressed.
 *
 * @throws RangeError where buffers are not inside of the body
 */
export function readColumns(
  batch: FlatTable,
  body: Buffer,
  fields: readonly ArrowField[],
  wanted: (column: number) => boolean,
): { rows: number; columns: (ArrowColumn | null)[] } {
  const rows = batch.long(0);
  const nodes = batch.longs(1, 2);
  const regions = batch.longs(2, 2);
  const decompress = decompressorOf(batch.table(3));
  const viewBuffers = batch.longs(4);
  let node = 0;
  let buffer = 0;
  let views = 0;
  let left = mostBytes;

  /** The next buffer. */
  function take(): Buffer {
    if (2 * buffer >= regions.length) throw new RangeError('buffers are missing');
    const start = regions[2 * buffer]!;
    const end = start + regions[2 * buffer + 1]!;
    if (start < 0 || end < start || end > body.length)
      throw new RangeError('a buffer outside of the body');
    buffer++;
    const bytes = body.subarray(start, end);
    if (decompress === null || bytes.length === 0) return bytes;
    const length = Number(bytes.readBigInt64LE(0));
    // As it is, where that is shorter.
    if (length === -1) return bytes.subarray(8);
    if (length < 0 || length > left)
      throw new NuthatchError('limit-exceeded', '', `a buffer that would take ${length} bytes`);
    left -= length;
    return decompress(bytes.subarray(8), length);
  }

  function skip(field: ArrowField): void {
    node++;
    buffer += field.buffers + (field.views ? viewBuffers[views++]! : 0);
    for (const child of field.children) skip(child);
  }

  const columns = fields.map((field, i): ArrowColumn | null => {
    if (!wanted(i)) {
      skip(field);
      return null;
    }
    if (2 * node >= nodes.length) throw new RangeError('columns are missing');
    const length = nodes[2 * node]!;
    const nulls = nodes[2 * node + 1]!;
    node++;
    if (length !== rows || nulls > rows) throw new RangeError('columns of different lengths');
    const valid = field.buffers > 0 ? take() : null;
    if (nulls > 0 && valid && valid.length < Math.ceil(length / 8))
      throw new RangeError('a bitmap is too short');
    const count = Math.max(0, field.buffers - 1) + (field.views ? viewBuffers[views++]! : 0);
    if (!(count <= regions.length)) throw new RangeError('buffers are missing');
    const buffers = Array.from({ length: count }, take);
    return { field, length, valid: nulls > 0 ? valid : null, buffers };
  });
  return { rows, columns };
}

type Decompress = (bytes: Buffer, length: number) => Buffer;

function decompressorOf(compression: FlatTable | null): Decompress | null {
  if (compression === null) return null;
  const codec = compression.byte(0);
  if (codec > 1 || compression.byte(1) !== 0)
    throw new NuthatchError('unsupported', '', `batches of codec ${codec}; write LZ4 or zstd`);
  return codec === 0 ? decompressLz4 : readZstd;
}

const { zstdDecompressSync } = zlib as unknown as {
  readonly zstdDecompressSync?: (bytes: Buffer, options: { maxOutputLength: number }) => Buffer;
};

/** By Node where it can, which it does from 22.15. */
function readZstd(bytes: Buffer, length: number): Buffer {
  let found: Uint8Array;
  try {
    found = zstdDecompressSync
      ? zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length) })
      : decompressZstd(bytes, new Uint8Array(length));
  } catch {
    throw new RangeError('no frame of zstd');
  }
  if (found.length !== length) throw new RangeError('not of its length');
  return Buffer.from(found.buffer, found.byteOffset, found.length);
}
