import { invalid } from './fields.js';

/**
 * What flows between the parts of a model.
 *
 * * `dense`: a matrix of float64 or float32 (numpy's dtype rules decide which).
 * * `sparse`: compressed rows (CSR) of float64 or float32.
 * * `columns`: columns of numbers, strings and items.
 */
export type ValueKind = 'dense' | 'sparse' | 'columns';

/**
 * Cells that hold any number of items, each a name and what it is given, as a person writes them.
 *
 * * `record`: what each name is given: a number, a string, a list of strings, or nothing.
 * * `pairs`: pairs of a name and a number or string.
 * * `list`: names, or labels that are numbers: each is given 1.
 */
export const itemForms = ['record', 'pairs', 'list'] as const;
export type ItemForm = (typeof itemForms)[number];

/** What the cells of a column are. Booleans are the numbers 0 and 1, categories are strings. */
export type CellType = 'number' | 'string' | ItemForm;

/** Whether cells of some type or column hold items. */
export const isItemForm = (type: string): type is ItemForm =>
  (itemForms as readonly string[]).includes(type);

/** What kinds take: a matrix, cells of any type, or, where they ask their parts, every value. */
export const denseOnly = (): readonly ValueKind[] => ['dense'];
export const columnsOnly = (): readonly ValueKind[] => ['columns'];
export const anyKind = (): readonly ValueKind[] => ['dense', 'sparse', 'columns'];

/** The type of a value: its kind and its width (1 for text). */
export interface ValueType {
  readonly kind: ValueKind;
  readonly columns: number;
  /** Of `columns` alone: what each column holds. */
  readonly types?: readonly CellType[];
}

/** What results are stored as: it decides what later arithmetic is rounded to, as numpy's dtype does. Each decides over the next. */
export const resultTypes = ['float64', 'float32', 'uint8'] as const;
export type ResultType = (typeof resultTypes)[number];

/** Which non-finite inputs a part accepts; every other one is an error. */
export const nonFinitePolicies = ['refuse', 'nan', 'any'] as const;
export type NonFinitePolicy = (typeof nonFinitePolicies)[number];

/** What a validator of one kind reads: all but the keys that most kinds have, which are read before. */
export type Own<N> = Omit<N, 'kind' | 'features' | 'nonFinite'>;

export const typeOfColumn = (given: ValueType, column: number): CellType =>
  given.types?.[column] ?? 'number';

/** Throws `invalid-model` where a column is of another type. */
export function expectCells(type: CellType, given: ValueType, column: number, path: string): void {
  if (typeOfColumn(given, column) !== type) invalid(path, `column ${column} is no ${type}`);
}

/** The type of columns of these types: a matrix where all are numbers. */
export const cellsType = (types: readonly CellType[]): ValueType =>
  types.every((type) => type === 'number')
    ? { kind: 'dense', columns: types.length }
    : { kind: 'columns', columns: types.length, types };
