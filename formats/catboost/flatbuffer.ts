import { NuthatchError } from '../../src/errors.js';
import { malformed } from '../json/json.js';

/** Bytes of a FlatBuffer, and what they are yet to give. */
interface Source {
  readonly view: DataView;
  /** Bytes that may still be read: in a file each table and vector lies by itself, but offsets could lead to one from everywhere, and make a large model of a small file. */
  left: number;
}

/** A table: its place, and that of the list of where its fields lie. */
export interface Table {
  readonly source: Source;
  readonly at: number;
  readonly size: number;
  readonly offsets: number;
  readonly fields: number;
}

/** The table at the root of a FlatBuffer. */
export function readRoot(view: DataView): Table {
  const source = { view, left: view.byteLength };
  return tableAt(source, follow(source, 0));
}

function expect(source: Source, at: number, size: number): void {
  if (size > source.view.byteLength - at)
    throw new NuthatchError(
      'truncated',
      `byte ${at}`,
      `${size} bytes more are expected than there are`,
    );
}

function take(source: Source, at: number, size: number): void {
  source.left -= size;
  if (source.left < 0)
    throw malformed(`byte ${at}`, 'more is said to be there than the file holds');
}

/** Where the offset at a place leads. */
function follow(source: Source, at: number): number {
  expect(source, at, 4);
  const to = at + source.view.getUint32(at, true);
  if (to >= source.view.byteLength) throw malformed(`byte ${at}`, 'an offset out of the file');
  return to;
}

function tableAt(source: Source, at: number): Table {
  const { view } = source;
  expect(source, at, 4);
  const list = at - view.getInt32(at, true);
  const isInside = list >= 0 && list <= view.byteLength - 4;
  const length = isInside ? view.getUint16(list, true) : 0;
  const size = isInside ? view.getUint16(list + 2, true) : 0;
  if (length < 4 || length % 2 !== 0 || length > view.byteLength - list || size < 4)
    throw malformed(`byte ${at}`, 'a table without a list of its fields');
  expect(source, at, size);
  take(source, at, size);
  return { source, at, size, offsets: list + 4, fields: (length - 4) / 2 };
}

/** The place of a field of so many bytes; null where the table has none. */
function fieldAt({ source, at, size, offsets, fields }: Table, field: number, bytes: number) {
  const offset = field < fields ? source.view.getUint16(offsets + 2 * field, true) : 0;
  if (offset === 0) return null;
  if (offset < 4 || offset + bytes > size)
    throw malformed(`byte ${offsets + 2 * field}`, 'a field out of its table');
  return at + offset;
}

export function int8Of(table: Table, field: number, otherwise: number): number {
  const at = fieldAt(table, field, 1);
  return at === null ? otherwise : table.source.view.getInt8(at);
}

export function int32Of(table: Table, field: number, otherwise: number): number {
  const at = fieldAt(table, field, 4);
  return at === null ? otherwise : table.source.view.getInt32(at, true);
}

export function float64Of(table: Table, field: number, otherwise: number): number {
  const at = fieldAt(table, field, 8);
  return at === null ? otherwise : table.source.view.getFloat64(at, true);
}

export function tableOf(table: Table, field: number): Table | null {
  const at = fieldAt(table, field, 4);
  return at === null ? null : tableAt(table.source, follow(table.source, at));
}

/** The items of a vector, each of `size` bytes and read at its place; an absent vector is empty. */
export function vectorOf<T>(
  table: Table,
  field: number,
  size: number,
  readItem: (view: DataView, at: number) => T,
): T[] {
  const { source } = table;
  const place = fieldAt(table, field, 4);
  if (place === null) return [];
  const at = follow(source, place);
  expect(source, at, 4);
  const count = source.view.getUint32(at, true);
  expect(source, at + 4, count * size);
  take(source, at, count * size);
  return Array.from({ length: count }, (_, i) => readItem(source.view, at + 4 + size * i));
}

const items = {
  int32: [4, (view, at) => view.getInt32(at, true)],
  uint32: [4, (view, at) => view.getUint32(at, true)],
  float32: [4, (view, at) => view.getFloat32(at, true)],
  float64: [8, (view, at) => view.getFloat64(at, true)],
} as const satisfies Record<string, readonly [number, (view: DataView, at: number) => number]>;

export function numbersOf(table: Table, field: number, type: keyof typeof items): number[] {
  const [size, readItem] = items[type];
  return vectorOf(table, field, size, readItem);
}

export const tablesOf = (table: Table, field: number): Table[] =>
  vectorOf(table, field, 4, (_, at) => tableAt(table.source, follow(table.source, at)));

export const textsOf = (table: Table, field: number): string[] =>
  vectorOf(table, field, 4, (_, at) => textAt(table.source, follow(table.source, at)));

export function textOf(table: Table, field: number): string | null {
  const at = fieldAt(table, field, 4);
  return at === null ? null : textAt(table.source, follow(table.source, at));
}

function textAt(source: Source, at: number): string {
  const { view } = source;
  expect(source, at, 4);
  const length = view.getUint32(at, true);
  expect(source, at + 4, length);
  take(source, at, length);
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at + 4, length);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed(`byte ${at}`, 'a text that is not UTF-8');
  }
}
