import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Rows } from './answers.js';

/** Files of a public project, written by versions years old, and what those versions answered; they are no part of this one. */
export const corpus = fileURLToPath(new URL('../../../shared/corpora/leaves/', import.meta.url));
export const hasCorpus = existsSync(corpus);

export const readCorpus = (name: string): Uint8Array => readFileSync(`${corpus}${name}`);

/** Rows of a text file: `column:value` after a label, where what is not there is `absent`; or all cells, from `first` on. */
export function readRows(
  name: string,
  { columns = 0, absent = 0, first = 0 }: { columns?: number; absent?: number; first?: number },
): number[][] {
  const lines = readFileSync(`${corpus}${name}`, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const words = line.trim().split(/\s+/);
    if (!name.endsWith('.libsvm')) return words.slice(first).map(Number);
    const row = new Array<number>(columns).fill(absent);
    for (const word of words.slice(1)) {
      const [column, value] = word.split(':');
      row[Number(column)] = Number(value);
    }
    return row;
  });
}

export const readAnswers = (name: string): Float64Array =>
  Float64Array.from(readFileSync(`${corpus}${name}`, 'utf8').trim().split(/\s+/), Number);

export const toRows = (rows: readonly (readonly number[])[]): Rows => ({
  data: Float64Array.from(rows.flat()),
  rows: rows.length,
  cols: rows[0]!.length,
});
