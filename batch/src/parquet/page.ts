import { NuthatchError } from 'nuthatch';
import type { Arena } from '../arena.js';
import { type OpenFile, readInto } from '../file.js';
import { decompressPage } from './decompress.js';
import { columnPlace, type Field } from './field.js';
import { type PageHeader, type PageSpan, pageTypes, readPageHeader } from './pages.js';
import { Runs } from './runs.js';
import type { Cursor } from './thrift.js';
import { endOfRuns, type Span } from './values.js';

/** A page, decompressed. */
export interface Page {
  readonly header: PageHeader;
  readonly bytes: Buffer;
  /** What says which cells are there, of the second version of pages; in those of the first it stands before the cells. */
  readonly levels: Buffer;
}

/** What a page is read of, and where what is read of it may lie. */
export interface PageSource {
  readonly file: OpenFile;
  readonly arena: Arena;
  readonly field: Field;
  readonly codec: number;
}

/** @throws NuthatchError `malformed`, `unsupported`, `limit-exceeded` */
export function openPage({ file, arena, codec }: PageSource, { offset, length }: PageSpan): Page {
  const cursor: Cursor = {
    bytes: readInto(file, offset, arena.take(Uint8Array, length)),
    offset: 0,
  };
  const header = readPageHeader(cursor);
  const { size, plainSize, repetitionBytes, definitionBytes, compressed } = header;
  if (size !== length - cursor.offset)
    throw new NuthatchError('malformed', '', 'its size is another');
  const start = cursor.offset + repetitionBytes;
  const levels = cursor.bytes.subarray(start, start + definitionBytes);
  const packed = cursor.bytes.subarray(start + definitionBytes);
  const plain = plainSize - repetitionBytes - definitionBytes;
  const bytes = compressed ? decompressPage(codec, packed, plain, arena) : packed;
  return { header, bytes, levels };
}

/** Finds the cells of some rows of a page, and which of them are there; null: all. */
export function findCells(
  { header, bytes, levels }: Page,
  { field, arena }: PageSource,
  skip: number,
  rows: number,
): { span: Span; there: Uint8Array | null } {
  const { values: total } = header;
  if (skip + rows > total) throw new NuthatchError('malformed', '', 'its rows are others');
  if (!field.optional) return { span: { bytes, start: 0, total, skip, count: rows }, there: null };
  const isFirst = header.type === pageTypes.data;
  if (isFirst && header.levels !== 3)
    throw new NuthatchError('unsupported', '', `levels of encoding ${header.levels}`);
  const start = isFirst ? endOfRuns(bytes, 0) : 0;
  const readLevels = (): Runs =>
    isFirst ? new Runs(bytes, 4, start, 1) : new Runs(levels, 0, levels.length, 1);
  const counted = readLevels();
  const before = counted.countOnes(skip);
  const count = counted.countOnes(rows);
  const all = before + count + counted.countOnes(total - skip - rows);
  const span = { bytes, start, total: all, skip: before, count };
  if (count === rows) return { span, there: null };
  const there = arena.take(Uint8Array, rows);
  const runs = readLevels();
  runs.skip(skip);
  runs.read(there);
  return { span, there };
}

/** Does something with a page; errors name the column and the page. */
export function inPage<T>({ field }: PageSource, { offset }: PageSpan, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof NuthatchError) || error.path !== '') throw error;
    const code = error.code === 'truncated' ? 'malformed' : error.code;
    throw new NuthatchError(
      code,
      `${columnPlace(field.name)}, page at byte ${offset}`,
      error.message,
    );
  }
}
