import type { SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';
import { type Column, type ColumnType, cellsOf, valuesOf } from '../batch.js';
import { Dictionary } from './dictionary.js';
import { packPiece } from './piece.js';
import { plainValues } from './plain.js';

/** Bytes of a page before compression, where a row has not more. */
const mostBytes = 2 ** 20;

/**
 * Rows of columns as a piece: see `packPiece`. Without statistics, and with one dictionary for all pieces or none, so that pages of several can be joined
 * to one column. A piece of no rows has the dictionaries.
 */
export function formatPages(columns: readonly Column[], rows: number): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  const pages = columns.map((column) => {
    const start = writer.offset;
    const dictionary = Dictionary.of(column);
    const written = dictionary ? valuesOf(column, rows) : cellsOf(column, rows);
    const plainSize =
      rows === 0
        ? (dictionary?.writePage(writer) ?? 0)
        : writePages(writer, column, written as Cells, dictionary);
    return { size: writer.offset - start, plainSize };
  });
  return packPiece({ rows, schema: schemaOf(columns), columns: pages }, writer.getBytes());
}

/** Cells of a column, or their numbers in its dictionary; null where there is none. */
type Cells = readonly unknown[] | Int32Array;

/** Writes the pages of a column; returns their size before compression. */
function writePages(
  writer: ByteWriter,
  column: Column,
  cells: Cells,
  dictionary: Dictionary | null,
): number {
  const there =
    Array.isArray(cells) && cells.includes(null) ? cells.filter((cell) => cell !== null) : cells;
  const values = dictionary
    ? dictionary.encode(there as ArrayLike<number>)
    : plainValues(column.name, column.type, there as readonly unknown[]);
  if (values.length > mostBytes && cells.length > 1) {
    const half = Math.ceil(cells.length / 2);
    const [before, after] = [cells.slice(0, half), cells.slice(half)];
    return (
      writePages(writer, column, before, dictionary) + writePages(writer, column, after, dictionary)
    );
  }
  // hysnappy takes a third of the time, but its bytes depend on what it compressed before: pages must be the same in every thread and run.
  const compressed = dictionary ? values : snappyCompress(values);
  const head = new ByteWriter();
  writeLevels(head, cells, there.length);
  const start = writer.offset;
  writePageHeader(writer, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: head.offset + values.length,
    compressed_page_size: head.offset + compressed.length,
    data_page_header_v2: {
      num_values: cells.length,
      num_nulls: cells.length - there.length,
      num_rows: cells.length,
      encoding: dictionary ? 'RLE_DICTIONARY' : 'PLAIN',
      definition_levels_byte_length: head.offset,
      repetition_levels_byte_length: 0,
      is_compressed: !dictionary,
    },
  });
  const header = writer.offset - start;
  writer.appendBytes(head.getBytes());
  writer.appendBytes(compressed);
  return header + head.offset + values.length;
}

/** Writes which cells are there: where all are, as one run of ones. */
function writeLevels(writer: ByteWriter, cells: Cells, there: number): void {
  if (there === cells.length) {
    writer.appendVarInt(there << 1);
    writer.appendUint8(1);
    return;
  }
  const levels = new Uint8Array(cells.length);
  for (let i = 0; i < cells.length; i++) levels[i] = cells[i] === null ? 0 : 1;
  writeRleBitPackedHybrid(writer, levels, 1);
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
