import { HttpError } from '../../http-error.js';

/** An array of the Open Inference Protocol: its values one after another, as its binary form or JSON has them. */
export interface Tensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** Numbers, booleans, or strings of BYTES. */
  readonly data: ArrayLike<number> | readonly (number | boolean | string | null)[];
}

/** Sizes of elements, and how one is read; strings have no size of their own. */
const numeric = {
  BOOL: { bytes: 1, get: (view: DataView, at: number) => view.getUint8(at) },
  UINT8: { bytes: 1, get: (view: DataView, at: number) => view.getUint8(at) },
  UINT16: { bytes: 2, get: (view: DataView, at: number) => view.getUint16(at, true) },
  UINT32: { bytes: 4, get: (view: DataView, at: number) => view.getUint32(at, true) },
  UINT64: { bytes: 8, get: (view: DataView, at: number) => safe(view.getBigUint64(at, true)) },
  INT8: { bytes: 1, get: (view: DataView, at: number) => view.getInt8(at) },
  INT16: { bytes: 2, get: (view: DataView, at: number) => view.getInt16(at, true) },
  INT32: { bytes: 4, get: (view: DataView, at: number) => view.getInt32(at, true) },
  INT64: { bytes: 8, get: (view: DataView, at: number) => safe(view.getBigInt64(at, true)) },
  FP16: { bytes: 2, get: (view: DataView, at: number) => halfAt(view, at) },
  FP32: { bytes: 4, get: (view: DataView, at: number) => view.getFloat32(at, true) },
  FP64: { bytes: 8, get: (view: DataView, at: number) => view.getFloat64(at, true) },
} as const;

export type Datatype = keyof typeof numeric | 'BYTES';
export const datatypes: readonly string[] = [...Object.keys(numeric), 'BYTES'];

/** An integer that float64 holds, which are all that a model sees. */
function safe(value: bigint): number {
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

/** The values of a binary tensor, which has to be as long as its shape says. */
export function decode(
  datatype: Datatype,
  shape: readonly number[],
  bytes: Uint8Array,
  place: string,
): number[] | string[] {
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
  return Array.from({ length: count }, (_, i) => get(view, i * size));
}

function decodeStrings(count: number, bytes: Uint8Array, place: string): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const strings: string[] = [];
  let at = 0;
  while (strings.length < count && at + 4 <= bytes.length) {
    const end = at + 4 + view.getUint32(at, true);
    if (end > bytes.length) break;
    try {
      strings.push(decoder.decode(bytes.subarray(at + 4, end)));
    } catch {
      throw new HttpError(400, 'malformed', 'a string that is not UTF-8', place);
    }
    at = end;
  }
  if (strings.length < count || at !== bytes.length)
    throw new HttpError(400, 'input-shape', `expected ${count} strings with their lengths`, place);
  return strings;
}

/** A tensor's values in little-endian bytes, row after row. */
export function encode({ datatype, data }: Tensor): Uint8Array {
  const values = Array.from(data as ArrayLike<number | boolean | string | null>);
  if (datatype === 'BYTES') {
    const parts = values.map((value) => Buffer.from(String(value ?? '')));
    return Buffer.concat(
      parts.flatMap((part) => {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(part.length);
        return [length, part];
      }),
    );
  }
  const size = numeric[datatype].bytes;
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    const number = value === null ? Number.NaN : Number(value);
    if (datatype === 'FP64') view.setFloat64(i * size, number, true);
    else if (datatype === 'FP32') view.setFloat32(i * size, number, true);
    else if (datatype === 'INT64') view.setBigInt64(i * size, BigInt(number), true);
    else if (datatype === 'INT32') view.setInt32(i * size, number, true);
    else view.setUint8(i * size, number);
  });
  return bytes;
}
