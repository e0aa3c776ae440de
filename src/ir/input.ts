import type { Fields } from './fields.js';
import type { ValueType } from './value.js';

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

/** `unused` columns may be there, and are never looked at. */
export const columnTypes = ['number', 'string', 'boolean', 'category', 'unused'] as const;
export interface Column {
  /** null where the model was fitted without names. */
  readonly name: string | null;
  readonly type: (typeof columnTypes)[number];
  /** The categories of a column of type `category`, in order; null otherwise. */
  readonly categories: readonly string[] | null;
}

/** One string a row. */
export interface TextInput {
  readonly type: 'text';
}

/** Number of columns that a row has. */
export const inputColumns = (input: InputSpec): number =>
  input.type === 'matrix' ? input.features : input.type === 'columns' ? input.columns.length : 1;

/** The names of the columns, in order; null where the model was fitted without. */
export function inputNames(input: InputSpec): readonly string[] | null {
  if (input.type === 'matrix') return input.names;
  if (input.type === 'text' || input.columns[0]!.name === null) return null;
  return input.columns.map(({ name }) => name!);
}

export const holdsStrings = ({ type }: Column): boolean => type === 'string' || type === 'category';

/** The type of the value that a model's root is given. */
export function typeOfInput(input: InputSpec): ValueType {
  const columns = inputColumns(input);
  if (input.type !== 'columns')
    return { kind: input.type === 'matrix' ? 'dense' : 'text', columns };
  const types = input.columns.map((column) => (holdsStrings(column) ? 'string' : 'number'));
  return { kind: 'columns', columns, types };
}

export function validateInput(f: Fields): InputSpec {
  const type = f.oneOf('type', ['matrix', 'columns', 'text']);
  if (type === 'text') return { type };
  if (type === 'columns') {
    const columns = f.maps('columns').map(validateColumn);
    f.within('columns', columns.length, 1, f.limits.features);
    const names = columns.flatMap(({ name }) => name ?? []);
    if (names.length > 0 && names.length < columns.length) f.fail('columns', 'a name is missing');
    f.unique('columns', names);
    return { type, columns };
  }
  const features = f.integer('features', 1, f.limits.features);
  const names = f.optional('names', f.names);
  if (names !== null) f.within('names', names.length, features, features);
  return { type, features, names };
}

function validateColumn(f: Fields): Column {
  const type = f.oneOf('type', columnTypes);
  const categories = type === 'category' ? f.names('categories') : null;
  return { name: f.optional('name', f.text), type, categories };
}
