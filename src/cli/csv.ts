import { NuthatchError } from '../errors.js';

/** One line of a CSV file, with its number counted from 1. */
export interface CsvLine {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Splits CSV text (RFC 4180: commas, double quotes, CR LF or LF, line breaks inside quotes). Empty lines are skipped.
 *
 * @throws NuthatchError `malformed` naming the line of a quote without an end or text after a closing quote
 */
export function parseCsv(text: string): CsvLine[] {
  const lines: CsvLine[] = [];
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const start = line;
    const begin = at;
    const cells: string[] = [];
    for (;;) {
      let cell: string;
      if (text[at] === '"') {
        const end = endOfQuotes(text, at, start);
        cell = text.slice(at + 1, end).replaceAll('""', '"');
        line += countBreaks(cell);
        at = end + 1;
      } else {
        const end = endOfCell(text, at);
        cell = text.slice(at, end);
        at = end;
      }
      cells.push(cell);
      if (text[at] !== ',') break;
      at++;
    }
    const empty = at === begin;
    if (text[at] === '\r') at++;
    if (at < text.length && text[at] !== '\n') {
      throw new NuthatchError(
        'malformed',
        `line ${line}`,
        'expected a comma or the end of the line after a closing quote',
      );
    }
    at++;
    line++;
    if (!empty) lines.push({ line: start, cells });
  }
  return lines;
}

function endOfQuotes(text: string, start: number, line: number): number {
  for (let at = start + 1; ; at += 2) {
    at = text.indexOf('"', at);
    if (at === -1) throw new NuthatchError('malformed', `line ${line}`, 'a quote without an end');
    if (text[at + 1] !== '"') return at;
  }
}

function endOfCell(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === ',' || char === '\n' || (char === '\r' && text[at + 1] === '\n')) return at;
  }
  return text.length;
}

function countBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

const missing = new Set(['', 'na', 'n/a', 'nan', 'null', 'none']);
const infinities: Record<string, number> = {
  inf: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  infinity: Infinity,
  '-infinity': -Infinity,
};

/** The number in a cell; NaN where it is missing; null where it is none. */
export function csvNumber(cell: string): number | null {
  const text = cell.trim().toLowerCase();
  if (missing.has(text)) return Number.NaN;
  // Not \d+\.?\d*, which takes the square of the length where it fails.
  if (/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/.test(text)) return Number(text);
  return Object.hasOwn(infinities, text) ? infinities[text]! : null;
}
