import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { NuthatchError } from 'nuthatch';
import { type Compression, type OutputFormat, readName } from './formats.js';
import type { Output } from './output.js';

type Compress = (bytes: Uint8Array) => Promise<Uint8Array>;
type Callback = (error: Error | null, compressed: Buffer) => void;

const { zstdCompress } = zlib as unknown as {
  readonly zstdCompress?: (bytes: Uint8Array, callback: Callback) => void;
};

/** What compresses parts that may stand behind one another; null where that is not possible. */
const compressors: Readonly<Record<Compression, Compress | null>> = {
  gzip: promisify((bytes: Uint8Array, callback: Callback) => zlib.gzip(bytes, callback)),
  brotli: null,
  zstd: zstdCompress ? promisify(zstdCompress) : null,
};

/** Refuses an output whose name promises what cannot be written. @throws NuthatchError `unsupported` */
export function checkCompression(path: string, format: OutputFormat): void {
  const { compression } = readName(path);
  if (compression === null) return;
  if (!['csv', 'ndjson', 'json'].includes(format))
    throw new NuthatchError('unsupported', path, `${format} is not compressed as a whole`);
  if (compressors[compression] === null)
    throw new NuthatchError(
      'unsupported',
      path,
      compression === 'zstd'
        ? 'Node writes zstd from version 22.15; name it .gz'
        : 'brotli is not written; name it .gz',
    );
}

/**
 * An output that is compressed where its name says so: each part for itself, so that a later run can continue behind it. What reads gzip or zstd
 * takes parts that stand behind one another for one file.
 */
export function compressOutput(output: Output, path: string): Output {
  const { compression } = readName(path);
  const compress = compression && compressors[compression];
  if (!compress) return output;
  return {
    get position() {
      return output.position;
    },
    file: output.file,
    async write(bytes) {
      if (bytes.length > 0) await output.write(await compress(bytes));
    },
    sync: () => output.sync(),
    finish: () => output.finish(),
    abandon: (keep) => output.abandon(keep),
  };
}
