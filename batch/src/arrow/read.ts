import { NuthatchError } from 'nuthatch';
import { Arena } from '../arena.js';
import type { Batch, Column } from '../batch.js';
import type { SpareMemory } from '../spare-memory.js';
import { giveColumns, locateRows } from '../table.js';
import { type ArrowColumn, columnsOf } from './body.js';
import { readChecked } from './flatbuffer.js';
import { readParts } from './pack.js';
import type { ArrowLayout } from './pieces.js';
import type { ArrowPlan } from './plan.js';
import type { ArrowField } from './schema.js';
import { cellsOf, type DictionaryOf, numbersOf, textsOf } from './values.js';

/** What is read of a file holds until the next piece is read. */
const arena = new Arena();

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
  sent: Buffer,
  plan: ArrowPlan,
  { dictionaries, batch, inFile }: ArrowLayout,
  memory: SpareMemory,
): Batch {
  const { fields, features, sources } = plan;
  arena.clear();
  const bytes = inFile ? readParts(inFile, arena) : sent;
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
  return {
    total: rows,
    lines: 0,
    rows,
    ...giveColumns(plan, given, rows, memory),
    places: null,
    kept,
    bad: [],
    locate: locateRows(() =>
      columns.flatMap((column): [string, readonly unknown[]][] =>
        column ? [[column.field.name, cellsOf(column, dictionaryOf)]] : [],
      ),
    ),
  };
}

const emptyColumn = (field: ArrowField): ArrowColumn => ({
  field,
  length: 0,
  valid: null,
  buffers: [Buffer.alloc(0), Buffer.alloc(0)],
  before: 0,
});
