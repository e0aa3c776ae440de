import { type MatrixLike, type Model, NuthatchError } from 'nuthatch';
import type { Batch, ColumnType, Given } from './batch.js';
import type { Kept } from './csv/plan.js';
import { checkNames, type Feature, featuresOf } from './features.js';
import { list } from './list.js';
import type { SpareMemory } from './spare-memory.js';

/** What becomes of the columns of a table whose columns have types. */
export interface TablePlan {
  readonly features: readonly Feature[];
  /** Names of the model's columns; null where it has none. */
  readonly names: readonly string[] | null;
  /** The column of the table that each column of the model is; −1: none. */
  readonly sources: readonly number[];
  readonly kept: readonly {
    readonly name: string;
    readonly column: number;
    readonly type: ColumnType;
  }[];
}

/**
 * Finds the columns of a model, and those that go beside its answers, in a table. `checkFeature` throws for a column that cannot be what the model takes,
 * `typeOf` for one that cannot go beside answers.
 */
export function planTable<Field extends { readonly name: string }>(
  fields: readonly Field[],
  model: Model,
  kept: Kept,
  checkFeature: (field: Field, feature: Feature) => void,
  typeOf: (field: Field) => ColumnType,
): TablePlan {
  const { names, features } = featuresOf(model);
  if (features.includes('items'))
    throw new NuthatchError('input-type', 'input', 'items have no table; give .json or .ndjson');
  const found = fields.map(({ name }) => name);
  if (new Set(found).size !== found.length)
    throw new NuthatchError('input-columns', 'schema', 'a column name appears twice');
  const beside = (kept === 'all' ? found : kept).map((name) => {
    const column = found.indexOf(name);
    if (column !== -1) return { name, column, type: typeOf(fields[column]!) };
    throw new NuthatchError(
      'input-columns',
      'schema',
      `--columns names ${JSON.stringify(name)}, which is not there`,
    );
  });
  const extra = new Set(beside.map(({ name }) => name));
  if (names) {
    const known = new Set(names);
    checkNames(
      model,
      found.filter((name) => known.has(name) || !extra.has(name)),
      'schema',
    );
  }
  const others = found.flatMap((name, column) => (names || extra.has(name) ? [] : [column]));
  const sources = names
    ? names.map((name) => found.indexOf(name))
    : found.length === features.length
      ? found.map((_, column) => column)
      : others;
  if (sources.length !== features.length)
    throw new NuthatchError(
      'input-shape',
      'schema',
      `the model takes ${features.length} columns, the table has ${sources.length}`,
    );
  sources.forEach((source, col) => {
    if (source !== -1) checkFeature(fields[source]!, features[col]!);
  });
  return { features, names, sources, kept: beside };
}

/** Columns of the table that are read. */
export function usedColumns({ features, sources, kept }: TablePlan): number[] {
  const given = sources.filter((source, col) => source !== -1 && features[col] !== 'unused');
  return [...new Set([...given, ...kept.map(({ column }) => column)])];
}

/** Cells of a column as a model takes them. */
export type GivenColumn = Float64Array | Float32Array | readonly (string | null)[];

/** What the model is given: a matrix where it takes one, which is in `memory`, else columns by name or rows. */
export function giveColumns(
  { features, names }: TablePlan,
  columns: readonly (GivenColumn | null)[],
  rows: number,
  memory: SpareMemory,
): Pick<Batch, 'input' | 'memory'> {
  if (features.every((kind) => kind === 'number')) {
    const input = matrixOf(columns as readonly (Float64Array | Float32Array)[], rows, memory);
    return { input, memory: input.data.buffer as ArrayBuffer };
  }
  const input = names
    ? Object.fromEntries(names.flatMap((name, col) => (columns[col] ? [[name, columns[col]]] : [])))
    : list(rows, (row) => columns.map((column) => column?.[row] ?? null));
  return { input: input as Given, memory: null };
}

/** Float32 where all columns are, as in numpy. */
function matrixOf(
  columns: readonly (Float64Array | Float32Array)[],
  rows: number,
  memory: SpareMemory,
): MatrixLike {
  const cols = columns.length;
  const single = columns.every((column) => column instanceof Float32Array);
  const Kind = single ? Float32Array : Float64Array;
  const size = rows * cols * Kind.BYTES_PER_ELEMENT;
  const data = new Kind(memory.take(size).buffer, 0, rows * cols);
  // Some rows at a time, so that what is written stays in the cache.
  for (let start = 0; start < rows; start += 256) {
    const end = Math.min(rows, start + 256);
    for (let col = 0; col < cols; col++) putCells(columns[col]!, start, end, data, col, cols);
  }
  return { data, rows, cols };
}

/** Apart from the loops around it, so that it is soon called often enough to be compiled. */
function putCells(
  column: Float64Array | Float32Array,
  start: number,
  end: number,
  data: Float64Array | Float32Array,
  col: number,
  cols: number,
): void {
  for (let row = start, at = start * cols + col; row < end; row++, at += cols)
    data[at] = column[row]!;
}

/** Tells rows as records of columns, for files of bad rows; cells are asked for when the first one is. */
export function locateRows(
  cellsOf: () => readonly (readonly [name: string, cells: ArrayLike<unknown>])[],
): (row: number) => { line: null; text: string } {
  let columns: ReturnType<typeof cellsOf> | null = null;
  // JSON has neither large integers nor infinity.
  const plainly = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' || Math.abs(value as number) === Number.POSITIVE_INFINITY
      ? String(value)
      : value;
  return (row) => {
    columns ??= cellsOf();
    const record = Object.fromEntries(columns.map(([name, cells]) => [name, cells[row]]));
    return { line: null, text: JSON.stringify(record, plainly) };
  };
}
