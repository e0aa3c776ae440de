import { type Model, NuthatchError } from 'nuthatch';
import type { ColumnType } from '../batch.js';
import type { Kept } from '../csv/plan.js';
import { checkNames, type Feature, featuresOf } from '../features.js';
import type { ArrowField } from './schema.js';

/** What becomes of the columns of a table. */
export interface ArrowPlan {
  readonly format: 'arrow';
  /** The columns of the table. */
  readonly fields: readonly ArrowField[];
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

export function planArrow(fields: readonly ArrowField[], model: Model, kept: Kept): ArrowPlan {
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
  return { format: 'arrow', fields, features, names, sources, kept: beside };
}

/** Columns of the table that are read. */
export function usedColumns({ features, sources, kept }: ArrowPlan): number[] {
  const given = sources.filter((source, col) => source !== -1 && features[col] !== 'unused');
  return [...new Set([...given, ...kept.map(({ column }) => column)])];
}

/** Whether the model can take the column, whatever is in it. */
function checkFeature({ name, type }: ArrowField, feature: Feature): void {
  if (feature === 'unused' || type.kind === 'null') return;
  const [expected, kinds] =
    feature === 'string' ? ['strings', ['text']] : ['numbers', ['int', 'float', 'bool']];
  if (kinds.includes(type.kind)) return;
  throw new NuthatchError(
    'input-type',
    `column ${JSON.stringify(name)}`,
    `expected ${expected}, found ${nameOf(type)}`,
  );
}

const nameOf = (type: ArrowField['type']): string =>
  type.kind === 'other' ? `Arrow's ${type.name}` : `${type.kind}s`;

const types = {
  null: 'mixed',
  bool: 'boolean',
  int: 'integer',
  float: 'number',
  time: 'date',
  text: 'string',
} as const;

function typeOf({ name, type }: ArrowField): ColumnType {
  if (type.kind !== 'other') return types[type.kind];
  throw new NuthatchError(
    'unsupported',
    `column ${JSON.stringify(name)}`,
    `columns of Arrow's ${type.name} cannot go beside answers`,
  );
}
