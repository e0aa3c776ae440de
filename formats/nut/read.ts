import { NuthatchError, quote } from '../../src/errors.js';
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
  const headCrc = verifyHead(bytes, frame);
  const header = new Fields(frame.header, 'header', limits);
  refuseUnknownCritical(header);
  const tensors = readTensorTable(header, payloadEnd - payloadStart);
  const payload = bytes.subarray(payloadStart, payloadEnd);
  if (options.checksum !== 'header') verifyPayload(bytes, frame, headCrc, tensors);
  return {
    version: `${formatVersion.major}.${frame.minor}`,
    header: resolveTensors(frame.header, payload, tensors),
    tensors,
  };
}

function refuseUnknownCritical(header: Fields): void {
  const unknown = header.texts('critical').filter((name) => !knownCritical.has(name));
  if (unknown.length === 0) return;
  const names = unknown.slice(0, 5).map(quote).join(', ');
  throw new NuthatchError(
    'unsupported-version',
    'critical',
    `this release does not know ${names}; update nuthatch`,
  );
}

interface Frame {
  readonly minor: number;
  readonly header: unknown;
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

/** Finds the parts and checks that they fill the file exactly. */
function readFrame(bytes: Uint8Array, limits: Limits): Frame {
  const fail = (at: number, message: string): never => {
    throw new NuthatchError('malformed', `byte ${at}`, message);
  };
  const need = (end: number): void => {
    if (end <= bytes.length) return;
    throw new NuthatchError(
      'truncated',
      '',
      `the file ends at byte ${bytes.length} of ${end} or more`,
    );
  };
  const expect = (at: number, expected: ArrayLike<number>, what: string): void => {
    for (let i = 0; i < expected.length; i++)
      if (bytes[at + i] !== expected[i]) fail(at + i, `expected ${what}`);
  };
  if (bytes.length > limits.fileBytes) {
    throw new NuthatchError(
      'limit-exceeded',
      '',
      `the file has ${bytes.length} bytes; the limit is ${limits.fileBytes}`,
    );
  }
  if (!magic.subarray(0, bytes.length).every((byte, i) => bytes[i] === byte)) {
    throw new NuthatchError('not-a-model', '', 'this is not a .nut file');
  }
  need(headerStart);
  const minor = readVersion(bytes[magic.length]!, bytes[magic.length + 1]!);
  const headerLimit = Math.min(bytes.length, headerStart + limits.headerBytes);
  const { value: header, end: headerEnd } = decodeHeader(bytes, headerStart, headerLimit, limits);
  need(headerEnd + 2);
  expect(headerEnd, [padMarker], 'the padding');
  const padding = new Uint8Array(bytes[headerEnd + 1]!);
  const padEnd = headerEnd + 2 + padding.length;
  need(padEnd + 5);
  if (padding.length >= payloadAlignment) fail(headerEnd + 1, 'more padding than alignment needs');
  expect(headerEnd + 2, padding, 'padding of zeros');
  expect(padEnd, [payloadMarker], 'the payload');
  const payloadStart = padEnd + 5;
  if (payloadStart % payloadAlignment !== 0) fail(payloadStart, 'the payload is not aligned');
  const payloadEnd = payloadStart + readUint32(bytes, padEnd + 1);
  need(payloadEnd + trailerBytes);
  if (bytes.length > payloadEnd + trailerBytes)
    fail(payloadEnd + trailerBytes, 'bytes after the end');
  expect(payloadEnd, checksumMarker, 'the checksums');
  return { minor, header, payloadStart, payloadEnd };
}

/** Refuses another major version (and what is no version at all); returns the minor one. */
function readVersion(major: number, minor: number): number {
  if (major === formatVersion.major && minor <= 0x7f) return minor;
  throw new NuthatchError(
    'unsupported-version',
    `byte ${magic.length}`,
    `the file has format version ${major}.${minor}; this release reads ${formatVersion.major}.x. Update nuthatch.`,
  );
}

/** Compares the checksum of everything before the payload, and returns it. */
function verifyHead(bytes: Uint8Array, { payloadStart, payloadEnd }: Frame): number {
  const found = crc32(bytes, 0, payloadStart);
  refuseDamage('header', found, readUint32(bytes, payloadEnd + 2));
  return found;
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
    refuseDamage(
      damaged === undefined ? 'payload' : `tensor ${quote(damaged.name)}`,
      found,
      announced,
    );
  }
  let end = 0;
  // Bytes between tensors are zero: nothing can hide there.
  for (const { offset, length } of [...tensors, { offset: payloadEnd - payloadStart, length: 0 }]) {
    for (let at = payloadStart + end; at < payloadStart + offset; at++) {
      if (bytes[at] !== 0)
        throw new NuthatchError('malformed', `byte ${at}`, 'padding that is not zero');
    }
    end = offset + length;
  }
}

function refuseDamage(place: string, found: number, announced: number): void {
  if (found === announced) return;
  const hex = (value: number) => value.toString(16).padStart(8, '0');
  throw new NuthatchError(
    'corrupt',
    place,
    `the file is damaged (checksum ${hex(found)}, not ${hex(announced)}); copy or convert it again`,
  );
}

function readUint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
}
