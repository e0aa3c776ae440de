import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { addAbortSignal, Duplex, PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { NuthatchError } from 'nuthatch';
import { ioError } from 'nuthatch/node';
import { type Compression, readName } from './formats.js';

/** One file of the input, or standard input: `-`. */
export interface Source {
  readonly path: string;
  /** Bytes; null of a stream. */
  readonly size: number | null;
  /** When it was written last, in milliseconds; null of a stream. */
  readonly modified: number | null;
}

/** The files that paths, folders and patterns name, in their order, those of one folder or pattern in that of their names. */
export async function findSources(paths: readonly string[]): Promise<Source[]> {
  const found: Source[] = [];
  for (const path of paths) {
    if (path === '-') {
      found.push({ path, size: null, modified: null });
      continue;
    }
    const info = await stat(path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' && (await loadGlob()).isDynamicPattern(path)) return null;
      throw failure(path, error);
    });
    if (info?.isFile()) {
      found.push(sourceOf(path, info));
      continue;
    }
    if (info !== null && !info.isDirectory()) {
      found.push({ path, size: null, modified: null });
      continue;
    }
    const options = info ? { cwd: path, absolute: true } : {};
    const { glob } = await loadGlob();
    const files = await glob(info ? ['**/*'] : [path], options);
    // Spark and its like leave marks beside their parts: _SUCCESS, .part-0.crc.
    const parts = files.filter(
      (file) => readName(basename(file)).format !== null && !/^[._]/.test(basename(file)),
    );
    if (parts.length === 0)
      throw new NuthatchError('io', '', `${JSON.stringify(path)} names no file of a known format`);
    for (const file of parts.sort()) found.push(sourceOf(file, await stat(file)));
  }
  return found;
}

/** A sixth of all that is loaded, for folders and patterns alone. */
const loadGlob = () => import('tinyglobby');

const sourceOf = (path: string, { size, mtimeMs }: Stats): Source => ({
  path,
  size,
  modified: mtimeMs,
});

/** Bytes of all; null where those of one are not known. */
export const sizeOf = (sources: readonly Source[]): number | null =>
  sources.some(({ size }) => size === null)
    ? null
    : sources.reduce((sum, { size }) => sum + size!, 0);

/** The bytes of a source, decompressed where its name says so; `seen` is told how many of the file have been read, `stop` ends it. */
export async function* openSource(
  { path }: Source,
  seen: (bytes: number) => void,
  stop: AbortSignal,
): AsyncGenerator<Buffer> {
  const compression = path === '-' ? null : readName(path).compression;
  const file: Readable =
    path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 2 ** 20 });
  addAbortSignal(stop, file);
  try {
    if (compression === null) {
      for await (const chunk of file as AsyncIterable<Buffer>) {
        seen(chunk.length);
        yield chunk;
      }
      return;
    }
    const counted = new PassThrough({ highWaterMark: 2 ** 20 });
    counted.on('data', (chunk: Buffer) => seen(chunk.length));
    const plain = decompressor(compression, path);
    const failed = pipeline(file, counted, plain);
    failed.catch(() => undefined);
    for await (const chunk of plain as AsyncIterable<Buffer>) yield chunk;
    await failed;
  } catch (error) {
    throw error instanceof NuthatchError ? error : failure(path, error as NodeJS.ErrnoException);
  } finally {
    file.destroy();
  }
}

function decompressor(compression: Compression, path: string) {
  const options = { chunkSize: 2 ** 18 };
  if (compression === 'gzip') return zlib.createGunzip(options);
  if (compression === 'brotli') return zlib.createBrotliDecompress(options);
  const { createZstdDecompress } = zlib as unknown as {
    createZstdDecompress?: (options: object) => zlib.Gunzip;
  };
  return createZstdDecompress ? createZstdDecompress(options) : zstdDecompressor(path);
}

/** For Node before 22.15. A few bytes at a time: each four of them may be 128 KiB. */
const zstdDecompressor = (path: string): Duplex =>
  Duplex.from(async function* (chunks: AsyncIterable<Buffer>) {
    let found: Uint8Array[] = [];
    const zstd = new Decompress((bytes) => found.push(bytes));
    const take = (bytes: Uint8Array, ended: boolean): Uint8Array[] => {
      found = [];
      try {
        zstd.push(bytes, ended);
      } catch (error) {
        const { message } = error as Error;
        const code = /unexpected EOF/i.test(message) ? 'truncated' : 'malformed';
        throw new NuthatchError(code, path, `it cannot be decompressed: ${message}`);
      }
      return found;
    };
    for await (const chunk of chunks)
      for (let at = 0; at < chunk.length; at += 256)
        yield* take(chunk.subarray(at, at + 256), false);
    yield* take(new Uint8Array(0), true);
  });

/** What went wrong with a file, as the library says it. */
export function failure(path: string, error: NodeJS.ErrnoException): NuthatchError {
  const { code = '', message } = error;
  if (code === 'Z_BUF_ERROR' || code === 'ERR__ERROR_FORMAT_PADDING_1')
    return new NuthatchError('truncated', path, 'the compressed file ends too early');
  if (/^(Z_|ERR_|ZSTD_)/.test(code))
    return new NuthatchError('malformed', path, `it cannot be decompressed: ${message}`);
  return path === '-'
    ? new NuthatchError('io', '', `cannot read standard input: ${message}`)
    : ioError('read', path, error);
}
