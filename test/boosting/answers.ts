import type { Model } from '../../src/index.js';
import { type GoldenSet, goldenCell } from '../../src/ir/index.js';
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
  /** Set where rows are tables: of columns of strings, by their place, those that the numbers in rows stand for. */
  readonly strings?: Readonly<Record<string, readonly string[]>>;
}

export function goldenOf({ rows: text, columns, answers, strings }: Answers): GoldenSet {
  const data = numbersOf(text);
  const rows = data.length / columns;
  return {
    name: 'rows',
    input: strings
      ? { type: 'columns', rows, columns, values: columnsOf(data, columns, strings) }
      : { type: 'matrix', rows, columns, data },
    outputs: Object.entries(answers).map(([method, answer]) => {
      const values = numbersOf(answer);
      const shape = values.length === rows ? [rows] : [rows, values.length / rows];
      return { method, list: false, parts: [{ shape, values, strings: null }] };
    }),
    environment: {},
  };
}

function columnsOf(
  data: Float64Array,
  columns: number,
  strings: NonNullable<Answers['strings']>,
): (Float64Array | string[])[] {
  return Array.from({ length: columns }, (_, column) => {
    const numbers = data.filter((_, i) => i % columns === column);
    const names = strings[column];
    return names ? Array.from(numbers, (number) => names[number]!) : numbers;
  });
}

export interface Rows {
  readonly data: Float64Array;
  readonly rows: number;
  readonly cols: number;
}

type Table = readonly (readonly (number | string)[])[];

/** Some rows of a golden set as a person gives them. */
export function rowsOf({ input }: GoldenSet, from: number, to: number): Rows | Table {
  const { columns: cols } = input;
  if (input.type === 'matrix')
    return {
      data: input.data.slice(from * cols, to * cols) as Float64Array,
      rows: to - from,
      cols,
    };
  return Array.from({ length: to - from }, (_, i) =>
    input.values.map((column) => goldenCell(column, from + i) as number | string),
  );
}

/** What a method answers, row after row. */
export function ask(model: Model, method: string, X: Rows | Table): number[] {
  const found = (model as unknown as Record<string, (X: Rows | Table) => unknown>)[method]!(X);
  const { data } = found as { data?: Float64Array };
  return Array.from(data ?? Array.from(found as ArrayLike<number | number[]>).flat(), Number);
}

/** How far numbers are apart, in steps of float64 or float32 at the second. */
export function stepsApart(found: number, wanted: number, single: boolean): number {
  if (found === wanted || (Number.isNaN(found) && Number.isNaN(wanted))) return 0;
  const step = single ? Math.max(ulpOf(wanted) * 2 ** 29, 2 ** -149) : ulpOf(wanted);
  const steps = Math.abs(found - wanted) / step;
  return Number.isNaN(steps) ? Infinity : steps;
}
