import {
  type Fields,
  fail,
  list,
  map,
  names,
  oneOf,
  optional,
  type Reader,
  read,
  readAll,
  sized,
  text,
  unique,
  upTo,
} from './fields.js';
import { type CellType, isItemForm, itemForms, type ValueType } from './value.js';

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
export const columnTypes = [
  'number',
  'string',
  'boolean',
  'category',
  'unused',
  ...itemForms,
] as const;
export interface Column {
  /** null where the model was fitted without names. */
  readonly name: string | null;
  readonly type: (typeof columnTypes)[number];
  /** The categories of a column of type `category`, in order; null otherwise. */
  readonly categories: readonly string[] | null;
}

/** One string a row: a document. To the model it is a column of strings. */
export interface TextInput {
  readonly type: 'text';
}

const documents: Column = { name: null, type: 'string', categories: null };

/** The columns of a table, of which documents are one; null for a matrix. */
export const columnsOf = (input: InputSpec): readonly Column[] | null =>
  input.type === 'matrix' ? null : input.type === 'columns' ? input.columns : [documents];

/** Number of columns that a row has. */
export const inputColumns = (input: InputSpec): number =>
  columnsOf(input)?.length ?? (input as MatrixInput).features;

/** The names of the columns, in order; null where the model was fitted without. */
export function inputNames(input: InputSpec): readonly string[] | null {
  if (input.type === 'matrix') return input.names;
  const columns = columnsOf(input)!;
  return columns[0]!.name === null ? null : columns.map(({ name }) => name!);
}

export const holdsStrings = ({ type }: Column): boolean => type === 'string' || type === 'category';

/** What the cells of a column are. */
export const cellTypeOf = (column: Column): CellType =>
  isItemForm(column.type) ? column.type : holdsStrings(column) ? 'string' : 'number';

/** The type of the value that a model's root is given. */
export function typeOfInput(input: InputSpec): ValueType {
  if (input.type === 'matrix') return { kind: 'dense', columns: input.features };
  const types = columnsOf(input)!.map(cellTypeOf);
  return { kind: 'columns', columns: types.length, types };
}

export const readInput: Reader<InputSpec> = map((f) => {
  const type = read(f, 'type', oneOf('matrix', 'columns', 'text'));
  if (type === 'text') return { type };
  if (type === 'columns') {
    const columns = read(f, 'columns', sized(list(map(validateColumn)), 1, f.limits.features));
    const names = columns.flatMap(({ name }) => name ?? []);
    if (names.length > 0 && names.length < columns.length) fail(f, 'columns', 'a name is missing');
    read(
      f,
      'columns',
      unique(() => names),
    );
    return { type, columns };
  }
  const features = read(f, 'features', upTo('features'));
  return { type, features, ...readAll(f, { names: optional(sized(names, features)) }) };
});

const validateColumn = (f: Fields): Column => {
  const own = readAll(f, { name: optional(text), type: oneOf(...columnTypes) });
  return { ...own, categories: own.type === 'category' ? read(f, 'categories', names) : null };
};
