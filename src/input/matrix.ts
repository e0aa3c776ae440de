import { isSingle } from './dense.js';

/** A matrix in one typed array, row after row. Used in place: float32 data is float32 to the model, as in numpy. */
export interface MatrixLike {
  readonly data: Float64Array | Float32Array;
  readonly rows: number;
  readonly cols: number;
}

export function isMatrix(value: object): value is MatrixLike {
  const { data, rows, cols } = value as Partial<MatrixLike>;
  const typed = data instanceof Float64Array || isSingle(data);
  return typed && typeof rows === 'number' && typeof cols === 'number';
}
