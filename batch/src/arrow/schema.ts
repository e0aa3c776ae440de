import { NuthatchError } from 'nuthatch';
import type { FlatTable } from './flatbuffer.js';

/** What a column's values are. `other` are those that no model takes: their buffers are skipped. */
export type ArrowType =
  | { readonly kind: 'null' | 'bool' }
  | { readonly kind: 'int'; readonly bits: number; readonly signed: boolean }
  | { readonly kind: 'float'; readonly bits: number }
  /** Times since 1970, so many a second, in integers of so many bits. */
  | { readonly kind: 'time'; readonly bits: number; readonly perSecond: number }
  /** Texts by their offsets of so many bits, or, where that is 0, views of them. */
  | { readonly kind: 'text'; readonly bits: number }
  | { readonly kind: 'other'; readonly name: string };

/** A column, or a part of one. */
export interface ArrowField {
  readonly name: string;
  /** Where there is a dictionary, what that holds. */
  readonly type: ArrowType;
  /** Where values are numbers of those in a dictionary: which, the type of the numbers, and the dictionary's own column. */
  readonly dictionary: {
    readonly id: number;
    readonly index: ArrowType;
    readonly values: ArrowField;
  } | null;
  /** Buffers of its own, without those of its parts. */
  readonly buffers: number;
  /** Whether texts or bytes stand in buffers of a number that batches tell. */
  readonly views: boolean;
  readonly children: readonly ArrowField[];
}

const mostDepth = 64;
const mostFields = 2 ** 17;

/** Versions of the metadata by their numbers: 0.8, and 1.0 since 2020. */
const [v4, v5] = [3, 4];

/** The columns that a schema of some version of the metadata says. */
export function readFields(schema: FlatTable, version: number): ArrowField[] {
  if (version < v4 || version > v5)
    throw new NuthatchError('unsupported', 'schema', `metadata of version ${version + 1}`);
  if (schema.short(0) !== 0)
    throw new NuthatchError('unsupported', 'schema', 'its bytes are big-endian');
  let count = 0;
  const read = (field: FlatTable, depth: number): ArrowField => {
    if (depth > mostDepth || ++count > mostFields)
      throw new NuthatchError('limit-exceeded', 'schema', 'columns of too many parts');
    const id = field.byte(2);
    const layout = layouts[id];
    const name = field.text(0);
    if (layout === undefined)
      throw new NuthatchError(
        'unsupported',
        `column ${JSON.stringify(name)}`,
        `type ${id} is not known`,
      );
    const detail = field.table(3);
    const isDense = layout.name === 'Union' && detail?.short(0) === 1;
    const hasBitmap = version < v5 && /^(Union|RunEndEncoded)$/.test(layout.name);
    const values: ArrowField = {
      name,
      type: typeOf(layout.name, detail),
      dictionary: null,
      buffers: layout.buffers + Number(isDense) + Number(hasBitmap),
      views: layout.views ?? false,
      children: field.tables(5).map((child) => read(child, depth + 1)),
    };
    const encoding = field.table(4);
    if (encoding === null) return values;
    const index = encoding.table(1);
    return {
      ...values,
      dictionary: {
        id: encoding.long(0),
        index: index ? typeOf('Int', index) : { kind: 'int', bits: 32, signed: true },
        values,
      },
      buffers: 2,
      views: false,
      children: [],
    };
  };
  return schema.tables(1).map((field) => read(field, 0));
}

/** Types of columns by their numbers, and the buffers that each has. */
const layouts: readonly ({ name: string; buffers: number; views?: boolean } | undefined)[] = [
  undefined,
  { name: 'Null', buffers: 0 },
  { name: 'Int', buffers: 2 },
  { name: 'FloatingPoint', buffers: 2 },
  { name: 'Binary', buffers: 3 },
  { name: 'Utf8', buffers: 3 },
  { name: 'Bool', buffers: 2 },
  { name: 'Decimal', buffers: 2 },
  { name: 'Date', buffers: 2 },
  { name: 'Time', buffers: 2 },
  { name: 'Timestamp', buffers: 2 },
  { name: 'Interval', buffers: 2 },
  { name: 'List', buffers: 2 },
  { name: 'Struct', buffers: 1 },
  { name: 'Union', buffers: 1 },
  { name: 'FixedSizeBinary', buffers: 2 },
  { name: 'FixedSizeList', buffers: 1 },
  { name: 'Map', buffers: 2 },
  { name: 'Duration', buffers: 2 },
  { name: 'LargeBinary', buffers: 3 },
  { name: 'LargeUtf8', buffers: 3 },
  { name: 'LargeList', buffers: 2 },
  { name: 'RunEndEncoded', buffers: 0 },
  { name: 'BinaryView', buffers: 2, views: true },
  { name: 'Utf8View', buffers: 2, views: true },
  { name: 'ListView', buffers: 3 },
  { name: 'LargeListView', buffers: 3 },
];

function typeOf(name: string, type: FlatTable | null): ArrowType {
  switch (name) {
    case 'Null':
      return { kind: 'null' };
    case 'Bool':
      return { kind: 'bool' };
    case 'Int': {
      const bits = type?.int(0) ?? 0;
      if (![8, 16, 32, 64].includes(bits)) break;
      return { kind: 'int', bits, signed: type!.byte(1) === 1 };
    }
    case 'FloatingPoint': {
      const bits = [16, 32, 64][type?.short(0) ?? 0];
      return bits ? { kind: 'float', bits } : { kind: 'other', name };
    }
    case 'Utf8':
      return { kind: 'text', bits: 32 };
    case 'LargeUtf8':
      return { kind: 'text', bits: 64 };
    case 'Utf8View':
      return { kind: 'text', bits: 0 };
    case 'Date':
      return type?.short(0, 1) === 0
        ? { kind: 'time', bits: 32, perSecond: 1 / 86400 }
        : { kind: 'time', bits: 64, perSecond: 1000 };
    case 'Timestamp':
      return { kind: 'time', bits: 64, perSecond: 1000 ** (type?.short(0) ?? 0) };
  }
  return { kind: 'other', name };
}
