import type { Fields } from './fields.js';

/** What a person hands to a model, as the source library knew it. */
export type InputSpec = MatrixInput | ColumnsInput | TextInput;

/** A numeric matrix, by position, or by name where the model was fitted with names. */
export interface MatrixInput {
  readonly type: 'matrix';
  readonly features: number;
  /** Feature names in column order; null where the model was fitted without. */
  readonly names: readonly string[] | null;
}

/** A table of columns of different types. */
export interface ColumnsInput {
  readonly type: 'columns';
  readonly columns: readonly Column[];
}

export const columnTypes = ['number', 'string', 'boolean', 'category'] as const;
export interface Column {
  readonly name: string;
  readonly type: (typeof columnTypes)[number];
  /** The categories of a column of type `category`, in order; null otherwise. */
  readonly categories: readonly string[] | null;
}

/** One string a row. */
export interface TextInput {
  readonly type: 'text';
}

/** Number of columns that a row has. */
export function inputColumns(input: InputSpec): number {
  if (input.type === 'matrix') return input.features;
  return input.type === 'columns' ? input.columns.length : 1;
}

export function validateInput(f: Fields): InputSpec {
  const type = f.oneOf('type', ['matrix', 'columns', 'text']);
  if (type === 'text') return { type };
  if (type === 'columns') {
    const columns = f.maps('columns').map(validateColumn);
    if (columns.length < 1 || columns.length > f.limits.features)
      f.fail('columns', `${columns.length} columns`);
    unique(
      f,
      'columns',
      columns.map((column) => column.name),
    );
    return { type, columns };
  }
  const features = f.integer('features', 1, f.limits.features);
  const names = f.optional('names', (name) => f.texts(name));
  if (names !== null) {
    if (names.length !== features)
      f.fail('names', `expected ${features} names, found ${names.length}`);
    unique(f, 'names', names);
  }
  return { type, features, names };
}

function validateColumn(f: Fields): Column {
  const type = f.oneOf('type', columnTypes);
  const categories = type === 'category' ? f.texts('categories') : null;
  if (categories !== null) unique(f, 'categories', categories);
  return { name: f.text('name'), type, categories };
}

function unique(f: Fields, name: string, values: readonly string[]): void {
  if (new Set(values).size !== values.length) f.fail(name, 'a name appears twice');
}
