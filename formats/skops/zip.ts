import { NuthatchError, quote } from '../../src/errors.js';
import { crc32 } from '../crc32.js';
import { gunzip } from '../inflate.js';

/** A file in an archive, as its directory has it. */
interface Entry {
  readonly name: string;
  readonly compressed: boolean;
  readonly crc: number;
  readonly size: number;
  readonly bytes: Uint8Array;
}

export const isZip = (bytes: Uint8Array): boolean =>
  [0x50, 0x4b, 0x03, 0x04].every((byte, i) => bytes[i] === byte);

/** The files of an archive by their names. */
export type Archive = ReadonlyMap<string, Uint8Array>;

/**
 * Reads a zip archive of files that are stored or deflated. Only its directory says what is in it. They may take what the budget has left.
 *
 * @throws NuthatchError `truncated`, `malformed`, `unsupported`, `limit-exceeded`
 */
export async function readZip(bytes: Uint8Array, budget: { left: number }): Promise<Archive> {
  const entries = readDirectory(bytes);
  for (const { size } of entries) budget.left -= size;
  if (budget.left < 0)
    throw new NuthatchError('limit-exceeded', '', 'the archive inflates to many times its size');
  const files = new Map<string, Uint8Array>();
  for (const entry of entries) {
    if (files.has(entry.name)) throw malformed(`two files are called ${quote(entry.name)}`);
    files.set(entry.name, await contentOf(entry));
  }
  return files;
}

async function contentOf({ name, compressed, crc, size, bytes }: Entry): Promise<Uint8Array> {
  if (compressed) return gunzip(asGzip(bytes, crc, size), size, name);
  if (bytes.length !== size || crc32(bytes, 0, size) !== crc)
    throw malformed(`${quote(name)} is damaged`);
  return bytes;
}

/** The same deflated bytes as a gzip file, which every runtime inflates and checks. */
function asGzip(bytes: Uint8Array, crc: number, size: number): Uint8Array {
  const result = new Uint8Array(bytes.length + 18);
  result.set([0x1f, 0x8b, 8]);
  result.set(bytes, 10);
  const end = new DataView(result.buffer, bytes.length + 10);
  end.setUint32(0, crc, true);
  end.setUint32(4, size, true);
  return result;
}

const endLength = 22;
const longestComment = 0xffff;

function readDirectory(bytes: Uint8Array): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  // Where a field is full, the number is in a record of Zip64.
  if (count === 0xffff || at === 0xffffffff)
    throw new NuthatchError('unsupported', '', 'an archive of more than 65,534 files or 4 GiB');
  const entries: Entry[] = [];
  let taken = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50)
      throw malformed(`the directory ends after ${i} of ${count} files`);
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const [crc, length, size] = [16, 20, 24].map((field) => view.getUint32(at + field, true)) as [
      number,
      number,
      number,
    ];
    const [nameLength, extra, comment] = [28, 30, 32].map((field) =>
      view.getUint16(at + field, true),
    ) as [number, number, number];
    const local = view.getUint32(at + 42, true);
    const next = at + 46 + nameLength + extra + comment;
    if (next > end) throw malformed('a name of the directory goes beyond it');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if ((flags & 1) !== 0)
      throw new NuthatchError('unsupported', '', `${quote(name)} is encrypted`);
    if (method !== 0 && method !== 8)
      throw new NuthatchError(
        'unsupported',
        '',
        `${quote(name)} is compressed by method ${method}; stored and deflated files are read here`,
      );
    taken += length;
    if (taken > bytes.length) throw malformed('files share their bytes');
    entries.push({
      name,
      compressed: method === 8,
      crc,
      size,
      bytes: dataOf(view, bytes, local, length, name),
    });
    at = next;
  }
  return entries;
}

/** The last record, which comments may follow. */
function findEnd(view: DataView): number {
  const last = view.byteLength - endLength;
  for (let at = last; at >= Math.max(0, last - longestComment); at--)
    if (view.getUint32(at, true) === 0x06054b50) return at;
  throw new NuthatchError('truncated', '', 'the archive has no directory at its end');
}

function dataOf(
  view: DataView,
  bytes: Uint8Array,
  local: number,
  length: number,
  name: string,
): Uint8Array {
  if (local + 30 > bytes.length || view.getUint32(local, true) !== 0x04034b50)
    throw malformed(`${quote(name)} is not where the directory says`);
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + length > bytes.length) throw malformed(`${quote(name)} goes beyond the archive`);
  return bytes.subarray(start, start + length);
}

const malformed = (message: string) => new NuthatchError('malformed', '', message);
