import type { OpenFile } from '../file.js';
import type { ColumnSpan } from './column.js';
import { columnPlace, type Field } from './field.js';
import type { Footer } from './footer.js';
import { isCoded, PageWalk } from './pages.js';

/** Consecutive rows of a file, and where they lie. */
export interface Window {
  readonly rows: number;
  readonly columns: readonly ColumnSpan[];
}

/** A window has so many cells at most, of 8 bytes each: of twice as many two threads took 380 MB in place of 280, in the same time. */
const mostCells = 2 ** 20;
const mostRows = 2 ** 17;
const leastRows = 2 ** 10;
/** Pages in a window, for files of pages of few rows: what is said of them takes memory too. */
const mostPages = 2 ** 14;

/** Cuts a file into windows, which end where pages end as far as they can: each page is then read once. */
export function* cutWindows(
  file: OpenFile,
  footer: Footer,
  fields: readonly Field[],
  most = Math.max(leastRows, Math.min(mostRows, Math.floor(mostCells / fields.length))),
): Generator<Window> {
  let number = 0;
  for (const { rows, chunks } of footer.groups(fields.map(({ leaf }) => leaf))) {
    const walks = chunks.map(
      (chunk, i) =>
        new PageWalk(file, chunk, rows, `row group ${number}, ${columnPlace(fields[i]!.name)}`),
    );
    for (let start = 0; start < rows; ) {
      const end = endOfWindow(walks, start, Math.min(rows, start + most), rows);
      yield {
        rows: end - start,
        columns: walks.map((walk, i) => spanOf(walk, chunks[i]!.codec, start, end)),
      };
      for (const walk of walks) walk.pass(end);
      start = end;
    }
    number++;
  }
}

/** Finds pages up to a row, of each column so many at most. */
function findPages(walks: readonly PageWalk[], limit: number, most: number): void {
  for (const walk of walks)
    while (walk.foundRows < limit && walk.pages.length < most && walk.next());
}

/** The end of a window that may go up to `limit`: where pages of the most columns end. */
function endOfWindow(
  walks: readonly PageWalk[],
  start: number,
  limit: number,
  rows: number,
): number {
  const share = Math.max(1, Math.floor(mostPages / walks.length));
  findPages(walks, limit, share);
  const short = walks.filter(({ foundRows }) => foundRows < limit);
  const left = mostPages - walks.reduce((sum, { pages }) => sum + pages.length, 0);
  findPages(short, limit, share + Math.floor(Math.max(0, left) / short.length));
  const end = walks.reduce((least, { foundRows }) => Math.min(least, foundRows), limit);
  if (end === rows) return end;
  const ends = new Map<number, number>();
  for (const { pages } of walks)
    for (const { firstRow, rows: count } of pages)
      if (firstRow + count <= end && firstRow + count > start + (end - start) / 4)
        ends.set(firstRow + count, (ends.get(firstRow + count) ?? 0) + 1);
  let best = 0;
  let found = end;
  for (const [row, count] of ends)
    if (count > best || (count === best && row > found)) [best, found] = [count, row];
  return found;
}

function spanOf(
  { pages, dictionary }: PageWalk,
  codec: number,
  start: number,
  end: number,
): ColumnSpan {
  const own = pages.filter((page) => page.firstRow < end && page.firstRow + page.rows > start);
  return {
    codec,
    dictionary: own.some(({ header }) => isCoded(header.encoding)) ? dictionary : null,
    pages: own.map((page) => {
      const { offset, header, firstRow } = page;
      const skip = Math.max(0, start - firstRow);
      const rows = Math.min(firstRow + page.rows, end) - firstRow - skip;
      return { offset, start: page.start, header, skip, rows };
    }),
  };
}
