import { type MatrixLike, NuthatchError } from 'nuthatch';
import type { Batch, Column, Given } from '../batch.js';
import type { SpareMemory } from '../spare-memory.js';
import { type ArrowColumn, columnsOf } from './body.js';
import { readChecked } from './flatbuffer.js';
import type { ArrowLayout } from './pieces.js';
import type { ArrowPlan } from './plan.js';
import type { ArrowField } from './schema.js';
import { cellsOf, type DictionaryOf, numbersOf, textsOf } from './values.js';

/** Numbers that a model is given at once: a column of nothing, or of single bits, takes a small part of them. */
const mostCells = 2 ** 25;

/** Reads a batch, and the dictionaries before it; without any, no rows. @throws NuthatchError `malformed`, `limit-exceeded`, `unsupported` */
export const readArrow = (
  bytes: Buffer,
  plan: ArrowPlan,
  layout: ArrowLayout,
  memory: SpareMemory,
): Batch => readChecked(layout.place, () => read(bytes, plan, layout, memory));

function read(
  bytes: Buffer,
  plan: ArrowPlan,
  { dictionaries, batch }: ArrowLayout,
  memory: SpareMemory,
): Batch {
  const { fields, features, sources } = plan;
  const known = new Map<number, ArrowColumn[]>();
  for (const { id, layout } of dictionaries)
    known.set(id, [...(known.get(id) ?? []), columnsOf(layout, bytes)[0]!]);
  const dictionaryOf: DictionaryOf = ({ field }) => known.get(field.dictionary!.id) ?? [];
  const rows = batch?.rows ?? 0;
  if (rows * Math.max(1, features.length) > mostCells)
    throw new NuthatchError(
      'limit-exceeded',
      '',
      `a batch of ${rows} rows; write batches of fewer, such as 65536`,
    );
  const columns = batch ? columnsOf(batch, bytes) : fields.map(emptyColumn);
  const columnOf = (source: number, kind: string) =>
    source === -1 || kind === 'unused'
      ? null
      : (kind === 'string' ? textsOf : numbersOf)(columns[source]!, dictionaryOf);
  const given = sources.map((source, col) => columnOf(source, features[col]!));
  const kept = plan.kept.map(({ name, type, column }): Column => {
    const values = cellsOf(columns[column]!, dictionaryOf);
    return { name, type, values, offset: 0, stride: 1 };
  });
  const isMatrix = features.every((kind) => kind === 'number');
  const matrix = isMatrix ? matrixOf(given as Numbers[], rows, memory) : null;
  return {
    total: rows,
    lines: 0,
    rows,
    input: matrix ?? giveColumns(plan, given, rows),
    memory: matrix && (matrix.data.buffer as ArrayBuffer),
    places: null,
    kept,
    bad: [],
    locate: locator(columns, dictionaryOf),
  };
}

const emptyColumn = (field: ArrowField): ArrowColumn => ({
  field,
  length: 0,
  valid: null,
  buffers: [Buffer.alloc(0), Buffer.alloc(0)],
  before: 0,
});

/** Rows are told as records of the columns that were read. */
function locator(
  columns: readonly (ArrowColumn | null)[],
  dictionaryOf: DictionaryOf,
): Batch['locate'] {
  let cells: [string, readonly unknown[]][] | null = null;
  // JSON has neither large integers nor infinity.
  const plainly = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' || Math.abs(value as number) === Number.POSITIVE_INFINITY
      ? String(value)
      : value;
  return (row) => {
    cells ??= columns.flatMap((column): [string, readonly unknown[]][] =>
      column ? [[column.field.name, cellsOf(column, dictionaryOf)]] : [],
    );
    const record = Object.fromEntries(cells.map(([name, values]) => [name, values[row]]));
    return { line: null, text: JSON.stringify(record, plainly) };
  };
}

type Numbers = Float64Array | Float32Array;
type Values = Numbers | (string | null)[];

/** Columns by name, or rows where there are no names. */
function giveColumns(
  { names }: ArrowPlan,
  columns: readonly (Values | null)[],
  rows: number,
): Given {
  if (names)
    return Object.fromEntries(
      names.flatMap((name, col) => (columns[col] ? [[name, columns[col]]] : [])),
    ) as Given;
  return Array.from({ length: rows }, (_, row) => columns.map((column) => column?.[row] ?? null));
}

/** Float32 where all columns are, as in numpy. */
function matrixOf(columns: readonly Numbers[], rows: number, memory: SpareMemory): MatrixLike {
  const cols = columns.length;
  const single = columns.every((column) => column instanceof Float32Array);
  const Kind = single ? Float32Array : Float64Array;
  const size = rows * cols * Kind.BYTES_PER_ELEMENT;
  const data = new Kind(memory.take(size).buffer, 0, rows * cols);
  // Some rows at a time, so that what is written stays in the cache.
  for (let start = 0; start < rows; start += 256) {
    const end = Math.min(rows, start + 256);
    for (let col = 0; col < cols; col++) {
      const column = columns[col]!;
      for (let row = start, at = start * cols + col; row < end; row++, at += cols)
        data[at] = column[row]!;
    }
  }
  return { data, rows, cols };
}
