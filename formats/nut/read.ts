import { quote, refuse } from '../../src/errors.js';
import {
  defaultLimits,
  Fields,
  type Limits,
  type ModelDescription,
  type RunnableModel,
  validateModel,
  validateRunnable,
} from '../../src/ir/index.js';
import { crc32 } from './crc32.js';
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
  trailerBytes,
} from './layout.js';
import { readTensorTable, resolveTensors } from './tensors.js';

export interface ReadNutOptions {
  /** Which bytes are compared with their checksum; `header` leaves out the tensors. Default `all`. */
  readonly checksum?: 'all' | 'header';
  readonly limits?: Partial<Limits>;
}

/** A file's content before it has a meaning: checked as a file, not yet as a model. */
export interface NutContent {
  readonly version: string;
  /** The header, with tensors in the places of their references. */
  readonly header: unknown;
  readonly tensors: readonly TensorEntry[];
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
  return validateModel(readNutContent(bytes, options).header, {
    ...defaultLimits,
    ...options.limits,
  });
}

/** As `readNut`, but only what predictions depend on: golden rows and provenance are neither checked nor kept. */
export function readRunnable(bytes: Uint8Array, options: ReadNutOptions = {}): RunnableModel {
  return validateRunnable(readNutContent(bytes, options).header, {
    ...defaultLimits,
    ...options.limits,
  });
}

/** The checked content of a file, with its version and its table of tensors. */
export function readNutContent(bytes: Uint8Array, options: ReadNutOptions = {}): NutContent {
  const limits = { ...defaultLimits, ...options.limits };
  const frame = readFrame(bytes, limits);
  const { payloadStart, payloadEnd } = frame;
  const headCrc = crc32(bytes, 0, payloadStart);
  refuseDamage('header', headCrc, readUint32(bytes, payloadEnd + 2));
  const header = new Fields(frame.header, 'header', limits);
  const unknown = header.texts('critical').filter((name) => !knownCritical.has(name));
  if (unknown.length > 0) {
    const names = unknown.slice(0, 5).map(quote).join(', ');
    refuseVersion('critical', `this release does not know ${names}`);
  }
  const tensors = readTensorTable(header, payloadEnd - payloadStart);
  const payload = bytes.subarray(payloadStart, payloadEnd);
  if (options.checksum !== 'header') verifyPayload(bytes, frame, headCrc, tensors);
  return {
    version: `${formatVersion.major}.${frame.minor}`,
    header: resolveTensors(frame.header, payload, tensors),
    tensors,
  };
}

function refuseVersion(path: string, message: string): never {
  return refuse('unsupported-version', path, `${message}; update nuthatch`);
}

interface Frame {
  readonly minor: number;
  readonly header: unknown;
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

/** Finds the parts and checks that they fill the file exactly. */
function readFrame(bytes: Uint8Array, limits: Limits): Frame {
  const { length } = bytes;
  const need = (end: number): void => {
    if (end > length) refuse('truncated', '', `the file ends at byte ${length} of ${end} or more`);
  };
  const expect = (at: number, expected: ArrayLike<number>, what: string): void => {
    for (let i = 0; i < expected.length; i++)
      if (bytes[at + i] !== expected[i]) malformed(at + i, `expected ${what}`);
  };
  if (length > limits.fileBytes) {
    const message = `the file has ${length} bytes; the limit is ${limits.fileBytes}`;
    refuse('limit-exceeded', '', message);
  }
  if (!magic.subarray(0, length).every((byte, i) => bytes[i] === byte))
    refuse('not-a-model', '', 'this is not a .nut file');
  need(headerStart);
  const { major } = formatVersion;
  const [found, minor] = bytes.subarray(magic.length);
  if (found !== major || minor! > 0x7f) {
    const message = `the file has format version ${found}.${minor}, this release reads ${major}.x`;
    refuseVersion(`byte ${magic.length}`, message);
  }
  const headerLimit = Math.min(length, headerStart + limits.headerBytes);
  const { value: header, end: headerEnd } = decodeHeader(bytes, headerStart, headerLimit, limits);
  const padStart = headerEnd + 2;
  need(padStart);
  expect(headerEnd, [padMarker], 'the padding');
  const padding = new Uint8Array(bytes[headerEnd + 1]!);
  const padEnd = padStart + padding.length;
  const payloadStart = padEnd + 5;
  need(payloadStart);
  if (padding.length >= payloadAlignment) malformed(headerEnd + 1, 'too much padding');
  expect(padStart, padding, 'padding of zeros');
  expect(padEnd, [payloadMarker], 'the payload');
  if (payloadStart % payloadAlignment !== 0) malformed(payloadStart, 'the payload is not aligned');
  const payloadEnd = payloadStart + readUint32(bytes, padEnd + 1);
  const end = payloadEnd + trailerBytes;
  need(end);
  if (length > end) malformed(end, 'bytes after the end');
  expect(payloadEnd, checksumMarker, 'the checksums');
  return { minor: minor!, header, payloadStart, payloadEnd };
}

function malformed(at: number, message: string): never {
  return refuse('malformed', `byte ${at}`, message);
}

/** Compares the checksum of the whole file; where it differs, names the tensor that is damaged. */
function verifyPayload(
  bytes: Uint8Array,
  { payloadStart, payloadEnd }: Frame,
  headCrc: number,
  tensors: readonly TensorEntry[],
): void {
  const found = crc32(bytes, payloadStart, payloadEnd + 2, headCrc);
  const announced = readUint32(bytes, payloadEnd + 6);
  if (found !== announced) {
    const damaged = tensors.find(({ offset, length, crc32: expected }) => {
      const start = payloadStart + offset;
      return crc32(bytes, start, start + length) !== expected;
    });
    refuseDamage(damaged ? `tensor ${quote(damaged.name)}` : 'payload', found, announced);
  }
  let end = 0;
  // Bytes between tensors are zero: nothing can hide there.
  for (const { offset, length } of [...tensors, { offset: payloadEnd - payloadStart, length: 0 }]) {
    for (let at = payloadStart + end; at < payloadStart + offset; at++) {
      if (bytes[at] !== 0) malformed(at, 'padding that is not zero');
    }
    end = offset + length;
  }
}

function refuseDamage(place: string, found: number, announced: number): void {
  if (found === announced) return;
  const hex = (value: number) => value.toString(16).padStart(8, '0');
  refuse(
    'corrupt',
    place,
    `the file is damaged (checksum ${hex(found)}, not ${hex(announced)}); copy or convert it again`,
  );
}

function readUint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
}
