import { refuse } from '../errors.js';
import {
  cellTypeOf,
  columnsOf,
  type InputSpec,
  inputColumns,
  inputNames,
  isItemForm,
} from '../ir/index.js';
import { cellToNumber, cellToString } from './cell.js';
import type { StringCell, Value } from './dense.js';

/** A value that a person's rows are written to, cell after cell. */
export interface Target extends Value {
  data: Float64Array | Float32Array;
  rows: number;
  readonly names: readonly string[] | null;
  /** Which columns need not be there; null: none. */
  readonly unused: readonly boolean[] | null;
  /** Whether a row is its one cell: of documents, and of models of one nameless column that is no matrix. */
  isCell(row: unknown): boolean;
  /** @throws NuthatchError `input-type` */
  set(cell: unknown, row: number, col: number): void;
}

/** `singles`: which columns are float32. A matrix is float32 where all are. */
export function createTarget(
  spec: InputSpec,
  rows: number,
  singles: readonly boolean[] | null = null,
): Target {
  const cols = inputColumns(spec);
  const names = inputNames(spec);
  const columns = columnsOf(spec);
  const unused = columns?.map(({ type }) => type === 'unused') ?? null;
  const types = columns?.map(cellTypeOf);
  const strings = types?.some((type) => type !== 'number')
    ? new Array<StringCell>(rows * cols).fill(null)
    : undefined;
  const alone = columns?.length === 1 && names === null;
  const data = allocate<Float64Array | Float32Array>(
    !columns && singles?.every(Boolean) ? Float32Array : Float64Array,
    rows * cols,
  );
  return {
    data,
    strings,
    singles: columns && singles,
    rows,
    cols,
    names,
    unused,
    // A cell of items is an array or an object itself.
    isCell: (row) => alone && (isItemForm(types![0]!) || Object(row) !== row),
    set(cell, row, col) {
      const at = row * cols + col;
      const type = types?.[col] ?? 'number';
      if (type === 'string') strings![at] = cellToString(cell, row, col, names);
      else if (type !== 'number') strings![at] = cell as object;
      else if (!unused?.[col]) data[at] = cellToNumber(cell, row, col, names);
    },
  };
}

/** A typed array of zeros; throws `limit-exceeded` where there is no memory for it. */
export function allocate<T>(type: new (length: number) => T, length: number): T {
  try {
    return new type(length);
  } catch {
    return refuse('limit-exceeded', 'input', `${length} values need more memory than there is`);
  }
}
