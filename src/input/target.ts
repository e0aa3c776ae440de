import { NuthatchError } from '../errors.js';
import { holdsStrings, type InputSpec, inputColumns, inputNames } from '../ir/index.js';
import { cellToNumber, cellToString } from './cell.js';
import type { Names, Value } from './dense.js';

/** A value that a person's rows are written to, cell after cell. */
export interface Target {
  readonly cols: number;
  readonly names: Names;
  /** Which columns need not be there; null: none. */
  readonly unused: readonly boolean[] | null;
  readonly value: Value;
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
  const single = singles?.every(Boolean);
  const numbers = allocate<Float64Array | Float32Array>(
    spec.type === 'matrix' && single ? Float32Array : Float64Array,
    rows * cols,
  );
  const setNumber = (cell: unknown, row: number, col: number): void => {
    numbers[row * cols + col] =
      typeof cell === 'number' ? cell : cellToNumber(cell, row, col, names);
  };
  if (spec.type !== 'columns') {
    const value = { data: numbers, rows, cols, names };
    return { cols, names, unused: null, value, set: setNumber };
  }
  const unused = spec.columns.map(({ type }) => type === 'unused');
  const texts = spec.columns.map(holdsStrings);
  const strings = new Array<string | null>(texts.includes(true) ? rows * cols : 0).fill(null);
  return {
    cols,
    names,
    unused: unused.includes(true) ? unused : null,
    value: {
      data: numbers,
      strings: texts.includes(true) ? strings : undefined,
      singles,
      rows,
      cols,
      names,
    },
    set(cell, row, col) {
      if (texts[col]) strings[row * cols + col] = cellToString(cell, row, col, names);
      else if (!unused[col]) setNumber(cell, row, col);
    },
  };
}

/** A typed array of zeros; throws `limit-exceeded` where there is no memory for it. */
export function allocate<T>(type: new (length: number) => T, length: number): T {
  try {
    return new type(length);
  } catch {
    const message = `${length} values need more memory than there is`;
    throw new NuthatchError('limit-exceeded', 'input', message);
  }
}
