import { type Column, cellOf } from '../batch.js';
import { csvCell } from './cell.js';

/** Rows of columns as lines of CSV. */
export function formatCsv(columns: readonly Column[], rows: number): string {
  const known = new Map<unknown, string>();
  /** Texts repeat: categories, labels. */
  const textOf = (value: unknown): string => {
    if (typeof value === 'number') return Number.isNaN(value) ? '' : String(value);
    if (value instanceof Date) return value.toISOString();
    let text = known.get(value);
    if (text === undefined) {
      text = csvCell(value);
      if (known.size < mostKnown) known.set(value, text);
    }
    return text;
  };
  let lines = '';
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns.length; i++) {
      if (i > 0) lines += ',';
      lines += textOf(cellOf(columns[i]!, row));
    }
    lines += '\n';
  }
  return lines;
}

const mostKnown = 1000;

export const csvHeader = (names: readonly string[]): string => `${names.map(csvCell).join(',')}\n`;
