import * as zlib from 'node:zlib';
import { decompress as decompressZstd } from 'fzstd';
import { NuthatchError } from 'nuthatch';
import type { BatchLayout } from './layout.js';
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
  readonly buffers: readonly Buffer[];
  readonly before: number;
}

/** The columns of a batch. @throws RangeError where a buffer is not what it says, NuthatchError `limit-exceeded` */
export function columnsOf({ codec, columns }: BatchLayout, body: Buffer): (ArrowColumn | null)[] {
  let left = mostBytes;

  function read([start, end]: readonly [number, number]): Buffer {
    const bytes = body.subarray(start, end);
    if (codec === null || bytes.length === 0) return bytes;
    const length = Number(bytes.readBigInt64LE(0));
    // As it is, where that is shorter.
    if (length === -1) return bytes.subarray(8);
    if (length < 0 || length > left)
      throw new NuthatchError('limit-exceeded', '', `a buffer that would take ${length} bytes`);
    left -= length;
    return (codec === 'lz4' ? decompressLz4 : readZstd)(bytes.subarray(8), length);
  }

  return columns.map((column) => {
    if (column === null) return null;
    const { field, rows, before } = column;
    const valid = column.valid && read(column.valid);
    if (valid && 8 * valid.length < rows) throw new RangeError('a bitmap is too short');
    return { field, length: rows, valid, buffers: column.buffers.map(read), before };
  });
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
