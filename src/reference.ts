import type { Value } from './input/dense.js';
import { type Input, readInput } from './input/read.js';
import { createTarget } from './input/target.js';
import {
  type AnswerStatistics,
  cellTypeOf,
  columnsOf,
  type InputSpec,
  inputColumns,
  type NumberStatistics,
  narrowest,
  type Reference,
  type Statistics,
  type ValueStatistics,
} from './ir/index.js';

import { type MethodName, type Model, methodNames } from './model.js';
import { Matrix } from './result.js';

export { readReference } from './ir/index.js';
export type { AnswerStatistics, NumberStatistics, Reference, Statistics, ValueStatistics };

/** Bins of equally many rows, where no value is as frequent as a whole bin. */
const bins = 20;
/** Other columns are not counted: they would outweigh the model. */
const mostColumns = 1000;
const mostListed = 100;
const longestValue = 200;
const countedMethods: readonly MethodName[] = ['predict', 'predict_proba', 'score_samples'];

/** What a cell or an answer holds; null is missing. */
export type CountedCell = number | string | null;

/**
 * Counts rows that a model was trained on, and its answers to them.
 *
 * @throws NuthatchError `input-…`
 */
export function collectReference(model: Model, X: Input): Reference {
  const { input } = model.description;
  const { rows, cellAt } = readCells(input, X);
  const cells = (col: number) => Array.from({ length: rows }, (_, row) => cellAt(row, col));
  return {
    rows,
    columns: Array.from({ length: inputColumns(input) }, (_, col) => {
      const type = col < mostColumns ? typeOfColumn(input, col) : 'none';
      return type === 'none' ? { type } : countCells(type, cells(col));
    }),
    answers: countedMethods.flatMap((method) => countAnswers(model, method, X)),
  };
}

/** Documents are known by their lengths, columns of words by their values, items and what is unused by nothing. */
function typeOfColumn(input: InputSpec, col: number): Statistics['type'] {
  if (input.type === 'text') return 'lengths';
  const column = columnsOf(input)?.[col];
  if (column === undefined) return 'numbers';
  const type = cellTypeOf(column);
  if (column.type === 'unused' || (type !== 'number' && type !== 'string')) return 'none';
  return type === 'string' ? 'values' : 'numbers';
}

/** Rows of any accepted form, cell by cell. Columns of items and unused ones have none. @throws NuthatchError `input-…` */
export function readCells(
  input: InputSpec,
  X: Input,
): { readonly rows: number; readonly cellAt: (row: number, col: number) => CountedCell } {
  const value: Value = readInput(input, X, createTarget(input, 0));
  const strings = columnsOf(input)?.map((column) => cellTypeOf(column) !== 'number');
  const cellAt = (row: number, col: number): CountedCell => {
    const at = row * value.cols + col;
    if (!strings?.[col]) return value.data[at]!;
    const cell = value.strings![at]!;
    return typeof cell === 'string' ? cell : null;
  };
  return { rows: value.rows, cellAt };
}

function countAnswers(model: Model, method: MethodName, X: Input): AnswerStatistics[] {
  if (!model.methods.includes(method)) return [];
  const run = (model as unknown as Record<string, (X: Input) => unknown>)[methodNames[method]]!;
  const answered = run(X);
  // Of several outputs, each with probabilities of its own.
  if (Array.isArray(answered) && answered[0] instanceof Matrix) return [];
  const rows = answered instanceof Matrix ? answered.toArray() : answered;
  const answers = Array.from(rows as ArrayLike<unknown>, (row) => [row].flat());
  const columns = answers[0]?.length ?? 0;
  if (columns === 0 || columns > mostListed) return [];
  const type = method === 'predict' && model.task === 'classifier' ? 'values' : 'numbers';
  return [
    {
      method,
      columns: Array.from({ length: columns }, (_, col) =>
        countCells(
          type,
          answers.map((row) => (type === 'values' ? String(row[col]) : Number(row[col]))),
        ),
      ),
    },
  ];
}

function countCells(
  type: 'numbers' | 'lengths' | 'values',
  cells: readonly CountedCell[],
): NumberStatistics | ValueStatistics {
  if (type === 'values') return countValues(cells);
  const numbers = Float64Array.from(cells, (cell) => numberOf(cell));
  return countNumbers(type, numbers);
}

/** A cell as what is counted of it: a number, or a text's length in characters; NaN where it is missing. */
export const numberOf = (cell: CountedCell): number =>
  typeof cell === 'string' ? [...cell].length : (cell ?? Number.NaN);

function countNumbers(type: 'numbers' | 'lengths', cells: Float64Array): NumberStatistics {
  const there = cells.filter((cell) => !Number.isNaN(cell)).sort();
  const edges = edgesOf(there);
  const counts = new Uint32Array(edges.length + 1);
  for (const cell of there) counts[binOf(edges, cell)]!++;
  let sum = 0;
  for (const cell of there) sum += cell;
  const mean = sum / there.length;
  let squares = 0;
  for (const cell of there) squares += (cell - mean) * (cell - mean);
  const deviation = Math.sqrt(squares / there.length);
  const [least = Number.NaN, most = Number.NaN] = [there[0], there.at(-1)];
  const summary = Float64Array.of(least, most, mean, deviation);
  return {
    type,
    missing: cells.length - there.length,
    summary,
    edges,
    counts: narrowest(counts),
  };
}

/** Every value where there are few, else quantiles; below them a bin for what is smaller than all. */
function edgesOf(sorted: Float64Array): Float64Array {
  const distinct = new Set<number>();
  for (const value of sorted) if (distinct.size <= bins) distinct.add(value);
  const chosen =
    distinct.size <= bins
      ? [...distinct]
      : Array.from(
          { length: bins },
          (_, k) => sorted[Math.ceil(((k + 1) * sorted.length) / bins) - 1]!,
        );
  const below = sorted.length === 0 ? [] : [stepBelow(sorted[0]!)];
  return Float64Array.from(new Set([...below, ...chosen].filter(Number.isFinite)));
}

/** The largest float64 below a finite one. */
function stepBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? -1n : 1n));
  return view.getFloat64(0);
}

/** The bin of a number: the first whose end is not below it, or the last. */
export function binOf(edges: Float64Array, value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function countValues(cells: readonly CountedCell[]): ValueStatistics {
  const counted = new Map<string, number>();
  let missing = 0;
  for (const cell of cells) {
    if (cell === null) missing++;
    else counted.set(String(cell), (counted.get(String(cell)) ?? 0) + 1);
  }
  // The most frequent first; as many in the order of their UTF-16 units.
  const listed = [...counted]
    .filter(([value]) => value.length <= longestValue && !/\p{Surrogate}/u.test(value))
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, mostListed);
  const counts = narrowest(listed.map(([, count]) => count));
  const inList = listed.reduce((sum, [, count]) => sum + count, 0);
  return {
    type: 'values',
    missing,
    values: listed.map(([value]) => value),
    counts,
    other: cells.length - missing - inList,
  };
}
