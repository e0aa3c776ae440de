import { refuse } from '../errors.js';

/**
 * What flows between the parts of a model.
 *
 * * `dense`: a matrix of float64 or float32 (numpy's dtype rules decide which).
 * * `sparse`: compressed rows (CSR) of float64 or float32.
 * * `columns`: columns of numbers and strings.
 * * `text`: one string a row.
 */
export type ValueKind = 'dense' | 'sparse' | 'columns' | 'text';

/** What the cells of a column are. Booleans are the numbers 0 and 1, categories are strings. */
export type CellType = 'number' | 'string';

/** The type of a value: its kind and its width (1 for text). */
export interface ValueType {
  readonly kind: ValueKind;
  readonly columns: number;
  /** Of `columns` alone: what each column holds. */
  readonly types?: readonly CellType[];
}

/** Those whose cells are all there. */
export const wholeKinds: readonly ValueKind[] = ['dense', 'columns'];
export const matrixKinds: readonly ValueKind[] = ['dense', 'sparse'];
export const cellKinds: readonly ValueKind[] = [...matrixKinds, 'columns'];

/** Which non-finite inputs a part accepts; every other one is an error. */
export const nonFinitePolicies = ['refuse', 'nan', 'any'] as const;
export type NonFinitePolicy = (typeof nonFinitePolicies)[number];

/** Throws `invalid-model` unless a part that takes `columns` columns of these kinds can take `given`. */
export function expectValue(
  given: ValueType,
  kinds: readonly ValueKind[],
  columns: number,
  path: string,
): void {
  if (kinds.includes(given.kind) && given.columns === columns) return;
  refuse(
    'invalid-model',
    path,
    `takes ${columns} columns (${kinds.join(' or ')}), is given ${given.columns} (${given.kind})`,
  );
}

/** As `expectValue`, for a part whose columns hold these types of cells. */
export function expectCells(
  given: ValueType,
  kinds: readonly ValueKind[],
  types: readonly CellType[],
  path: string,
): void {
  expectValue(given, kinds, types.length, path);
  types.forEach((type, i) => {
    if (type === typeOfColumn(given, i)) return;
    refuse('invalid-model', path, `column ${i} is no ${type}`);
  });
}

export function typeOfColumn(given: ValueType, column: number): CellType {
  return given.types?.[column] ?? 'number';
}

/** The type of columns of these types: a matrix where all are numbers. */
export function cellsType(types: readonly CellType[]): ValueType {
  return types.includes('string')
    ? { kind: 'columns', columns: types.length, types }
    : { kind: 'dense', columns: types.length };
}
