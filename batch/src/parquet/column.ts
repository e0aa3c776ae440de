import { NuthatchError } from 'nuthatch';
import type { Arena } from '../arena.js';
import type { OpenFile } from '../file.js';
import type { Field } from './field.js';
import { asPageError, findCells, openPage, type PageRows, type PageSource } from './page.js';
import { isCoded, type PageSpan } from './pages.js';
import { Runs } from './runs.js';
import { arrayOf, readValues, type Span, type Values } from './values.js';

/** Pages of a column that hold certain rows. */
export interface ColumnSpan {
  readonly codec: number;
  /** Where some of the pages are numbers of its cells. */
  readonly dictionary: PageSpan | null;
  readonly pages: readonly PageRows[];
}

/** Cells of consecutive rows. */
export interface Cells {
  readonly field: Field;
  /** Where one is missing, there is anything. */
  readonly values: Values;
  /** 1 where a cell is there; null where all are. */
  readonly there: Uint8Array | null;
}

/**
 * Reads the rows of a window of one column.
 *
 * @throws NuthatchError `malformed`, `unsupported`, `limit-exceeded` with the column and the page
 */
export function readCells(
  file: OpenFile,
  field: Field,
  { codec, dictionary: coded, pages }: ColumnSpan,
  rows: number,
  arena: Arena,
): Cells {
  const source: PageSource = { file, arena, field, codec };
  const Type = arrayOf(field);
  const values: Values =
    Type === null ? new Array<string | null>(rows).fill(null) : arena.take(Type, rows);
  const there = arena.take(Uint8Array, rows);
  const { mark } = arena;
  let missing = false;
  let at = 0;
  let page: PageSpan | null = coded;
  try {
    const dictionary = coded && readDictionary(source, coded);
    for (const next of pages) {
      page = next;
      const before = arena.mark;
      missing = readPage(source, next, dictionary, values, there, at) || missing;
      arena.release(before);
      at += next.rows;
    }
  } catch (error) {
    throw asPageError(error, field, page!);
  }
  arena.release(mark);
  return { field, values, there: missing ? there : null };
}

/** Reads rows of a page to `values` and `there` from `at` on; returns whether cells are missing. */
function readPage(
  source: PageSource,
  page: PageRows,
  dictionary: Values | null,
  values: Values,
  there: Uint8Array,
  at: number,
): boolean {
  const { span, there: own } = findCells(openPage(source, page), page, source);
  const { encoding } = page.header;
  const part = isCoded(encoding)
    ? decode(dictionary, span, source.arena)
    : readValues(encoding, source.field, span, source.arena);
  if (own === null) there.fill(1, at, at + page.rows);
  else there.set(own, at);
  place(values, part, own, at);
  return own !== null;
}

/** Puts cells without gaps where they belong. */
function place(values: Values, part: Values, there: Uint8Array | null, at: number): void {
  if (there === null && !Array.isArray(values)) {
    (values as Float64Array).set(part as Float64Array, at);
    return;
  }
  for (let i = 0, from = 0; i < (there ?? part).length; i++)
    if (there === null || there[i] === 1) values[at + i] = part[from++] as never;
}

function readDictionary(source: PageSource, span: PageSpan): Values {
  const { bytes } = openPage(source, span);
  const total = span.header.values;
  if (total > bytes.length * 8) throw new NuthatchError('malformed', '', 'it is no dictionary');
  const all = { bytes, start: 0, total, skip: 0, count: total };
  return readValues(0, source.field, all, source.arena);
}

/** Cells whose numbers in a dictionary are stored. */
function decode(dictionary: Values | null, span: Span, arena: Arena): Values {
  const { bytes, start, skip, count } = span;
  if (count === 0) return [];
  if (dictionary === null) throw new NuthatchError('malformed', '', 'its dictionary is not there');
  const codes = arena.take(Uint32Array, count);
  const runs = new Runs(bytes, start + 1, bytes.length, bytes[start] ?? 0);
  runs.skip(skip);
  runs.read(codes);
  const values = Array.isArray(dictionary)
    ? new Array<string | null>(count)
    : arena.take(dictionary.constructor as Float64ArrayConstructor, count);
  lookUp(dictionary, codes, values);
  return values;
}

function lookUp(dictionary: Values, codes: Uint32Array, values: Values): void {
  const { length } = dictionary;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code >= length)
      throw new NuthatchError('malformed', '', `number ${code} of a dictionary of ${length}`);
    values[i] = dictionary[code] as never;
  }
}
