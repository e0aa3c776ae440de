import { NuthatchError } from 'nuthatch';
import type { Arena } from '../arena.js';
import { type OpenFile, readInto } from '../file.js';
import { decompressPage } from './decompress.js';
import { columnPlace, type Field } from './field.js';
import { type PageSpan, pageTypes } from './pages.js';
import { Runs } from './runs.js';
import { endOfRuns, type Span } from './values.js';

/** A page, decompressed. */
export interface Page {
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

/** Rows `skip` to `skip + rows` of a page. */
export interface PageRows extends PageSpan {
  readonly skip: number;
  readonly rows: number;
}

/** @throws NuthatchError `malformed`, `unsupported` */
export function openPage({ file, arena, codec }: PageSource, { start, header }: PageSpan): Page {
  const { size, plainSize, repetitionBytes, definitionBytes, compressed } = header;
  const stored = readInto(file, start, arena.take(Uint8Array, size));
  const levelBytes = repetitionBytes + definitionBytes;
  const levels = stored.subarray(repetitionBytes, levelBytes);
  const packed = stored.subarray(levelBytes);
  const plain = plainSize - levelBytes;
  const bytes = compressed ? decompressPage(codec, packed, plain, arena) : packed;
  return { bytes, levels };
}

/** Finds the cells of some rows of a page, and which of them are there; null: all. */
export function findCells(
  { bytes, levels }: Page,
  { header, skip, rows }: PageRows,
  { field, arena }: PageSource,
): { span: Span; there: Uint8Array | null } {
  const { values: total } = header;
  if (skip + rows > total) throw new NuthatchError('malformed', '', 'its rows are others');
  if (!field.optional) return { span: { bytes, start: 0, total, skip, count: rows }, there: null };
  const isFirst = header.type === pageTypes.data;
  if (isFirst && header.levels !== 3)
    throw new NuthatchError('unsupported', '', `levels of encoding ${header.levels}`);
  const start = isFirst ? endOfRuns(bytes, 0) : 0;
  const stored = isFirst ? bytes.subarray(4, start) : levels;
  const counted = new Runs(stored, 0, stored.length, 1);
  const before = counted.countOnes(skip);
  const count = counted.countOnes(rows);
  const all = before + count + counted.countOnes(total - skip - rows);
  const span = { bytes, start, total: all, skip: before, count };
  if (count === rows) return { span, there: null };
  const there = arena.take(Uint8Array, rows);
  const runs = new Runs(stored, 0, stored.length, 1);
  runs.skip(skip);
  runs.read(there);
  return { span, there };
}

/** An error that names no place, with the column and the page where it was thrown. */
export function asPageError(error: unknown, { name }: Field, { offset }: PageSpan): unknown {
  if (!(error instanceof NuthatchError) || error.path !== '') return error;
  const code = error.code === 'truncated' ? 'malformed' : error.code;
  return new NuthatchError(code, `${columnPlace(name)}, page at byte ${offset}`, error.message);
}
