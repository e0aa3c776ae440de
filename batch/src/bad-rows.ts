import { NuthatchError } from 'nuthatch';
import type { BadRow } from './batch.js';

/** Rows and lines of a file that stand before those of a piece. */
export interface Before {
  readonly rows: number;
  readonly lines: number;
}

/** A bad row as the error that a job stops with; `file` where there are several. */
export function asError(bad: BadRow, before: Before, file: string | null): NuthatchError {
  const { row, line, place, code, message, byRow } = bad;
  const where =
    line === null || byRow ? `row ${before.rows + row}` : `line ${before.lines + line + 1}`;
  const path = [file, where, place].filter((part) => part).join(', ');
  return new NuthatchError(code, path, message);
}

/** A bad row as a line of the file of rejected rows. */
export function rejectLine(bad: BadRow, before: Before, file: string): string {
  const { row, line, place, code, message, text } = bad;
  return `${JSON.stringify({
    file,
    row: before.rows + row,
    ...(line !== null && { line: before.lines + line + 1 }),
    code,
    reason: place === '' ? message : `${place}: ${message}`,
    text,
  })}\n`;
}
