import { NuthatchError } from 'nuthatch';
import type { ColumnType } from '../batch.js';

/** How the cells of a column are stored, and what they mean. */
export type Kind =
  | 'boolean'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'float32'
  | 'float64'
  | 'decimal'
  | 'string'
  | 'date'
  | 'timestamp'
  | 'int96'
  | 'null';

/** A column of a file. */
export interface Field {
  readonly name: string;
  /** null: one that no model takes and no output holds. */
  readonly kind: Kind | null;
  /** Its type in a person's words. */
  readonly type: string;
  readonly physical: Physical;
  /** Bytes of a cell, where all have as many. */
  readonly width: number;
  /** Whether cells may be missing. */
  readonly optional: boolean;
  /** Digits behind the point of a decimal. */
  readonly scale: number;
  /** So many of a timestamp are a second. */
  readonly perSecond: number;
  /** Its number among the columns that are stored; −1: several are below it. */
  readonly leaf: number;
}

export const physicals = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
] as const;
export type Physical = (typeof physicals)[number];

/** An element of a schema as it stands in a footer. */
export interface SchemaElement {
  physical: Physical | null;
  length: number;
  repetition: number;
  name: string | null;
  children: number;
  /** ConvertedType, which older files have alone. */
  converted: number | null;
  logical: LogicalType | null;
  scale: number;
}

export interface LogicalType {
  readonly name: string;
  readonly scale: number;
  readonly perSecond: number;
  readonly bits: number;
  readonly signed: boolean;
}

/** By their numbers in the union LogicalType. */
export const logicalNames: Readonly<Record<number, string>> = {
  1: 'STRING',
  2: 'MAP',
  3: 'LIST',
  4: 'ENUM',
  5: 'DECIMAL',
  6: 'DATE',
  7: 'TIME',
  8: 'TIMESTAMP',
  10: 'INTEGER',
  11: 'UNKNOWN',
  12: 'JSON',
  13: 'BSON',
  14: 'UUID',
  15: 'FLOAT16',
};

const plainly = { scale: 0, perSecond: 1000, bits: 0, signed: true };
/** By their numbers in the enumeration ConvertedType. */
const convertedTypes: Readonly<Record<number, LogicalType>> = {
  0: { ...plainly, name: 'STRING' },
  1: { ...plainly, name: 'MAP' },
  3: { ...plainly, name: 'LIST' },
  4: { ...plainly, name: 'ENUM' },
  5: { ...plainly, name: 'DECIMAL' },
  6: { ...plainly, name: 'DATE' },
  7: { ...plainly, name: 'TIME' },
  8: { ...plainly, name: 'TIME' },
  9: { ...plainly, name: 'TIMESTAMP' },
  10: { ...plainly, name: 'TIMESTAMP', perSecond: 1_000_000 },
  ...Object.fromEntries(
    [8, 16, 32, 64].flatMap((bits, i) => [
      [11 + i, { ...plainly, name: 'INTEGER', bits, signed: false }],
      [15 + i, { ...plainly, name: 'INTEGER', bits, signed: true }],
    ]),
  ),
  19: { ...plainly, name: 'JSON' },
  20: { ...plainly, name: 'BSON' },
  21: { ...plainly, name: 'INTERVAL' },
};

const repeated = 2;

/** What a column of one element is. */
export function describeField(element: SchemaElement, name: string, leaf: number): Field {
  const { physical, length, repetition, converted } = element;
  if (physical === null || repetition === repeated) return nestedField(name);
  const logical =
    element.logical ?? (converted === null ? null : (convertedTypes[converted] ?? null));
  const kind = kindOf(physical, length, logical);
  if (physical === 'FIXED_LEN_BYTE_ARRAY' && !(length > 0 && length <= mostLength))
    throw new NuthatchError('malformed', columnPlace(name), `its cells have ${length} bytes`);
  return {
    name,
    kind,
    type: logical === null ? physical : logical.name,
    physical,
    width: widths[physical] ?? length,
    optional: repetition === 1,
    scale: kind === 'decimal' ? checkScale(logical!.scale || element.scale, name) : 0,
    perSecond: kind === 'timestamp' ? logical!.perSecond : 1000,
    leaf,
  };
}

export const nestedField = (name: string): Field => ({
  name,
  kind: null,
  type: 'nested',
  physical: 'BYTE_ARRAY',
  width: 0,
  optional: true,
  scale: 0,
  perSecond: 1000,
  leaf: -1,
});

export const columnPlace = (name: string): string => `column ${JSON.stringify(name)}`;

const widths: Partial<Record<Physical, number>> = {
  INT32: 4,
  INT64: 8,
  INT96: 12,
  FLOAT: 4,
  DOUBLE: 8,
};
/** A longer decimal is none that anything computes with. */
const mostLength = 4096;
const mostScale = 4096;

function checkScale(scale: number, name: string): number {
  if (scale >= 0 && scale <= mostScale) return scale;
  throw new NuthatchError('malformed', columnPlace(name), `a decimal of scale ${scale}`);
}

function kindOf(physical: Physical, length: number, logical: LogicalType | null): Kind | null {
  if (logical === null) return bareKinds[physical] ?? null;
  const { name, bits, signed, perSecond } = logical;
  if (name === 'UNKNOWN') return 'null';
  if (name === 'DECIMAL') return /^INT(32|64)$|BYTE_ARRAY/.test(physical) ? 'decimal' : null;
  if (name === 'FLOAT16')
    return physical === 'FIXED_LEN_BYTE_ARRAY' && length === 2 ? 'float16' : null;
  switch (physical) {
    case 'INT32':
      if (name === 'DATE') return 'date';
      return name === 'INTEGER' ? (signed || bits < 32 ? 'int32' : 'uint32') : null;
    case 'INT64':
      if (name === 'TIMESTAMP') return perSecond <= 1e9 ? 'timestamp' : null;
      return name === 'INTEGER' ? (signed ? 'int64' : 'uint64') : null;
    case 'BYTE_ARRAY':
      return /^(STRING|ENUM|JSON)$/.test(name) ? 'string' : null;
    default:
      return null;
  }
}

const bareKinds: Partial<Record<Physical, Kind>> = {
  BOOLEAN: 'boolean',
  INT32: 'int32',
  INT64: 'int64',
  INT96: 'int96',
  FLOAT: 'float32',
  DOUBLE: 'float64',
};

/** What goes beside answers from a column. */
export function columnTypeOf({ name, kind, type }: Field): ColumnType {
  const found = kind === null ? undefined : columnTypes[kind];
  if (found !== undefined) return found;
  throw new NuthatchError(
    'unsupported',
    columnPlace(name),
    `columns of type ${type} cannot go beside answers`,
  );
}

const columnTypes: Readonly<Record<Kind, ColumnType>> = {
  boolean: 'boolean',
  int32: 'integer',
  uint32: 'integer',
  int64: 'integer',
  uint64: 'integer',
  float16: 'number',
  float32: 'number',
  float64: 'number',
  decimal: 'string',
  string: 'string',
  date: 'date',
  timestamp: 'date',
  int96: 'date',
  null: 'string',
};
