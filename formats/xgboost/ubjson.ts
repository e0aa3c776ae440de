import { NuthatchError, quote } from '../../src/errors.js';
import type { Limits } from '../../src/ir/index.js';
import { malformed } from '../json/json.js';
import { isMap, type Numbers, type Value, type ValueMap } from './document.js';

/** Bytes and a place in them. */
interface Cursor {
  readonly view: DataView;
  readonly limits: Limits;
  at: number;
}

/** Containers that a file may hold: each takes some 200 bytes, however short it is written. */
const mostContainers = 2 ** 22;

/** How numbers of one type are stored, and read: all are big-endian. */
interface NumberType {
  readonly size: number;
  /** No larger than in the file, but for integers of 64 bits. */
  readonly make: (count: number) => Numbers;
  readonly read: (view: DataView, at: number) => number;
}

const typeOf = (size: number, make: NumberType['make'], read: NumberType['read']): NumberType => ({
  size,
  make,
  read,
});

const numbers: ReadonlyMap<number, NumberType> = new Map([
  [
    0x69,
    typeOf(
      1,
      (count) => new Int8Array(count),
      (view, at) => view.getInt8(at),
    ),
  ],
  [
    0x55,
    typeOf(
      1,
      (count) => new Uint8Array(count),
      (view, at) => view.getUint8(at),
    ),
  ],
  [
    0x49,
    typeOf(
      2,
      (count) => new Int16Array(count),
      (view, at) => view.getInt16(at),
    ),
  ],
  [
    0x6c,
    typeOf(
      4,
      (count) => new Int32Array(count),
      (view, at) => view.getInt32(at),
    ),
  ],
  [
    0x4c,
    typeOf(
      8,
      (count) => new Float64Array(count),
      (view, at) => Number(view.getBigInt64(at)),
    ),
  ],
  [
    0x64,
    typeOf(
      4,
      (count) => new Float32Array(count),
      (view, at) => view.getFloat32(at),
    ),
  ],
  [
    0x44,
    typeOf(
      8,
      (count) => new Float64Array(count),
      (view, at) => view.getFloat64(at),
    ),
  ],
]);
const markers = { null: 0x5a, true: 0x54, false: 0x46, text: 0x53, type: 0x24, count: 0x23 };
const [openArray, closeArray, openMap, closeMap] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Reads UBJSON as XGBoost writes it: one object, and nothing after it.
 *
 * @throws NuthatchError `malformed`, `truncated`, `limit-exceeded`
 */
export function readUbjson(bytes: Uint8Array, limits: Limits): ValueMap {
  const cursor = {
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    limits,
    at: 0,
  };
  let containers = 0;
  function readValue(marker: number, depth: number): Value {
    const number = numbers.get(marker);
    if (number !== undefined) return readNumber(cursor, number);
    switch (marker) {
      case markers.null:
        return null;
      case markers.true:
        return true;
      case markers.false:
        return false;
      case markers.text:
        return readText(cursor);
      case openArray:
      case openMap:
        if (depth >= limits.nesting || ++containers > mostContainers)
          throw new NuthatchError('limit-exceeded', place(cursor), 'too many values, or too deep');
        return marker === openArray ? readArray(depth + 1) : readMap(depth + 1);
    }
    throw malformed(place(cursor), `unknown marker ${marker}`);
  }

  function readArray(depth: number): Value {
    if (peek(cursor) === markers.type) {
      cursor.at++;
      const type = numbers.get(readByte(cursor));
      if (type === undefined || readByte(cursor) !== markers.count)
        throw malformed(place(cursor), 'an array of no numbers, or without a count');
      return readNumbers(cursor, type);
    }
    const items: Value[] = [];
    if (peek(cursor) === markers.count) {
      cursor.at++;
      // Each element takes a byte or more.
      for (let left = readCount(cursor, 1); left > 0; left--)
        items.push(readValue(readByte(cursor), depth));
      return items;
    }
    for (let marker = readByte(cursor); marker !== closeArray; marker = readByte(cursor))
      items.push(readValue(marker, depth));
    return items;
  }

  function readMap(depth: number): ValueMap {
    // No prototype: names in the file mean nothing to JavaScript.
    const map: { [key: string]: Value } = Object.create(null);
    while (peek(cursor) !== closeMap) {
      const key = readText(cursor);
      if (Object.hasOwn(map, key))
        throw malformed(place(cursor), `the key ${quote(key)} appears twice`);
      map[key] = readValue(readByte(cursor), depth);
    }
    cursor.at++;
    return map;
  }

  const value = readValue(readByte(cursor), 0);
  if (cursor.at !== bytes.length) throw malformed(place(cursor), 'bytes after the end');
  if (!isMap(value)) throw malformed('byte 0', 'the document is not an object');
  return value;
}

const place = ({ at }: Cursor): string => `byte ${at}`;

function need(cursor: Cursor, size: number): void {
  if (size > cursor.view.byteLength - cursor.at)
    throw new NuthatchError(
      'truncated',
      place(cursor),
      `${size} bytes more are announced than there are`,
    );
}

function peek(cursor: Cursor): number {
  need(cursor, 1);
  return cursor.view.getUint8(cursor.at);
}

function readByte(cursor: Cursor): number {
  const byte = peek(cursor);
  cursor.at++;
  return byte;
}

function readNumber(cursor: Cursor, { size, read }: NumberType): number {
  need(cursor, size);
  const value = read(cursor.view, cursor.at);
  cursor.at += size;
  return value;
}

/** A number of elements of `size` bytes or more, which are compared with what is left. */
function readCount(cursor: Cursor, size: number): number {
  const type = numbers.get(readByte(cursor));
  const count = type === undefined ? Number.NaN : readNumber(cursor, type);
  if (!(Number.isSafeInteger(count) && count >= 0))
    throw malformed(place(cursor), 'expected a count');
  need(cursor, count * size);
  return count;
}

function readNumbers(cursor: Cursor, { size, make, read }: NumberType): Numbers {
  const count = readCount(cursor, size);
  const values = make(count);
  for (let i = 0; i < count; i++) values[i] = read(cursor.view, cursor.at + i * size);
  cursor.at += count * size;
  return values;
}

function readText(cursor: Cursor): string {
  const length = readCount(cursor, 1);
  if (length > cursor.limits.stringBytes)
    throw new NuthatchError('limit-exceeded', place(cursor), `a text of ${length} bytes`);
  const { buffer, byteOffset } = cursor.view;
  const bytes = new Uint8Array(buffer, byteOffset + cursor.at, length);
  cursor.at += length;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed(place(cursor), 'a text that is not UTF-8');
  }
}
