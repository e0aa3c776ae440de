import type { AnswerPlan } from '../answers.js';
import { type Column, cellOf } from '../batch.js';

/**
 * Rows of columns as JSON values, each behind `before` and before `after`: records, or, where a single method answers and nothing stands beside, what
 * that, `alone`, answers.
 */
export function formatJson(
  columns: readonly Column[],
  rows: number,
  alone: AnswerPlan | null,
  [before, after]: readonly [string, string],
): string {
  const keys = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  const cell = (col: number, row: number): string => {
    const value = cellOf(columns[col]!, row);
    return typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'null');
  };
  const span = (from: number, to: number, row: number): string => {
    let text = '[';
    for (let col = from; col < to; col++) text += (col > from ? ',' : '') + cell(col, row);
    return `${text}]`;
  };
  let starts = 0;
  const nested = alone?.groups?.map((count): [number, number] => {
    starts += count;
    return [starts - count, starts];
  });
  const one = (row: number): string => {
    if (alone === null) return `{${keys.map((key, col) => key + cell(col, row)).join(',')}}`;
    if (nested) return `[${nested.map(([from, to]) => span(from, to, row)).join(',')}]`;
    return alone.scalar ? cell(0, row) : span(0, columns.length, row);
  };
  let text = '';
  for (let row = 0; row < rows; row++) text += before + one(row) + after;
  return text;
}
