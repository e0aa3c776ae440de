import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { snappyCompressor } from 'hysnappy';
import { NuthatchError } from 'nuthatch';
import type { Column, ColumnType } from '../batch.js';

let snappy: ReturnType<typeof snappyCompressor> | null = null;

/** Rows of columns as a file of one group. Without dictionaries and statistics, so that pages of several can be joined to one column. */
export function formatParquet(columns: readonly Column[], rows: number): Uint8Array<ArrayBuffer> {
  snappy ??= snappyCompressor();
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: schemaOf(columns),
    compressors: { SNAPPY: snappy },
    statistics: false,
    createdBy: 'nuthatch',
  });
  file.write({
    columnData: columns.map((column) => ({
      name: column.name,
      data: cellsOf(column, rows),
      encoding: 'PLAIN',
      offsetIndex: false,
    })),
    rowGroupSize: Math.max(1, rows),
  });
  file.finish();
  return new Uint8Array(writer.getBuffer());
}

const schemaOf = (columns: readonly Column[]): SchemaElement[] => [
  { name: 'schema', num_children: columns.length },
  ...columns.map(
    ({ name, type }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...elements[type] }),
  ),
];

const text = {
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  logical_type: { type: 'STRING' },
} as const;

const elements: Readonly<Record<ColumnType, Omit<SchemaElement, 'name'>>> = {
  number: { type: 'DOUBLE' },
  integer: { type: 'INT64' },
  boolean: { type: 'BOOLEAN' },
  date: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  string: text,
  mixed: text,
};

function cellsOf({ type, values, offset, stride }: Column, rows: number): unknown[] {
  const convert = converters[type];
  return Array.from({ length: rows }, (_, row) => {
    const value = values[offset + row * stride] ?? null;
    return value === null ? null : convert(value);
  });
}

/** Of 64 bits with a sign. */
function integerOf(value: unknown): bigint {
  const integer = BigInt(value as number | bigint);
  if (BigInt.asIntN(64, integer) === integer) return integer;
  throw new NuthatchError('limit-exceeded', '', `${integer} is no integer of 64 bits`);
}

const same = (value: unknown): unknown => value;
const textOf = (value: unknown): unknown =>
  typeof value === 'string' ? value : JSON.stringify(value);
const converters: Readonly<Record<ColumnType, (value: unknown) => unknown>> = {
  number: Number,
  integer: integerOf,
  boolean: same,
  date: same,
  string: textOf,
  mixed: textOf,
};
