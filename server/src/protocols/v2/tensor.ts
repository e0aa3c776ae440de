import { HttpError } from '../../http-error.js';

/** An array of the Open Inference Protocol: its values one after another, as its binary form, JSON or protobuf has them. */
export interface Tensor extends TensorHeader {
  /** Numbers, booleans, or strings of BYTES; null where a value is missing. */
  readonly data: TensorData;
}

export type TensorData =
  | Float64Array
  | Float32Array
  | readonly (number | boolean | string | null)[];

export interface TensorHeader {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** Sizes of elements, how one is read and written, and which integers one holds; strings have no size of their own. */
const numeric = {
  BOOL: integer(1, 0, 1, 'getUint8', 'setUint8'),
  UINT8: integer(1, 0, 2 ** 8 - 1, 'getUint8', 'setUint8'),
  UINT16: integer(2, 0, 2 ** 16 - 1, 'getUint16', 'setUint16'),
  UINT32: integer(4, 0, 2 ** 32 - 1, 'getUint32', 'setUint32'),
  UINT64: {
    bytes: 8,
    integers: [0, Number.MAX_SAFE_INTEGER],
    get: (view, at) => toNumber(view.getBigUint64(at, true)),
    set: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
  },
  INT8: integer(1, -(2 ** 7), 2 ** 7 - 1, 'getInt8', 'setInt8'),
  INT16: integer(2, -(2 ** 15), 2 ** 15 - 1, 'getInt16', 'setInt16'),
  INT32: integer(4, -(2 ** 31), 2 ** 31 - 1, 'getInt32', 'setInt32'),
  INT64: {
    bytes: 8,
    integers: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    get: (view, at) => toNumber(view.getBigInt64(at, true)),
    set: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
  },
  FP16: { bytes: 2, integers: null, get: halfAt, set: null },
  FP32: {
    bytes: 4,
    integers: null,
    get: (view, at) => view.getFloat32(at, true),
    set: (view, at, value) => view.setFloat32(at, value, true),
  },
  FP64: {
    bytes: 8,
    integers: null,
    get: (view, at) => view.getFloat64(at, true),
    set: (view, at, value) => view.setFloat64(at, value, true),
  },
} satisfies Readonly<Record<string, Numeric>>;

interface Numeric {
  readonly bytes: number;
  /** The least and the largest; null for fractions. */
  readonly integers: readonly [least: number, largest: number] | null;
  readonly get: (view: DataView, at: number) => number;
  /** null where no answer has the type. */
  readonly set: ((view: DataView, at: number, value: number) => void) | null;
}

function integer(
  bytes: number,
  least: number,
  largest: number,
  get: 'getUint8' | 'getInt8' | 'getUint16' | 'getInt16' | 'getUint32' | 'getInt32',
  set: 'setUint8' | 'setInt8' | 'setUint16' | 'setInt16' | 'setUint32' | 'setInt32',
): Numeric {
  return {
    bytes,
    integers: [least, largest],
    get: (view, at) => view[get](at, true),
    set: (view, at, value) => view[set](at, value, true),
  };
}

export type Datatype = keyof typeof numeric | 'BYTES';
export const datatypes: readonly string[] = [...Object.keys(numeric), 'BYTES'];

/** An integer that float64 holds, which are all that a model sees. */
export function toNumber(value: bigint): number {
  const number = Number(value);
  if (BigInt(number) !== value)
    throw new HttpError(400, 'input-range', `${value} is no integer that float64 holds`);
  return number;
}

function halfAt(view: DataView, at: number): number {
  const bits = view.getUint16(at, true);
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((size, length) => size * length, 1);

const mostLength = 2 ** 31;
export const isLength = (length: unknown): length is number =>
  Number.isInteger(length) && (length as number) >= 0 && (length as number) < mostLength;

/**
 * What a client says of a tensor, checked before its values are looked at.
 *
 * @param cells elements that a request may have
 * @throws HttpError 400, 413
 */
export function checkHeader(
  { name, datatype, shape }: { readonly [Key in keyof TensorHeader]?: unknown },
  cells: number,
  place: string,
): TensorHeader {
  const fail = (message: string): never => {
    throw new HttpError(400, 'malformed', message, place);
  };
  if (typeof name !== 'string') return fail('expected a tensor with a name');
  if (typeof datatype !== 'string' || !datatypes.includes(datatype))
    return fail(`expected a datatype of ${datatypes.join(', ')}`);
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every(isLength))
    return fail('expected a shape of whole numbers');
  if (sizeOf(shape) > cells)
    throw new HttpError(
      413,
      'limit-exceeded',
      `the shape has ${sizeOf(shape)} elements; a request may have ${cells}`,
      place,
    );
  return { name, datatype: datatype as Datatype, shape };
}

/** Values that came one by one, of the tensor's type and as many as its shape says. @throws HttpError 400 */
export function checkValues(
  { datatype, shape }: TensorHeader,
  values: readonly unknown[],
  place: string,
): TensorData {
  const count = sizeOf(shape);
  if (values.length !== count)
    throw new HttpError(
      400,
      'input-shape',
      `the shape has ${count} elements, data ${values.length}`,
      place,
    );
  const isOne = testOf(datatype);
  const wrong = values.findIndex((value) => value !== null && !isOne(value));
  if (wrong >= 0) throw new HttpError(400, 'input-type', `data[${wrong}] is no ${datatype}`, place);
  const data = values as readonly (number | boolean | string | null)[];
  if (datatype === 'FP32') return Float32Array.from(data, toFloat);
  return datatype === 'FP64' ? Float64Array.from(data, toFloat) : data;
}

const toFloat = (value: unknown): number => (value === null ? Number.NaN : (value as number));

function testOf(datatype: Datatype): (value: unknown) => boolean {
  if (datatype === 'BYTES') return (value) => typeof value === 'string';
  const { integers } = numeric[datatype];
  if (integers === null) return (value) => typeof value === 'number';
  const [least, largest] = integers;
  const isInteger = (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= largest;
  return datatype === 'BOOL'
    ? (value) => typeof value === 'boolean' || isInteger(value)
    : isInteger;
}

/** The values of a binary tensor, which has to be as long as its shape says. @throws HttpError 400 */
export function decode(
  { datatype, shape }: TensorHeader,
  bytes: Uint8Array,
  place: string,
): TensorData {
  const count = sizeOf(shape);
  if (datatype === 'BYTES') return decodeStrings(count, bytes, place);
  const { bytes: size, get } = numeric[datatype];
  if (bytes.length !== count * size)
    throw new HttpError(
      400,
      'input-shape',
      `expected ${count * size} bytes, found ${bytes.length}`,
      place,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data =
    datatype === 'FP32'
      ? new Float32Array(count)
      : datatype === 'FP64'
        ? new Float64Array(count)
        : new Array<number>(count);
  for (let i = 0; i < count; i++) data[i] = get(view, i * size);
  return data;
}

function decodeStrings(count: number, bytes: Uint8Array, place: string): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const strings: string[] = [];
  let at = 0;
  while (strings.length < count && at + 4 <= bytes.length) {
    const end = at + 4 + view.getUint32(at, true);
    if (end > bytes.length) break;
    strings.push(decodeString(bytes.subarray(at + 4, end), place));
    at = end;
  }
  if (strings.length < count || at !== bytes.length)
    throw new HttpError(400, 'input-shape', `expected ${count} strings with their lengths`, place);
  return strings;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function decodeString(bytes: Uint8Array, place: string): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new HttpError(400, 'malformed', 'a string that is not UTF-8', place);
  }
}

/** A tensor's values in little-endian bytes, row after row. */
export function encode({ datatype, data }: Tensor): Uint8Array {
  if (datatype === 'BYTES') return encodeStrings(data);
  const { bytes: size, set } = numeric[datatype];
  if (set === null) throw new Error(`no answer is ${datatype}`);
  const bytes = new Uint8Array(data.length * size);
  const view = new DataView(bytes.buffer);
  data.forEach((value: unknown, i: number) => {
    set(view, i * size, value === null ? Number.NaN : Number(value));
  });
  return bytes;
}

function encodeStrings(data: TensorData): Uint8Array {
  const parts: Uint8Array[] = [];
  data.forEach((value: unknown) => {
    const text = Buffer.from(String(value ?? ''));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    parts.push(length, text);
  });
  return Buffer.concat(parts);
}
