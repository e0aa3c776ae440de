import { Unpackr } from 'msgpackr/unpack';
import { describeValue, NuthatchError, quote } from '../../src/errors.js';
import {
  type ArrayType,
  arrayTypes,
  defaultLimits,
  Fields,
  type Limits,
  type ModelDescription,
  type TypedArray,
  validateModel,
} from '../../src/ir/index.js';
import { crc32 } from './crc32.js';
import {
  checksumMarker,
  formatVersion,
  headerStart,
  knownCritical,
  magic,
  padMarker,
  payloadAlignment,
  payloadMarker,
  type TensorEntry,
  tensorAlignment,
  tensorKey,
  trailerBytes,
} from './layout.js';
import { scanMessagePack } from './scan.js';

export interface ReadNutOptions {
  /** Which bytes are compared with their checksum; `header` leaves out the tensors. Default `all`. */
  readonly checksum?: 'all' | 'header';
  readonly limits?: Partial<Limits>;
}

/** A file's parts, checked but not yet given a meaning. */
export interface NutParts {
  readonly version: string;
  readonly header: Record<string, unknown>;
  readonly tensors: readonly TensorEntry[];
  readonly model: ModelDescription;
}

/** Whether the bytes begin as a `.nut` file does. */
export function isNut(bytes: Uint8Array): boolean {
  return bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);
}

/**
 * Reads a `.nut` file. Tensors are views into `bytes` where those are aligned, so `bytes` must not change afterwards.
 *
 * @throws NuthatchError `not-a-model`, `truncated`, `unsupported-version`, `malformed`, `corrupt`, `limit-exceeded`, `invalid-model`
 */
export function readNut(bytes: Uint8Array, options: ReadNutOptions = {}): ModelDescription {
  return readNutParts(bytes, options).model;
}

/** As `readNut`, with the table of tensors and the version: what `inspect` shows. */
export function readNutParts(bytes: Uint8Array, options: ReadNutOptions = {}): NutParts {
  const limits = { ...defaultLimits, ...options.limits };
  const frame = readFrame(bytes, limits);
  verifyChecksums(bytes, frame, options.checksum ?? 'all');
  const header = decodeHeader(bytes.subarray(headerStart, frame.headerEnd));
  const fields = new Fields(header, 'header', limits);
  const unknown = fields.texts('critical').filter((name) => !knownCritical.has(name));
  if (unknown.length > 0) {
    const names = unknown.slice(0, 5).map(quote).join(', ');
    throw new NuthatchError(
      'unsupported-version',
      'critical',
      `this release does not know ${names}; update nuthatch`,
    );
  }
  const tensors = readTable(fields, frame.payloadEnd - frame.payloadStart);
  if (options.checksum !== 'header') verifyGaps(bytes, frame, tensors);
  const resolver = new TensorResolver(bytes, frame.payloadStart, tensors);
  const resolved = resolver.resolve(header) as Record<string, unknown>;
  resolver.checkAllUsed();
  return {
    version: `${frame.major}.${frame.minor}`,
    header,
    tensors,
    model: validateModel(resolved, limits),
  };
}

interface Frame {
  readonly major: number;
  readonly minor: number;
  readonly headerEnd: number;
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

/** Finds the parts and checks that they fill the file exactly. */
function readFrame(bytes: Uint8Array, limits: Limits): Frame {
  const fail = (at: number, message: string): never => {
    throw new NuthatchError('malformed', `byte ${at}`, message);
  };
  if (bytes.length > limits.fileBytes) {
    throw new NuthatchError(
      'limit-exceeded',
      '',
      `the file has ${bytes.length} bytes; the limit is ${limits.fileBytes}`,
    );
  }
  const known = Math.min(bytes.length, magic.length);
  for (let i = 0; i < known; i++) {
    if (bytes[i] !== magic[i])
      throw new NuthatchError('not-a-model', `byte ${i}`, 'this is not a .nut file');
  }
  const need = (end: number) => {
    if (end > bytes.length) {
      throw new NuthatchError(
        'truncated',
        '',
        `the file ends at byte ${bytes.length}, within what needs ${end} or more`,
      );
    }
  };
  need(headerStart);
  const major = bytes[magic.length]!;
  const minor = bytes[magic.length + 1]!;
  if (major > 0x7f || minor > 0x7f) fail(magic.length, 'a version is two small integers');
  if (major !== formatVersion.major) {
    throw new NuthatchError(
      'unsupported-version',
      `byte ${magic.length}`,
      `the file has format version ${major}.${minor}; this release reads ${formatVersion.major}.x. ` +
        (major > formatVersion.major ? 'Update nuthatch.' : 'No such version was ever released.'),
    );
  }
  const headerLimit = Math.min(bytes.length, headerStart + limits.headerBytes);
  const headerEnd = scanMessagePack(bytes, headerStart, headerLimit, limits);
  need(headerEnd + 2);
  if (bytes[headerEnd] !== padMarker) fail(headerEnd, 'expected the padding');
  const padEnd = headerEnd + 2 + bytes[headerEnd + 1]!;
  need(padEnd + 5);
  for (let i = headerEnd + 2; i < padEnd; i++)
    if (bytes[i] !== 0) fail(i, 'padding that is not zero');
  if (bytes[padEnd] !== payloadMarker) fail(padEnd, 'expected the payload');
  const payloadStart = padEnd + 5;
  if (payloadStart % payloadAlignment !== 0)
    fail(payloadStart, `the payload is not aligned to ${payloadAlignment}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const payloadEnd = payloadStart + view.getUint32(padEnd + 1);
  need(payloadEnd + trailerBytes);
  if (bytes.length > payloadEnd + trailerBytes)
    fail(payloadEnd + trailerBytes, 'bytes after the end');
  checksumMarker.forEach((byte, i) => {
    if (bytes[payloadEnd + i] !== byte) fail(payloadEnd + i, 'expected the checksums');
  });
  return { major, minor, headerEnd, payloadStart, payloadEnd };
}

function verifyChecksums(bytes: Uint8Array, frame: Frame, checksum: 'all' | 'header'): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { payloadStart, payloadEnd } = frame;
  const head = crc32(bytes, 0, payloadStart);
  const announced = view.getUint32(payloadEnd + 2);
  if (head !== announced) throw new NuthatchError('corrupt', 'header', damaged(head, announced));
  if (checksum === 'header') return;
  const all = crc32(bytes, payloadStart, payloadEnd + 2, head);
  const whole = view.getUint32(payloadEnd + 6);
  if (all === whole) return;
  const place = findDamage(bytes, frame);
  throw new NuthatchError('corrupt', place, damaged(all, whole));
}

function damaged(found: number, announced: number): string {
  const hex = (value: number) => value.toString(16).padStart(8, '0');
  return `the file is damaged: its checksum is ${hex(found)}, it says ${hex(announced)}. Copy or convert it again.`;
}

/** The damaged tensor's name, for the message; the header's own checksum has held by now. */
function findDamage(bytes: Uint8Array, frame: Frame): string {
  const header = decodeHeader(bytes.subarray(headerStart, frame.headerEnd));
  try {
    const table = readTable(
      new Fields(header, 'header', defaultLimits),
      frame.payloadEnd - frame.payloadStart,
    );
    const bad = table.find((entry) => {
      const start = frame.payloadStart + entry.offset;
      return crc32(bytes, start, start + entry.length) !== entry.crc32;
    });
    return bad === undefined ? 'payload' : `tensor ${quote(bad.name)}`;
  } catch {
    return 'payload';
  }
}

/** Decodes scanned bytes. Maps become null-prototype objects, so that no name from a file means anything to JavaScript. */
function decodeHeader(bytes: Uint8Array): Record<string, unknown> {
  const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: false, int64AsType: 'number' });
  const plain = toPlain(unpackr.unpack(bytes));
  if (plain === null || typeof plain !== 'object' || Array.isArray(plain)) {
    throw new NuthatchError('malformed', `byte ${headerStart}`, 'the header is not a map');
  }
  return plain as Record<string, unknown>;
}

function toPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toPlain);
  if (!(value instanceof Map)) return value;
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, item] of value) result[key as string] = toPlain(item);
  return result;
}

function readTable(header: Fields, payloadLength: number): TensorEntry[] {
  let end = 0;
  return header.list('tensors').map((value, i) => {
    const f = new Fields(value, `tensors[${i}]`, header.limits);
    const dtype = f.oneOf('dtype', Object.keys(arrayTypes) as ArrayType[]);
    const shape = f.list('shape') as number[];
    if (shape.length !== 1) f.fail('shape', 'expected one length');
    const offset = f.integer('offset', end, payloadLength);
    const length = f.integer('length', 0, payloadLength - offset);
    if (offset % tensorAlignment !== 0) f.fail('offset', `not a multiple of ${tensorAlignment}`);
    let bytes: number = arrayTypes[dtype].BYTES_PER_ELEMENT;
    for (const size of shape) {
      if (!Number.isInteger(size) || size < 0) f.fail('shape', 'expected lengths');
      bytes *= size;
    }
    if (bytes !== length) f.fail('length', `the shape needs ${bytes} bytes, not ${length}`);
    end = offset + length;
    return {
      name: f.text('name'),
      dtype,
      shape,
      offset,
      length,
      crc32: f.integer('crc32', 0, 2 ** 32 - 1),
    };
  });
}

/** Bytes between tensors are zero and fewer than the alignment: nothing can hide there. */
function verifyGaps(bytes: Uint8Array, frame: Frame, tensors: readonly TensorEntry[]): void {
  let end = 0;
  for (const next of [
    ...tensors.map((entry) => entry.offset),
    frame.payloadEnd - frame.payloadStart,
  ].entries()) {
    const [i, offset] = next;
    if (offset - end >= tensorAlignment) {
      throw new NuthatchError(
        'malformed',
        `byte ${frame.payloadStart + end}`,
        'bytes that belong to no tensor',
      );
    }
    for (let at = frame.payloadStart + end; at < frame.payloadStart + offset; at++) {
      if (bytes[at] !== 0)
        throw new NuthatchError('malformed', `byte ${at}`, 'padding that is not zero');
    }
    if (i < tensors.length) end = offset + tensors[i]!.length;
  }
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Puts tensors in the places of their references. */
class TensorResolver {
  readonly #payload: Uint8Array;
  readonly #entries: readonly TensorEntry[];
  readonly #used: boolean[];

  constructor(bytes: Uint8Array, payloadStart: number, entries: readonly TensorEntry[]) {
    if (!littleEndian)
      throw new NuthatchError('unsupported', '', 'nuthatch needs a little-endian machine');
    const payload = bytes.subarray(payloadStart);
    // A file inside a larger buffer (Node's pool, an archive) may lie at any offset; one copy then aligns all tensors.
    this.#payload = payload.byteOffset % 8 === 0 ? payload : payload.slice();
    this.#entries = entries;
    this.#used = entries.map(() => false);
  }

  resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item));
    if (value === null || typeof value !== 'object') return value;
    const map = value as Record<string, unknown>;
    if (Object.hasOwn(map, tensorKey)) {
      if (Object.keys(map).length > 1)
        throw new NuthatchError('malformed', 'header', 'a reference to a tensor with other keys');
      return this.#tensor(map[tensorKey]);
    }
    const result: Record<string, unknown> = Object.create(null);
    for (const key of Object.keys(map)) result[key] = this.resolve(map[key]);
    return result;
  }

  /** Bytes that no part of the model refers to could hold anything. */
  checkAllUsed(): void {
    const unused = this.#used.indexOf(false);
    if (unused !== -1)
      throw new NuthatchError('malformed', `tensors[${unused}]`, 'a tensor that is not used');
  }

  #tensor(index: unknown): TypedArray {
    const entry = typeof index === 'number' ? this.#entries[index] : undefined;
    if (entry === undefined)
      throw new NuthatchError('malformed', 'header', `there is no tensor ${describeValue(index)}`);
    // One use each: repeated references would let a small file ask for much work.
    if (this.#used[index as number])
      throw new NuthatchError('malformed', 'header', `tensor ${index} is used twice`);
    this.#used[index as number] = true;
    const type = arrayTypes[entry.dtype];
    const { buffer, byteOffset } = this.#payload;
    return new type(
      buffer as ArrayBuffer,
      byteOffset + entry.offset,
      entry.length / type.BYTES_PER_ELEMENT,
    );
  }
}
