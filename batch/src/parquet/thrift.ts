import { NuthatchError } from 'nuthatch';

/** Where the next byte is read. */
export interface Cursor {
  readonly bytes: Buffer;
  offset: number;
}

/** Types of Thrift's compact protocol. */
const types = {
  yes: 1,
  no: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  struct: 12,
} as const;

/** Structs and lists may not lie deeper in each other: Parquet's lie five deep. */
const mostDepth = 16;

/**
 * Reads a struct: `read` is told each field and its type, and reads its value or leaves it, which is skipped. Nothing is allocated for what nobody reads, so
 * that no footer makes more of itself than its bytes.
 *
 * @throws NuthatchError `truncated`, `malformed`
 */
export function readStruct(
  cursor: Cursor,
  read: (field: number, type: number) => void,
  depth = 0,
): void {
  if (depth > mostDepth) throw broken(cursor, 'structs lie too deep');
  let field = 0;
  for (;;) {
    const head = readByte(cursor);
    const type = head & 15;
    if (type === 0) return;
    field = nextField(cursor, head, field);
    const start = cursor.offset;
    read(field, type);
    // Booleans have no bytes, everything else has some.
    if (cursor.offset === start) skip(cursor, type, depth + 1);
  }
}

/** The number of a field by its first byte and the number of the one before. */
const nextField = (cursor: Cursor, head: number, before: number): number =>
  head >> 4 === 0 ? readZigZag(cursor) : before + (head >> 4);

/** True, among numbers. */
export const yes = Number.POSITIVE_INFINITY;

/**
 * Reads the numbers of a struct, and of structs in it: that of field f to `out[f]`, that of field g of a struct in field f to `out[16 f + g]`, true and false
 * as `yes` and its opposite, which no integer is. Passed over are fields of other types, from 16 on, and in structs that lie deeper. V8 compiles a closure for
 * each use of `readStruct`, and of this one none.
 *
 * @throws NuthatchError `truncated`, `malformed`
 */
export function readNumbers(cursor: Cursor, out: Float64Array, base = 0): void {
  let field = 0;
  for (;;) {
    const head = readByte(cursor);
    const type = head & 15;
    if (type === 0) return;
    field = nextField(cursor, head, field);
    const isOwn = field > 0 && field < 16;
    if (isOwn && type >= types.byte && type <= types.i64)
      out[base + field] = readInteger(cursor, type);
    else if (isOwn && type <= types.no) out[base + field] = type === types.yes ? yes : -yes;
    else if (isOwn && type === types.struct && base === 0) readNumbers(cursor, out, 16 * field);
    else skip(cursor, type, 1);
  }
}

/** Reads a list, of which `read` reads each element or leaves it. */
export function readList(
  cursor: Cursor,
  type: number,
  read: (index: number, type: number) => void,
): void {
  const list = beginList(cursor, type);
  for (let index = 0; index < list.count; index++) {
    const start = cursor.offset;
    read(index, list.type);
    if (cursor.offset === start) skipElement(cursor, list.type);
  }
}

/** What stands before the elements of a list. */
export function beginList(cursor: Cursor, type: number): { count: number; type: number } {
  if (type !== types.list && type !== types.set) throw broken(cursor, 'expected a list');
  const head = readByte(cursor);
  const count = head >> 4 === 15 ? readVarint(cursor) : head >> 4;
  if (count > cursor.bytes.length - cursor.offset) throw short(cursor);
  return { count, type: head & 15 };
}

export function readInteger(cursor: Cursor, type: number): number {
  if (type === types.byte) return (readByte(cursor) << 24) >> 24;
  if (type !== types.i16 && type !== types.i32 && type !== types.i64)
    throw broken(cursor, 'expected an integer');
  const value = readZigZag(cursor);
  if (!Number.isSafeInteger(value)) throw broken(cursor, 'an integer is out of range');
  return value;
}

export function readText(cursor: Cursor, type: number): string {
  if (type !== types.binary) throw broken(cursor, 'expected a text');
  const length = readLength(cursor);
  cursor.offset += length;
  return cursor.bytes.toString('utf8', cursor.offset - length, cursor.offset);
}

export function readBoolean(cursor: Cursor, type: number): boolean {
  if (type !== types.yes && type !== types.no) throw broken(cursor, 'expected true or false');
  return type === types.yes;
}

function skip(cursor: Cursor, type: number, depth = 0): void {
  switch (type) {
    case types.yes:
    case types.no:
      return;
    case types.byte:
      readByte(cursor);
      return;
    case types.i16:
    case types.i32:
    case types.i64:
      readVarint(cursor);
      return;
    case types.double:
      skipBytes(cursor, 8);
      return;
    case types.binary:
      skipBytes(cursor, readLength(cursor));
      return;
    case types.list:
    case types.set:
      if (depth > mostDepth) throw broken(cursor, 'lists lie too deep');
      readList(cursor, type, (_, element) => skipElement(cursor, element, depth + 1));
      return;
    case types.struct:
      readStruct(cursor, () => undefined, depth);
      return;
    default:
      throw broken(cursor, `type ${type} is none of Parquet's`);
  }
}

/** Among elements a boolean has a byte. */
const skipElement = (cursor: Cursor, type: number, depth = 0): void =>
  type === types.yes || type === types.no ? skipBytes(cursor, 1) : skip(cursor, type, depth);

function skipBytes(cursor: Cursor, count: number): void {
  if (count > cursor.bytes.length - cursor.offset) throw short(cursor);
  cursor.offset += count;
}

function readLength(cursor: Cursor): number {
  const length = readVarint(cursor);
  if (length > cursor.bytes.length - cursor.offset) throw short(cursor);
  return length;
}

function readByte(cursor: Cursor): number {
  if (cursor.offset >= cursor.bytes.length) throw short(cursor);
  return cursor.bytes[cursor.offset++]!;
}

/** Exact up to 2⁵³; more is out of range for all that is read. */
export function readVarint(cursor: Cursor): number {
  let value = 0;
  let scale = 1;
  for (let count = 0; count < 10; count++) {
    const byte = readByte(cursor);
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
  throw broken(cursor, 'an integer has no end');
}

export function readZigZag(cursor: Cursor): number {
  const value = readVarint(cursor);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

const short = (cursor: Cursor): NuthatchError =>
  new NuthatchError('truncated', '', `the metadata end at their byte ${cursor.offset}`);

const broken = (cursor: Cursor, message: string): NuthatchError =>
  new NuthatchError('malformed', '', `${message}, at byte ${cursor.offset} of the metadata`);
