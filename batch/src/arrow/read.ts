import { NuthatchError } from 'nuthatch';
import type { Batch, Column, Given } from '../batch.js';
import { type ArrowColumn, readColumns } from './body.js';
import { readChecked } from './flatbuffer.js';
import { readHead } from './messages.js';
import { type ArrowPlan, usedColumns } from './plan.js';
import type { ArrowField } from './schema.js';
import { cellsOf, type DictionaryOf, numbersOf, textsOf } from './values.js';

/** Numbers that a model is given at once: a column of nothing, or of single bits, takes a small part of them. */
const mostCells = 2 ** 25;

/** Reads a batch, and the dictionaries before it; without any, no rows. @throws NuthatchError `malformed`, `limit-exceeded`, `unsupported` */
export const readArrow = (bytes: Buffer, plan: ArrowPlan, place: string): Batch =>
  readChecked(place, () => read(bytes, plan));

function read(bytes: Buffer, plan: ArrowPlan): Batch {
  const { fields, features, sources } = plan;
  const used = new Set(usedColumns(plan));
  const dictionaries = new Map<number, ArrowColumn[]>();
  const dictionaryOf: DictionaryOf = ({ field }) => dictionaries.get(field.dictionary!.id) ?? [];
  let rows = 0;
  let columns: readonly (ArrowColumn | null)[] = [];
  for (let at = 0; at < bytes.length; ) {
    const message = bytes.subarray(at);
    const { kind, start, end, table } = readHead(message, '');
    const body = message.subarray(start, end);
    if (kind === 'batch') {
      ({ rows, columns } = readColumns(table, body, fields, (column) => used.has(column)));
      if (!(rows * Math.max(1, features.length) <= mostCells))
        throw new NuthatchError(
          'limit-exceeded',
          '',
          `a batch of ${rows} rows; write batches of fewer, such as 65536`,
        );
    } else {
      const id = table.long(0);
      const field = fields.find(({ dictionary }) => dictionary?.id === id);
      const batch = table.table(1);
      if (!field?.dictionary || !batch) throw new RangeError('a dictionary of nothing');
      const [column] = readColumns(batch, body, [field.dictionary.values], () => true).columns;
      const isDelta = table.byte(2) === 1;
      dictionaries.set(id, [...(isDelta ? (dictionaries.get(id) ?? []) : []), column!]);
    }
    at += end;
  }
  if (columns.length === 0) columns = fields.map(emptyColumn);
  const columnOf = (source: number, kind: string) =>
    source === -1 || kind === 'unused'
      ? null
      : (kind === 'string' ? textsOf : numbersOf)(columns[source]!, dictionaryOf);
  const given = sources.map((source, col) => columnOf(source, features[col]!));
  const kept = plan.kept.map(({ name, type, column }): Column => {
    const values = cellsOf(columns[column]!, dictionaryOf);
    return { name, type, values, offset: 0, stride: 1 };
  });
  return {
    total: rows,
    lines: 0,
    rows,
    input: giveColumns(plan, given, rows),
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
});

/** Rows are told as records of the columns that were read. */
function locator(
  columns: readonly (ArrowColumn | null)[],
  dictionaryOf: DictionaryOf,
): Batch['locate'] {
  let cells: [string, readonly unknown[]][] | null = null;
  const plainly = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' ? String(value) : value;
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

/** What the model is given: a matrix where it takes one, else columns by name or rows. */
function giveColumns(
  { features, names }: ArrowPlan,
  columns: readonly (Values | null)[],
  rows: number,
): Given {
  if (features.every((kind) => kind === 'number'))
    return matrixOf(columns as readonly Numbers[], rows);
  if (names)
    return Object.fromEntries(
      names.flatMap((name, col) => (columns[col] ? [[name, columns[col]]] : [])),
    ) as Given;
  return Array.from({ length: rows }, (_, row) => columns.map((column) => column?.[row] ?? null));
}

/** Float32 where all columns are, as in numpy. */
function matrixOf(columns: readonly Numbers[], rows: number): Given {
  const cols = columns.length;
  const single = columns.every((column) => column instanceof Float32Array);
  const data = new (single ? Float32Array : Float64Array)(rows * cols);
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
