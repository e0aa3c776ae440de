import { quote, refuse } from '../../src/errors.js';
import {
  defaultLimits,
  fieldsOf,
  type Limits,
  list,
  type ModelDescription,
  type ProveTrees,
  type Rules,
  read,
  text,
  validateModel,
} from '../../src/ir/index.js';
import { crc32 } from '../crc32.js';
import { decodeHeader } from './header.js';
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
} from './layout.js';
import { readTensorTable, resolveTensors } from './tensors.js';

export interface ReadNutOptions {
  /** Which bytes are compared with their checksum; `header` leaves out the tensors. Default `all`. */
  readonly checksum?: 'all' | 'header';
  readonly limits?: Partial<Limits>;
  /** Puts the file, once its size and header are checked, where its tensors are to lie. */
  readonly accelerator?: FileAccelerator | null;
}

/** What of an accelerator concerns files: see `Accelerator`. */
export interface FileAccelerator {
  place(bytes: Uint8Array): Uint8Array;
  condense?(bytes: Uint8Array, start: number, end: number, crc: number): Uint8Array | null;
  readonly proveTrees?: ProveTrees;
}

/** A file's content before it has a meaning: checked as a file, not yet as a model. */
export interface NutContent {
  readonly version: string;
  /** The header, with tensors in the places of their references. */
  readonly header: unknown;
  readonly tensors: readonly TensorEntry[];
  readonly limits: Rules;
}

/** Whether the bytes begin as a `.nut` file does. */
export function isNut(bytes: Uint8Array): boolean {
  return bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);
}

/**
 * Reads a whole `.nut` file. Tensors are views into `bytes` where those are aligned, so `bytes` must not change afterwards.
 *
 * @throws NuthatchError `not-a-model`, `truncated`, `unsupported-version`, `malformed`, `corrupt`, `limit-exceeded`, `invalid-model`
 */
export function readNut(bytes: Uint8Array, options: ReadNutOptions = {}): ModelDescription {
  const { header, limits } = readNutContent(bytes, options);
  return validateModel(header, limits);
}

/** The checked content of a file, with its version and its table of tensors. */
export function readNutContent(file: Uint8Array, options: ReadNutOptions = {}): NutContent {
  const { accelerator } = options;
  const limits = {
    ...defaultLimits,
    ...options.limits,
    proveTrees: accelerator?.proveTrees,
  };
  const frame = readFrame(file, limits);
  const { payloadStart, payloadEnd } = frame;
  const headCrc = crc32(file, 0, payloadStart);
  if (headCrc !== frame.checksums[0]) refuseDamage('header');
  const header = fieldsOf(frame.header, 'header', limits);
  const unknown = read(header, 'critical', list(text)).filter((name) => !knownCritical.has(name));
  if (unknown.length > 0) {
    const names = unknown.slice(0, 5).map(quote).join(', ');
    refuseVersion('critical', `this release does not know ${names}`);
  }
  const tensors = readTensorTable(header, payloadEnd - payloadStart);
  const bytes = accelerator?.place(file) ?? file;
  const payload = bytes.subarray(payloadStart, payloadEnd);
  if (options.checksum !== 'header') verifyPayload(bytes, frame, headCrc, tensors, accelerator);
  return {
    version: `${formatVersion.major}.${frame.minor}`,
    header: resolveTensors(frame.header, payload, tensors),
    tensors,
    limits,
  };
}

const refuseVersion = (path: string, message: string): never =>
  refuse('unsupported-version', path, `${message}; update nuthatch`);

interface Frame {
  readonly minor: number;
  readonly header: unknown;
  readonly payloadStart: number;
  readonly payloadEnd: number;
  /** Of the bytes before the payload, and of all before the checksums. */
  readonly checksums: readonly [head: number, whole: number];
}

/** Finds the parts and checks that they fill the file exactly. */
function readFrame(bytes: Uint8Array, limits: Limits): Frame {
  const { length } = bytes;
  let at = 0;
  /** Moves past `count` bytes and returns where they begin. */
  const take = (count: number): number => {
    at += count;
    if (at > length) refuse('truncated', '', `the file ends at byte ${length} of ${at} or more`);
    return at - count;
  };
  const uint32 = (): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(take(4));
  const expect = (expected: ArrayLike<number>, what: string): void => {
    const from = take(expected.length);
    for (let i = 0; i < expected.length; i++)
      if (bytes[from + i] !== expected[i]) malformed(from + i, `expected ${what}`);
  };
  if (length > limits.fileBytes) {
    const message = `the file has ${length} bytes; the limit is ${limits.fileBytes}`;
    refuse('limit-exceeded', '', message);
  }
  if (!magic.subarray(0, length).every((byte, i) => bytes[i] === byte))
    refuse('not-a-model', '', 'this is not a .nut file');
  take(headerStart);
  const { major } = formatVersion;
  const [found, minor] = bytes.subarray(magic.length);
  if (found !== major || minor! > 0x7f) {
    const message = `the file has format version ${found}.${minor}, this release reads ${major}.x`;
    refuseVersion(`byte ${magic.length}`, message);
  }
  const headerLimit = Math.min(length, at + limits.headerBytes);
  const { value: header, end: headerEnd } = decodeHeader(bytes, at, headerLimit, limits);
  at = headerEnd;
  expect([padMarker], 'the padding');
  const padding = new Uint8Array(bytes[take(1)]!);
  if (padding.length >= payloadAlignment) malformed(at - 1, 'too much padding');
  expect(padding, 'padding of zeros');
  expect([payloadMarker], 'the payload');
  const payloadLength = uint32();
  if (at % payloadAlignment !== 0) malformed(at, 'the payload is not aligned');
  const payloadStart = take(payloadLength);
  expect(checksumMarker, 'the checksums');
  const checksums = [uint32(), uint32()] as const;
  if (length > at) malformed(at, 'bytes after the end');
  return {
    minor: minor!,
    header,
    payloadStart,
    payloadEnd: payloadStart + payloadLength,
    checksums,
  };
}

const malformed = (at: number, message: string): never =>
  refuse('malformed', `byte ${at}`, message);

/** Compares the checksum of the whole file; where it differs, names the tensor that is damaged. */
function verifyPayload(
  bytes: Uint8Array,
  { payloadStart, payloadEnd, checksums }: Frame,
  headCrc: number,
  tensors: readonly TensorEntry[],
  accelerator: FileAccelerator | null | undefined,
): void {
  const end = payloadEnd + 2;
  const rest = accelerator?.condense?.(bytes, payloadStart, end, ~headCrc);
  const crc = rest ? crc32(rest, 0, rest.length, -1) : crc32(bytes, payloadStart, end, headCrc);
  if (crc !== checksums[1]) {
    const damaged = tensors.find(({ offset, length, crc32: expected }) => {
      const start = payloadStart + offset;
      return crc32(bytes, start, start + length) !== expected;
    });
    refuseDamage(damaged ? `tensor ${quote(damaged.name)}` : 'payload');
  }
  let next = 0;
  // Bytes between tensors are zero: nothing can hide there.
  for (const { offset, length } of [...tensors, { offset: payloadEnd - payloadStart, length: 0 }]) {
    for (let at = payloadStart + next; at < payloadStart + offset; at++) {
      if (bytes[at] !== 0) malformed(at, 'padding that is not zero');
    }
    next = offset + length;
  }
}

const refuseDamage = (place: string): never =>
  refuse('corrupt', place, 'the file is damaged (its checksum differs); copy or convert it again');
