import type { Model } from '../../src/index.js';
import type { GoldenSet } from '../../src/ir/index.js';
import { ulpOf } from '../../src/math/ulp.js';

/** Steps that predictions may be off: exp, and what is made of it. Raw scores are the same to the bit. */
export const mostSteps = 4;

/** Little-endian float64 numbers in base64. */
export function numbersOf(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64');
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Rows, and what a library answers to them, as train.py writes them. */
export interface Answers {
  readonly library?: string;
  readonly rows: string;
  readonly columns: number;
  readonly answers: Readonly<Record<string, string>>;
}

export function goldenOf({ rows: text, columns, answers }: Answers): GoldenSet {
  const data = numbersOf(text);
  const rows = data.length / columns;
  return {
    name: 'rows',
    input: { type: 'matrix', rows, columns, data },
    outputs: Object.entries(answers).map(([method, answer]) => {
      const values = numbersOf(answer);
      const shape = values.length === rows ? [rows] : [rows, values.length / rows];
      return { method, list: false, parts: [{ shape, values, strings: null }] };
    }),
    environment: {},
  };
}

export interface Rows {
  readonly data: Float64Array;
  readonly rows: number;
  readonly cols: number;
}

/** What a method answers, row after row. */
export function ask(model: Model, method: string, X: Rows): number[] {
  const found = (model as unknown as Record<string, (X: Rows) => unknown>)[method]!(X);
  return Array.from((found as { data?: Float64Array }).data ?? (found as Float64Array), Number);
}

/** How far numbers are apart, in steps of float64 or float32 at the second. */
export function stepsApart(found: number, wanted: number, single: boolean): number {
  if (found === wanted || (Number.isNaN(found) && Number.isNaN(wanted))) return 0;
  const step = single ? Math.max(ulpOf(wanted) * 2 ** 29, 2 ** -149) : ulpOf(wanted);
  const steps = Math.abs(found - wanted) / step;
  return Number.isNaN(steps) ? Infinity : steps;
}
