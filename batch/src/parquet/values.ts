import { NuthatchError } from 'nuthatch';
import type { Arena } from '../arena.js';
import { list } from '../list.js';
import { readDeltaLengths, readDeltas, readDeltaTexts } from './delta.js';
import type { Field, Kind } from './field.js';
import { Runs } from './runs.js';

/** Cells one after another; booleans are 0 and 1, decimals texts, moments as the file counts them. */
export type Values =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Uint8Array
  | (string | null)[];

const encodings = {
  plain: 0,
  runs: 3,
  deltas: 5,
  deltaLengths: 6,
  deltaTexts: 7,
  split: 9,
} as const;

/** Cells `skip` to `skip + count` of the `total` ones that lie from `start` on. */
export interface Span {
  readonly bytes: Buffer;
  readonly start: number;
  readonly total: number;
  readonly skip: number;
  readonly count: number;
}

/** @throws NuthatchError `malformed`, `unsupported` */
export function readValues(encoding: number, field: Field, span: Span, arena: Arena): Values {
  const { bytes, start, total, skip, count } = span;
  const isText = field.physical === 'BYTE_ARRAY';
  switch (encoding) {
    case encodings.plain:
      if (isText) return textsOf(field, readTexts(span));
      return field.physical === 'BOOLEAN' ? readFlags(span) : readFixed(field, span, arena);
    case encodings.runs: {
      if (field.physical !== 'BOOLEAN') break;
      const end = endOfRuns(bytes, start);
      const runs = new Runs(bytes, start + 4, end, 1);
      const flags = new Uint8Array(count);
      runs.skip(skip);
      runs.read(flags);
      return flags;
    }
    case encodings.deltas: {
      if (field.physical !== 'INT32' && field.physical !== 'INT64') break;
      const out = new (field.physical === 'INT32' ? Int32Array : BigInt64Array)(count);
      // There is nothing of no integers in files of some writers.
      if (total > 0) readDeltas({ bytes, offset: start }, total, skip, out);
      return typed(field, Buffer.from(out.buffer), arena);
    }
    case encodings.deltaLengths:
    case encodings.deltaTexts: {
      if (!isText && field.physical !== 'FIXED_LEN_BYTE_ARRAY') break;
      const read = encoding === encodings.deltaLengths ? readDeltaLengths : readDeltaTexts;
      const texts = total === 0 ? [] : read(bytes, start, total).slice(skip, skip + count);
      if (isText) return textsOf(field, texts);
      if (texts.some(({ length }) => length !== field.width))
        throw malformed('a cell is too short');
      return typed(field, Buffer.concat(texts), arena);
    }
    case encodings.split:
      if (isText || field.physical === 'BOOLEAN' || field.physical === 'INT96') break;
      return typed(field, joinSplit(span, field.width), arena);
  }
  throw new NuthatchError('unsupported', '', `encoding ${encoding} of ${field.physical}`);
}

/** The end of runs behind their length. */
export function endOfRuns(bytes: Buffer, start: number): number {
  const left = bytes.length - start - 4;
  const length = left < 0 ? 0 : bytes.readUInt32LE(start);
  if (left < 0 || length > left) throw malformed('it ends too early');
  return start + 4 + length;
}

function readFixed(field: Field, { bytes, start, skip, count }: Span, arena: Arena): Values {
  const from = start + skip * field.width;
  const to = from + count * field.width;
  if (to > bytes.length) throw malformed('it ends too early');
  return typed(field, bytes.subarray(from, to), arena);
}

/** The bytes of cells as an array of their type, copied to where such may lie. */
function typed(field: Field, bytes: Buffer, arena: Arena): Values {
  const { kind, physical, scale, width } = field;
  const count = bytes.length / width;
  if (kind === 'int96') return new BigInt64Array(count).map((_, i) => nanosOf(bytes, i * width));
  if (kind === 'float16')
    return new Float32Array(count).map((_, i) => halfOf(bytes.readUInt16LE(i * width)));
  if (physical === 'FIXED_LEN_BYTE_ARRAY')
    return list(count, (i) =>
      decimalOf(integerOf(bytes.subarray(i * width, (i + 1) * width)), scale),
    );
  const values = arena.take(storedArrays[physical as keyof typeof storedArrays], count);
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(bytes);
  if (kind === 'uint32' || kind === 'uint64')
    return new arrayTypes[kind]!(values.buffer as ArrayBuffer, values.byteOffset, count);
  return kind === 'decimal'
    ? Array.from(values as ArrayLike<number | bigint>, (value) => decimalOf(BigInt(value), scale))
    : values;
}

const storedArrays = {
  INT32: Int32Array,
  INT64: BigInt64Array,
  FLOAT: Float32Array,
  DOUBLE: Float64Array,
} as unknown as Record<'INT32' | 'INT64' | 'FLOAT' | 'DOUBLE', Float64ArrayConstructor>;

const arrayTypes = {
  float64: Float64Array,
  float32: Float32Array,
  float16: Float32Array,
  int32: Int32Array,
  date: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  timestamp: BigInt64Array,
  int96: BigInt64Array,
  uint64: BigUint64Array,
  boolean: Uint8Array,
} as unknown as Partial<Record<Kind, Float64ArrayConstructor>>;

/** What holds the cells of a column; null where that is a list of texts, or there are none. */
export const arrayOf = ({ kind }: Field): Float64ArrayConstructor | null =>
  arrayTypes[kind!] ?? null;

function readFlags({ bytes, start, skip, count }: Span): Uint8Array {
  if (start + Math.ceil((skip + count) / 8) > bytes.length) throw malformed('it ends too early');
  const flags = new Uint8Array(count);
  for (let i = 0, bit = start * 8 + skip; i < count; i++, bit++)
    flags[i] = (bytes[bit >> 3]! >> (bit & 7)) & 1;
  return flags;
}

function readTexts({ bytes, start, skip, count }: Span): Buffer[] {
  const texts: Buffer[] = [];
  let at = start;
  for (let i = 0; i < skip + count; i++) {
    const left = bytes.length - at - 4;
    const length = left < 0 ? 0 : bytes.readUInt32LE(at);
    if (left < 0 || length > left) throw malformed('it ends too early');
    at += 4;
    if (i >= skip) texts.push(bytes.subarray(at, at + length));
    at += length;
  }
  return texts;
}

const textsOf = ({ kind, scale }: Field, texts: readonly Buffer[]): string[] =>
  texts.map((text) => (kind === 'decimal' ? decimalOf(integerOf(text), scale) : text.toString()));

/** The first bytes of all cells, then the second ones, and so on. */
function joinSplit({ bytes, start, total, skip, count }: Span, width: number): Buffer {
  if (start + total * width > bytes.length) throw malformed('it ends too early');
  const joined = Buffer.from(new ArrayBuffer(count * width));
  for (let part = 0; part < width; part++) {
    const from = start + part * total + skip;
    for (let i = 0; i < count; i++) joined[i * width + part] = bytes[from + i]!;
  }
  return joined;
}

/** An integer of any length, the high byte first. */
function integerOf(bytes: Buffer): bigint {
  if (bytes.length === 0) return 0n;
  if (bytes.length > 4096) throw malformed('a decimal is too long');
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
}

/** A decimal as a text, every digit kept. */
function decimalOf(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Nanoseconds since 1970 of those of a day and the day's Julian number. */
const nanosOf = (bytes: Buffer, at: number): bigint =>
  bytes.readBigInt64LE(at) + (BigInt(bytes.readUInt32LE(at + 8)) - 2440588n) * 86_400_000_000_000n;

function halfOf(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const malformed = (message: string): NuthatchError => new NuthatchError('malformed', '', message);
