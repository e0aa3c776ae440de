import { parse } from 'csv-parse/sync';
import { HttpError } from './http-error.js';

/** Lines of CSV as cells: numbers where all of a cell is one, null where it is empty. @throws HttpError 400 */
export function parseCsv(text: string): (string | number | null)[][] {
  let lines: string[][];
  try {
    lines = parse(text, { bom: true, record_delimiter: ['\r\n', '\n'], skip_empty_lines: true });
  } catch (error) {
    throw new HttpError(400, 'malformed', `the body is not CSV: ${(error as Error).message}`);
  }
  return lines.map((line) => line.map(cellOf));
}

const number = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i;

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
