import { NuthatchError } from 'nuthatch';
import { type OpenFile, readAt } from '../file.js';
import type { Chunk } from './footer.js';
import { type Cursor, readBoolean, readInteger, readStruct } from './thrift.js';

export const pageTypes = { data: 0, index: 1, dictionary: 2, dataV2: 3 } as const;

/** What stands before the bytes of a page. */
export interface PageHeader {
  readonly type: number;
  /** Bytes of the page when it is decompressed, and as it is stored. */
  readonly plainSize: number;
  readonly size: number;
  readonly values: number;
  readonly encoding: number;
  /** Of data pages of the first version: how levels are stored. */
  readonly levels: number;
  /** Of those of the second: bytes of levels, which stand before what is compressed, and whether that is. */
  readonly repetitionBytes: number;
  readonly definitionBytes: number;
  readonly compressed: boolean;
}

/** Where a page lies, its header included. */
export interface PageSpan {
  readonly offset: number;
  readonly length: number;
}

/** A page of rows. */
export interface DataPage extends PageSpan {
  readonly firstRow: number;
  readonly rows: number;
  readonly coded: boolean;
}

/** A page may not be larger, stored or not. */
const mostBytes = 2 ** 28;
/** Headers have some ten bytes, and smallest and largest cells where a writer puts them there. */
const headerBytes = 2 ** 12;
const mostHeaderBytes = 2 ** 20;

/** @throws NuthatchError `truncated`, `malformed`, `limit-exceeded` */
export function readPageHeader(cursor: Cursor): PageHeader {
  let [type, plainSize, size, values, encoding] = [-1, -1, -1, -1, -1];
  let [levels, repetitionBytes, definitionBytes, compressed] = [3, 0, 0, true];
  readStruct(cursor, (field, kind) => {
    if (field === 1) type = readInteger(cursor, kind);
    else if (field === 2) plainSize = readInteger(cursor, kind);
    else if (field === 3) size = readInteger(cursor, kind);
    else if (field === 5)
      readStruct(cursor, (part, kind) => {
        if (part === 1) values = readInteger(cursor, kind);
        else if (part === 2) encoding = readInteger(cursor, kind);
        else if (part === 3) levels = readInteger(cursor, kind);
      });
    else if (field === 7)
      readStruct(cursor, (part, kind) => {
        if (part === 1) values = readInteger(cursor, kind);
        else if (part === 2) encoding = readInteger(cursor, kind);
      });
    else if (field === 8)
      readStruct(cursor, (part, kind) => {
        if (part === 1) values = readInteger(cursor, kind);
        else if (part === 4) encoding = readInteger(cursor, kind);
        else if (part === 5) definitionBytes = readInteger(cursor, kind);
        else if (part === 6) repetitionBytes = readInteger(cursor, kind);
        else if (part === 7) compressed = readBoolean(cursor, kind);
      });
  });
  const levelBytes = repetitionBytes + definitionBytes;
  if (plainSize < 0 || size < 0 || (values < 0 && type !== pageTypes.index))
    throw new NuthatchError('malformed', '', 'the header of a page lacks its size');
  if (repetitionBytes < 0 || definitionBytes < 0 || levelBytes > Math.min(size, plainSize))
    throw new NuthatchError('malformed', '', 'the levels of a page are longer than it');
  if (plainSize > mostBytes || size > mostBytes)
    throw new NuthatchError('limit-exceeded', '', `a page of more than ${mostBytes} bytes`);
  return {
    type,
    plainSize,
    size,
    values,
    encoding,
    levels,
    repetitionBytes,
    definitionBytes,
    compressed,
  };
}

/** PLAIN_DICTIONARY and RLE_DICTIONARY. */
export const isCoded = (encoding: number): boolean => encoding === 2 || encoding === 8;

/** The pages of a column of a group, found by their headers one after another. */
export class PageWalk {
  readonly #file: OpenFile;
  readonly #chunk: Chunk;
  readonly #rows: number;
  readonly #place: string;
  #position: number;
  #row = 0;
  #ahead: Buffer = Buffer.alloc(0);
  #aheadAt = 0;
  /** Pages that were found and not passed. */
  pages: DataPage[] = [];
  dictionary: PageSpan | null = null;

  /** `rows` of the group, and `place` for errors. */
  constructor(file: OpenFile, chunk: Chunk, rows: number, place: string) {
    this.#file = file;
    this.#chunk = chunk;
    this.#rows = rows;
    this.#place = place;
    this.#position = chunk.start;
    if (chunk.values !== rows)
      throw new NuthatchError('malformed', place, `${chunk.values} values for ${rows} rows`);
  }

  /** The row up to which pages are found. */
  get foundRows(): number {
    return this.#row;
  }

  /** Finds the next page of rows; false where all rows have theirs. */
  next(): boolean {
    while (this.#row < this.#rows) {
      const offset = this.#position;
      const { header, length: headerLength } = this.#header();
      const length = headerLength + header.size;
      if (length > this.#chunk.end - offset)
        throw new NuthatchError('malformed', this.#at(offset), 'it is longer than its column');
      this.#position = offset + length;
      if (header.type === pageTypes.dictionary) this.dictionary = { offset, length };
      if (header.type !== pageTypes.data && header.type !== pageTypes.dataV2) continue;
      const { values: rows, encoding } = header;
      if (rows > this.#rows - this.#row)
        throw new NuthatchError('malformed', this.#at(offset), 'it has more rows than its group');
      this.pages.push({ offset, length, firstRow: this.#row, rows, coded: isCoded(encoding) });
      this.#row += rows;
      if (rows > 0) return true;
    }
    return false;
  }

  /** Forgets pages that end at a row or before. */
  pass(row: number): void {
    this.pages = this.pages.filter((page) => page.firstRow + page.rows > row);
  }

  #header(): { header: PageHeader; length: number } {
    const left = this.#chunk.end - this.#position;
    for (let count = headerBytes; ; count *= 16) {
      const cursor: Cursor = { bytes: this.#peek(Math.min(count, left)), offset: 0 };
      try {
        const header = readPageHeader(cursor);
        return { header, length: cursor.offset };
      } catch (error) {
        if (!(error instanceof NuthatchError)) throw error;
        const { code, message } = error;
        if (code === 'truncated' && count < Math.min(left, mostHeaderBytes)) continue;
        throw new NuthatchError(
          code === 'truncated' ? 'malformed' : code,
          this.#at(this.#position),
          message,
        );
      }
    }
  }

  /** Bytes at the position, of which small pages have several in those that were read. */
  #peek(count: number): Buffer {
    const skipped = this.#position - this.#aheadAt;
    if (skipped < 0 || skipped + count > this.#ahead.length) {
      this.#ahead = readAt(this.#file, this.#position, count);
      this.#aheadAt = this.#position;
      return this.#ahead;
    }
    return this.#ahead.subarray(skipped, skipped + count);
  }

  #at = (offset: number): string => `${this.#place}, page at byte ${offset}`;
}
