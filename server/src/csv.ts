import { parse } from 'csv-parse/sync';
import { HttpError } from './http-error.js';
import { overLimit, type RowLimits } from './rows.js';

/**
 * Lines of CSV as cells: numbers where all of a cell is one, null where it is empty. What is over a limit is not read: a cell of one byte
 * becomes many.
 *
 * @throws HttpError 400, 413
 */
export function parseCsv(
  text: string,
  limits: RowLimits = unlimited,
): (string | number | null)[][] {
  if (countOf(',', text) > limits.cells) throw overLimit(`more than ${limits.cells} cells`, limits);
  // The first may have the names of columns.
  const mostLines = limits.rows + 1;
  let lines: string[][];
  try {
    lines = parse(text, {
      bom: true,
      record_delimiter: ['\r\n', '\n'],
      skip_empty_lines: true,
      to: mostLines + 1,
    });
  } catch (error) {
    throw new HttpError(400, 'malformed', `the body is not CSV: ${(error as Error).message}`);
  }
  if (lines.length > mostLines) throw overLimit(`more than ${limits.rows} rows`, limits);
  return lines.map((line) => line.map(cellOf));
}

/** Of files that nobody sends. */
const unlimited: RowLimits = { rows: Number.MAX_SAFE_INTEGER - 2, cells: Number.MAX_SAFE_INTEGER };

function countOf(character: string, text: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) count++;
  return count;
}

/** No two parts of it can take the same digits: a cell of millions of them is looked at once. */
const number = /^\s*[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?\s*$/i;

function cellOf(text: string): string | number | null {
  if (text === '') return null;
  if (number.test(text)) return Number(text);
  const word = text.trim().toLowerCase();
  return word === 'nan' ? null : text;
}

/** Answers as CSV: a line a row. */
export const formatCsv = (answers: readonly unknown[]): string =>
  answers.map((answer) => `${[answer].flat(8).map(csvCell).join(',')}\n`).join('');

function csvCell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
