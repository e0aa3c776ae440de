import { NuthatchError } from 'nuthatch';
import { type OpenFile, readAt } from '../file.js';
import type { Chunk } from './footer.js';
import { type Cursor, readNumbers, yes } from './thrift.js';

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

/** Where a page lies, and what its header says: whoever reads the page need not read that again. */
export interface PageSpan {
  readonly offset: number;
  /** Where it begins behind its header. */
  readonly start: number;
  readonly header: PageHeader;
}

/** A page of rows. */
export interface DataPage extends PageSpan {
  readonly firstRow: number;
  readonly rows: number;
}

/** A page may not be larger, stored or not. */
const mostBytes = 2 ** 28;
/** Headers have some ten bytes, and smallest and largest cells where a writer puts them there. */
const headerBytes = 2 ** 12;
const mostHeaderBytes = 2 ** 20;

/** @throws NuthatchError `truncated`, `malformed`, `limit-exceeded` */
export function readPageHeader(cursor: Cursor): PageHeader {
  numbers.fill(Number.NaN);
  readNumbers(cursor, numbers);
  const type = numberAt(1, -1);
  const plainSize = numberAt(2, -1);
  const size = numberAt(3, -1);
  const isSecond = type === pageTypes.dataV2;
  const own = 16 * (isSecond ? 8 : type === pageTypes.dictionary ? 7 : 5);
  const values = numberAt(own + 1, -1);
  const encoding = numberAt(own + (isSecond ? 4 : 2), -1);
  const levels = type === pageTypes.data ? numberAt(own + 3, 3) : 3;
  const definitionBytes = isSecond ? numberAt(own + 5, -1) : 0;
  const repetitionBytes = isSecond ? numberAt(own + 6, -1) : 0;
  const compressed = !isSecond || numberAt(own + 7, yes) === yes;
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

/** What the header that is being read says, up to its field 8: see `readNumbers`. */
const numbers = new Float64Array(16 * 9);

function numberAt(place: number, otherwise: number): number {
  const number = numbers[place]!;
  return Number.isNaN(number) ? otherwise : number;
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
      const start = offset + headerLength;
      if (header.size > this.#chunk.end - start)
        throw new NuthatchError('malformed', this.#at(offset), 'it is longer than its column');
      this.#position = start + header.size;
      if (header.type === pageTypes.dictionary) this.dictionary = { offset, start, header };
      if (header.type !== pageTypes.data && header.type !== pageTypes.dataV2) continue;
      const { values: rows } = header;
      if (rows > this.#rows - this.#row)
        throw new NuthatchError('malformed', this.#at(offset), 'it has more rows than its group');
      if (rows === 0) continue;
      this.pages.push({ offset, start, header, firstRow: this.#row, rows });
      this.#row += rows;
      return true;
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
