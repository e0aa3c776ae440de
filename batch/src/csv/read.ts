import type { Cell as ModelCell } from 'nuthatch';
import type { BadRow, Batch, Column, Given } from '../batch.js';
import { list } from '../list.js';
import { SpareMemory } from '../spare-memory.js';
import { csvNumber } from './cell.js';
import { numberEnd, readNumber } from './number.js';
import type { CsvPlan } from './plan.js';
import { endOfRecord, splitRecord } from './records.js';

const [lineBreak, carriageReturn, comma, quote] = [10, 13, 44, 34];

/** Why a row is bad. */
type Reason = Pick<BadRow, 'code' | 'place' | 'message'>;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads whole records, with a line break behind the last one. Empty lines are skipped. */
export function readCsv(bytes: Buffer, plan: CsvPlan, memory = new SpareMemory()): Batch {
  const { width, targets, features, kept } = plan;
  const cols = features.length;
  const lines = new LineCounter(bytes);
  // As many rows as there are lines, or fewer.
  const most = lines.all() * cols;
  const { buffer: own } = memory.take(8 * most);
  const numbers = new Float64Array(own, 0, most).fill(0);
  const strings = features.map((kind) => (kind === 'string' ? ([] as (string | null)[]) : null));
  const keptCells = kept.map(() => [] as (string | number | null)[]);
  const keptAt = new Int32Array(width).fill(-1);
  kept.forEach(({ cell }, i) => {
    keptAt[cell] = i;
  });
  const starts: number[] = [];
  const places: number[] = [];
  const bad: BadRow[] = [];
  const located = new LineCounter(bytes);
  let rows = 0;
  let at = 0;

  /** The text of a cell, its quotes taken off; moves on to its end. null where it is not well formed. */
  function readText(): string | null {
    const start = at;
    if (bytes[at] === quote) {
      for (at++; ; at += 2) {
        at = bytes.indexOf(quote, at);
        if (at === -1) return null;
        if (bytes[at + 1] !== quote) break;
      }
      at++;
      if (!isEnd(bytes, at)) return null;
      return decode(bytes, start + 1, at - 1).replaceAll('""', '"');
    }
    while (!isEnd(bytes, at)) at++;
    return decode(bytes, start, at);
  }

  /** Reads the cells of a row; says why it is bad, or null. */
  function readRow(): Reason | null {
    const base = rows * cols;
    for (let cell = 0; ; cell++) {
      if (cell === width) return shapeOf(width, countCells(bytes, at) + width);
      const target = targets[cell]!;
      const keep = keptAt[cell]!;
      const start = at;
      const kind = target === -1 ? 'unused' : features[target]!;
      let text: string | null | undefined;
      if (kind === 'number' || kind === 'flag') {
        const value = readNumber(bytes, at);
        if (numberEnd !== -1) {
          numbers[base + target] = value;
          at = numberEnd;
        } else {
          text = readText();
          if (text === null) return unclosed;
          const found = csvNumber(text) ?? (kind === 'flag' ? flagOf(text) : null);
          if (found === null)
            return {
              code: 'input-type',
              place: `column ${nameOf(plan, cell, target)}`,
              message: `expected a number, found ${quoted(text)}`,
            };
          numbers[base + target] = found;
        }
      } else if (kind === 'string' || keep !== -1) {
        text = readText();
        if (text === null) return unclosed;
        if (kind === 'string') strings[target]![rows] = text === '' ? null : text;
      } else if (bytes[at] === quote) {
        if (readText() === null) return unclosed;
      } else while (!isEnd(bytes, at)) at++;
      if (keep !== -1) {
        const wanted = kept[keep]!;
        const found = text ?? decode(bytes, start, at);
        keptCells[keep]![starts.length - 1] =
          found === '' ? null : wanted.type === 'number' ? csvNumber(found) : found;
      }
      if (bytes[at] === comma) {
        at++;
        continue;
      }
      if (cell + 1 < width) return shapeOf(width, cell + 1);
      return null;
    }
  }

  while (at < bytes.length) {
    if (bytes[at] === lineBreak) at++;
    else if (bytes[at] === carriageReturn && bytes[at + 1] === lineBreak) at += 2;
    else {
      const start = at;
      const row = starts.push(start) - 1;
      let reason: Reason | null;
      try {
        reason = readRow();
      } catch {
        reason = { code: 'malformed', place: '', message: 'this is not UTF-8' };
      }
      if (reason === null) {
        places[rows++] = row;
        at += bytes[at] === carriageReturn ? 2 : 1;
      } else {
        const end = endOfRecord(bytes, start);
        at = end === -1 ? bytes.length : end;
        const text = bytes.toString('utf8', start, at).replace(/\r?\n$/, '');
        bad.push({ row, line: lines.at(start), ...reason, byRow: false, text });
        for (const [i, { cell, type }] of kept.entries()) {
          const found = splitRecord(text)?.[cell] ?? '';
          keptCells[i]![row] = found === '' ? null : type === 'number' ? csvNumber(found) : found;
        }
      }
    }
  }
  return {
    total: starts.length,
    lines: lines.at(bytes.length),
    rows,
    input: given(plan, numbers, strings, rows),
    memory: own,
    places: bad.length > 0 ? Uint32Array.from(places.slice(0, rows)) : null,
    kept: kept.map(({ name, type }, i): Column => {
      return { name, type, values: keptCells[i]!, offset: 0, stride: 1 };
    }),
    bad,
    locate(row) {
      const start = starts[row]!;
      const end = endOfRecord(bytes, start);
      const text = bytes.toString('utf8', start, end).replace(/\r?\n$/, '');
      return { line: located.at(start), text };
    },
  };
}

/** What the model is given: a matrix where it takes one, else columns by name or rows. */
function given(
  { features, names, targets }: CsvPlan,
  numbers: Float64Array,
  strings: readonly ((string | null)[] | null)[],
  rows: number,
): Given {
  const cols = features.length;
  if (features.every((kind) => kind === 'number'))
    return { data: numbers.subarray(0, rows * cols), rows, cols };
  const columns = features.map((_, col) => {
    const texts = strings[col];
    if (texts) return texts.slice(0, rows);
    const column = new Float64Array(rows);
    for (let row = 0; row < rows; row++) column[row] = numbers[row * cols + col]!;
    return column;
  });
  if (names === null) return list(rows, (row) => columns.map((column) => column[row] as ModelCell));
  const present = new Set(targets);
  return Object.fromEntries(
    names.flatMap((name, col) => (present.has(col) ? [[name, columns[col]!]] : [])),
  );
}

const unclosed: Reason = {
  code: 'malformed',
  place: '',
  message: 'a quote without an end, or text after a closing quote',
};

const shapeOf = (width: number, found: number): Reason => ({
  code: 'input-shape',
  place: '',
  message: `expected ${width} values, found ${found}`,
});

const flagOf = (text: string): number | null =>
  /^(true|false)$/i.test(text) ? Number(text.length === 4) : null;

const quoted = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);

function nameOf({ header, names }: CsvPlan, cell: number, target: number): string {
  const name = names?.[target] ?? header?.[cell];
  return name === undefined ? String(target) : quoted(name);
}

/** Whether a cell ends here. */
function isEnd(bytes: Buffer, at: number): boolean {
  const byte = bytes[at]!;
  return (
    byte === comma || byte === lineBreak || (byte === carriageReturn && bytes[at + 1] === lineBreak)
  );
}

/** The cells of a record from here on. */
function countCells(bytes: Buffer, at: number): number {
  const end = endOfRecord(bytes, at);
  return splitRecord(bytes.toString('latin1', at, end === -1 ? bytes.length : end))?.length ?? 1;
}

/** Short texts of ASCII are common, and faster this way. */
function decode(bytes: Buffer, start: number, end: number): string {
  for (let at = start; at < end; at++) {
    if (bytes[at]! >= 128) return utf8.decode(bytes.subarray(start, end));
  }
  return bytes.toString('latin1', start, end);
}

/** Line breaks before one place after another. */
class LineCounter {
  readonly #bytes: Buffer;
  #at = 0;
  #lines = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** No record is without one. */
  all(): number {
    return new LineCounter(this.#bytes).at(this.#bytes.length);
  }

  at(place: number): number {
    for (;;) {
      const next = this.#bytes.indexOf(lineBreak, this.#at);
      if (next === -1 || next >= place) return this.#lines;
      this.#lines++;
      this.#at = next + 1;
    }
  }
}
