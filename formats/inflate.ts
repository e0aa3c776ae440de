import { NuthatchError } from '../src/errors.js';
import type { Limits } from '../src/ir/index.js';
import type { ImportProgress } from './format.js';

/** How many times its own size a file may grow to, and how many times the limit of files. */
const mostTimes = 200;
const mostFiles = 2;

/** Compressions by their first bytes. Two of them every runtime has; the others would each bring more code than all formats. */
const compressions: readonly {
  readonly name: string;
  readonly start: readonly number[];
  readonly format: 'gzip' | 'deflate' | null;
}[] = [
  { name: 'gzip', start: [0x1f, 0x8b], format: 'gzip' },
  { name: 'bz2', start: [0x42, 0x5a, 0x68], format: null },
  { name: 'xz', start: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], format: null },
  { name: 'lzma', start: [0x5d, 0x00, 0x00], format: null },
  { name: 'lz4', start: [0x04, 0x22, 0x4d, 0x18], format: null },
  { name: 'zstd', start: [0x28, 0xb5, 0x2f, 0xfd], format: null },
];

/** As `zlib` of Python and joblib writes it: a window of 32 kB, and a check of the two bytes. */
const isZlib = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x78 && bytes.length > 2 && (bytes[0] * 256 + bytes[1]!) % 31 === 0;

/**
 * The bytes of a file as they are, or what they are compressed from.
 *
 * @throws NuthatchError `unsupported` for compressions that are not read here, `limit-exceeded`, `malformed`
 */
export async function inflate(
  bytes: Uint8Array,
  limits: Limits,
  onProgress?: ImportProgress,
): Promise<Uint8Array> {
  const found = compressions.find(({ start }) => start.every((byte, i) => bytes[i] === byte));
  const { name, format } = found ?? { name: 'zlib', format: isZlib(bytes) ? 'deflate' : null };
  if (found === undefined && format === null) return bytes;
  if (format === null) {
    throw new NuthatchError(
      'unsupported',
      '',
      `the file is compressed by ${name}; zlib and gzip are read here. ` +
        "Write it again in Python: joblib.dump(joblib.load('model.joblib'), 'plain.joblib')",
    );
  }
  return inflateWithin(
    bytes,
    format,
    Math.min(mostFiles * limits.fileBytes, mostTimes * bytes.length),
    name,
    onProgress,
  );
}

/** What gzip data inflates to, which has at most so many bytes; `name` says in refusals whose it is. */
export const gunzip = (bytes: Uint8Array, most: number, name: string): Promise<Uint8Array> =>
  inflateWithin(bytes, 'gzip', most, name);

async function inflateWithin(
  bytes: Uint8Array,
  format: 'gzip' | 'deflate',
  most: number,
  name: string,
  onProgress?: ImportProgress,
): Promise<Uint8Array> {
  if (globalThis.DecompressionStream === undefined) {
    throw new NuthatchError(
      'unsupported',
      '',
      `${name} data is compressed, and this runtime has no DecompressionStream: inflate it first`,
    );
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of inflating(bytes, format, onProgress)) {
      length += piece.length;
      if (length > most) break;
      pieces.push(piece);
    }
  } catch (error) {
    throw new NuthatchError(
      'malformed',
      '',
      `the ${name} data is damaged: ${(error as Error).message}`,
    );
  }
  if (length > most) {
    throw new NuthatchError('limit-exceeded', '', `the file inflates to more than ${most} bytes`);
  }
  return concatenate(pieces, length);
}

/** Handed over in parts, so that no more than these is inflated before somebody asks for it. */
const partBytes = 2 ** 16;

async function* inflating(
  bytes: Uint8Array,
  format: 'gzip' | 'deflate',
  onProgress?: ImportProgress,
): AsyncGenerator<Uint8Array, void> {
  let at = 0;
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + partBytes) as Uint8Array<ArrayBuffer>);
      at += partBytes;
      onProgress?.('inflate', Math.min(at / bytes.length, 1));
    },
  });
  // Not `for await`: streams of Safari have no iterator.
  const reader = source.pipeThrough(new DecompressionStream(format)).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function concatenate(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const result = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    result.set(piece, at);
    at += piece.length;
  }
  return result;
}
