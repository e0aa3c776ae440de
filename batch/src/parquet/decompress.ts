import * as zlib from 'node:zlib';
import { decompress as unzstd } from 'fzstd';
import { NuthatchError } from 'nuthatch';
import type { Arena } from '../arena.js';
import { unpackLz4, unpackLz4Frames } from './lz4.js';
import { unpackSnappy } from './snappy.js';

/** Decompresses a page of so many bytes, into memory that is there if it can; throws any error where it is not so many. */
type Decompress = (bytes: Uint8Array, size: number, arena: Arena) => Uint8Array;

/** By the numbers in CompressionCodec. */
const codecs: Readonly<Record<number, Decompress>> = {
  0: (bytes) => bytes,
  1: (bytes, size, arena) => unpackSnappy(bytes, arena.take(Uint8Array, size)),
  2: (bytes, size) => zlib.gunzipSync(bytes, { maxOutputLength: size }),
  4: (bytes, size) => zlib.brotliDecompressSync(bytes, { maxOutputLength: size }),
  5: (bytes, size, arena) => unpackLz4Frames(bytes, arena.take(Uint8Array, size)),
  6(bytes, size, arena) {
    const { zstdDecompressSync } = zlib as unknown as {
      zstdDecompressSync?: (bytes: Uint8Array, options: object) => Uint8Array;
    };
    return zstdDecompressSync
      ? zstdDecompressSync(bytes, { maxOutputLength: size })
      : unzstd(bytes, arena.take(Uint8Array, size));
  },
  7: (bytes, size, arena) => unpackLz4(bytes, arena.take(Uint8Array, size)),
};

/** A byte of these makes no more bytes; of the others any number. */
const mostRatios: Readonly<Record<number, number>> = { 0: 1, 1: 32, 5: 256, 7: 256 };

/** @throws NuthatchError `malformed`, `unsupported` */
export function decompressPage(
  codec: number,
  bytes: Uint8Array,
  size: number,
  arena: Arena,
): Buffer {
  const decompress = codecs[codec];
  if (decompress === undefined)
    throw new NuthatchError(
      'unsupported',
      '',
      `compression of number ${codec}; write snappy or zstd`,
    );
  // Some writers compress nothing to nothing.
  if (size === 0) return Buffer.alloc(0);
  if (size > bytes.length * (mostRatios[codec] ?? Number.POSITIVE_INFINITY))
    throw new NuthatchError('malformed', '', `${bytes.length} bytes cannot become ${size}`);
  let plain: Uint8Array;
  try {
    plain = decompress(bytes, size, arena);
  } catch (error) {
    throw new NuthatchError(
      'malformed',
      '',
      `it cannot be decompressed: ${(error as Error).message}`,
    );
  }
  if (plain.length !== size)
    throw new NuthatchError(
      'malformed',
      '',
      `it was decompressed to ${plain.length} bytes, not to ${size}`,
    );
  return Buffer.from(plain.buffer, plain.byteOffset, size);
}
