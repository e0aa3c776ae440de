import { isAscii } from 'node:buffer';
import { NuthatchError } from 'nuthatch';
import { list } from '../list.js';
import type { ArrowColumn } from './body.js';
import type { ArrowType } from './schema.js';

/** Texts of a column may not be longer together: views and dictionaries name one of them many times. */
const mostText = 2 ** 28;

/** Numbers as they lie in a column, what stands in gaps included. */
type Numbers =
  | Float64Array
  | Float32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** The dictionary of a column, in the parts that it came in. */
export type DictionaryOf = (column: ArrowColumn) => readonly ArrowColumn[];

const isValid = (valid: Buffer | null, row: number): boolean =>
  valid === null || ((valid[row >> 3]! >> (row & 7)) & 1) === 1;

/** The numbers of a column, float32 where it is; missing ones are NaN. */
export function numbersOf(
  column: ArrowColumn,
  dictionaryOf: DictionaryOf,
): Float64Array | Float32Array {
  const { field, length, valid } = column;
  if (field.type.kind === 'null') return new Float64Array(length).fill(Number.NaN);
  if (field.dictionary) {
    const parts = dictionaryOf(column).map((part) => numbersOf(part, dictionaryOf));
    const single = parts.length > 0 && parts.every((part) => part instanceof Float32Array);
    const picked = pick(
      column,
      parts.flatMap((part) => Array.from(part)),
    );
    const numbers = picked.map((value) => value ?? Number.NaN);
    return single ? Float32Array.from(numbers) : Float64Array.from(numbers);
  }
  const raw = rawNumbers(column, field.type);
  const isFloat = raw instanceof Float64Array || raw instanceof Float32Array;
  if (isFloat && valid === null) return raw;
  // Integers become the nearest floats, as in numpy.
  const numbers = isFloat ? raw.slice() : Float64Array.from(raw as ArrayLike<number>, Number);
  for (let row = 0; row < length; row++) if (!isValid(valid, row)) numbers[row] = Number.NaN;
  return numbers;
}

/** The texts of a column; null where there is none. */
export function textsOf(column: ArrowColumn, dictionaryOf: DictionaryOf): (string | null)[] {
  const { field, length, valid, buffers, before } = column;
  const { type } = field;
  if (type.kind === 'null') return new Array<null>(length).fill(null);
  if (type.kind !== 'text') throw new RangeError('no texts');
  if (field.dictionary) {
    const texts = pick(
      column,
      dictionaryOf(column).flatMap((part) => textsOf(part, dictionaryOf)),
    );
    let total = 0;
    for (const text of texts) total += text?.length ?? 0;
    checkText(total);
    return texts;
  }
  if (type.bits === 0) return textsOfViews(column);
  const texts = new Array<string | null>(length).fill(null);
  if (length === 0) return texts;
  const offsets = view<Int32Array | BigInt64Array>(
    buffers[0]!,
    type.bits === 32 ? 'int32' : 'int64',
    length + 1,
  );
  const textOf = textReader(buffers[1]!);
  for (let row = 0, start = Number(offsets[0]) - before; row < length; row++) {
    const end = Number(offsets[row + 1]) - before;
    if (isValid(valid, row)) texts[row] = textOf(start, end);
    start = end;
  }
  return texts;
}

/** A view of 16 bytes is a length, and a text, or the number of a buffer and a place in it. */
function textsOfViews({ buffers, length, valid }: ArrowColumn): (string | null)[] {
  const [views, ...rest] = buffers as [Buffer, ...Buffer[]];
  if (16 * length > views.length) throw tooShort();
  let total = 0;
  return list(length, (row) => {
    if (!isValid(valid, row)) return null;
    const at = 16 * row;
    const size = views.readInt32LE(at);
    total += size;
    checkText(total);
    if (size <= 12) return readText(views, at + 4, at + 4 + size);
    const bytes = rest[views.readInt32LE(at + 8)];
    if (bytes === undefined) throw new RangeError('a text in a buffer that is not there');
    const start = views.readInt32LE(at + 12);
    return readText(bytes, start, start + size);
  });
}

/** What reads texts that stand one behind the other. */
function textReader(bytes: Buffer): (start: number, end: number) => string {
  if (!isAscii(bytes)) return (start, end) => readText(bytes, start, end);
  const all = bytes.toString('latin1');
  return (start, end) => {
    checkRegion(bytes, start, end);
    return all.slice(start, end);
  };
}

function readText(bytes: Buffer, start: number, end: number): string {
  checkRegion(bytes, start, end);
  return utf8.decode(bytes.subarray(start, end));
}

function checkRegion(bytes: Buffer, start: number, end: number): void {
  if (!(start >= 0 && start <= end && end <= bytes.length))
    throw new RangeError('a text outside of its buffer');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function checkText(length: number): void {
  if (length > mostText)
    throw new NuthatchError('limit-exceeded', '', `texts of more than ${mostText} characters`);
}

/** The cells of a column: numbers, integers that may be large, true and false, times, texts; null where there is none. */
export function cellsOf(column: ArrowColumn, dictionaryOf: DictionaryOf): readonly unknown[] {
  const { field, length, valid } = column;
  const { type } = field;
  if (type.kind === 'text' || type.kind === 'null') return textsOf(column, dictionaryOf);
  if (field.dictionary)
    return pick(
      column,
      dictionaryOf(column).flatMap((part) => cellsOf(part, dictionaryOf)),
    );
  const raw = rawNumbers(column, type);
  const cell =
    type.kind === 'bool'
      ? (value: number | bigint) => value === 1
      : type.kind === 'time'
        ? timeOf(type.perSecond)
        : (value: number | bigint) => value;
  return list(length, (row) => (isValid(valid, row) ? cell(raw[row]!) : null));
}

/** Times as Date holds them, in whole milliseconds. */
function timeOf(perSecond: number): (value: number | bigint) => Date {
  return (value) => {
    const whole = perSecond <= 1000;
    const each = BigInt(Math.max(1, perSecond / 1000));
    if (!whole && BigInt(value) % each !== 0n)
      throw new NuthatchError('unsupported', '', 'times of parts of a millisecond');
    const date = new Date(
      whole ? Number(value) * (1000 / perSecond) : Number(BigInt(value) / each),
    );
    if (Number.isNaN(date.getTime())) throw new RangeError('a time that no calendar has');
    return date;
  };
}

/** Of a dictionary's values those that a column names. */
function pick<T>(column: ArrowColumn, known: ArrayLike<T>): (T | null)[] {
  const { field, length, valid } = column;
  const indices = rawNumbers(column, field.dictionary!.index);
  return list(length, (row) => {
    if (!isValid(valid, row)) return null;
    const index = Number(indices[row]);
    if (!(index >= 0 && index < known.length))
      throw new RangeError(`number ${index} of a dictionary of ${known.length}`);
    return known[index]!;
  });
}

const arrays = {
  float64: Float64Array,
  float32: Float32Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
} as const;

function rawNumbers({ buffers: [bytes], length }: ArrowColumn, type: ArrowType): Numbers {
  if (bytes === undefined) throw tooShort();
  switch (type.kind) {
    case 'float':
      return type.bits === 16
        ? Float32Array.from(view<Uint16Array>(bytes, 'uint16', length), halfFloat)
        : view(bytes, type.bits === 32 ? 'float32' : 'float64', length);
    case 'int':
      return view(bytes, `${type.signed ? 'int' : 'uint'}${type.bits}` as 'int8', length);
    case 'time':
      return view(bytes, type.bits === 32 ? 'int32' : 'int64', length);
    case 'bool':
      if (8 * bytes.length < length) throw tooShort();
      return Uint8Array.from({ length }, (_, row) => Number(isValid(bytes, row)));
    default:
      throw new RangeError('no numbers');
  }
}

/** Numbers where they stand, if they stand well, else copies. */
function view<T>(bytes: Buffer, kind: keyof typeof arrays, length: number): T {
  const Kind = arrays[kind];
  const size = length * Kind.BYTES_PER_ELEMENT;
  if (!(size <= bytes.length)) throw tooShort();
  const { buffer, byteOffset } =
    bytes.byteOffset % Kind.BYTES_PER_ELEMENT === 0
      ? bytes
      : Uint8Array.from(bytes.subarray(0, size));
  return new Kind(buffer as ArrayBuffer, byteOffset, length) as T;
}

const tooShort = () => new RangeError('a buffer is too short');

function halfFloat(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
