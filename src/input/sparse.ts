import { NuthatchError } from '../errors.js';
import { type InputSpec, inputColumns } from '../ir/index.js';
import type { Value } from './dense.js';
import type { MatrixLike } from './matrix.js';
import { createTarget } from './target.js';

/** Compressed rows (scipy's CSR): row i has the values `data[k]` in the columns `indices[k]`, k from `indptr[i]` to `indptr[i + 1] − 1`. */
export interface SparseLike extends MatrixLike {
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
}

export function isSparse(value: object): value is SparseLike {
  const { indptr, indices } = value as Partial<SparseLike>;
  return indptr instanceof Int32Array && indices instanceof Int32Array;
}

/** Checked, and with its zeros. */
export function readSparse(spec: InputSpec, x: SparseLike): Value {
  const { data, indptr, indices, rows, cols } = x;
  const fail = (message: string): never => {
    throw new NuthatchError('input-shape', 'input', message);
  };
  const expected = inputColumns(spec);
  if (cols !== expected) fail(`expected ${expected} columns, found ${cols}`);
  if (indptr.length !== rows + 1 || indptr[0] !== 0 || indptr[rows]! > data.length)
    fail('indptr does not fit the rows');
  const singles = data instanceof Float32Array ? new Array<boolean>(cols).fill(true) : null;
  const target = createTarget(spec, rows, singles);
  for (let row = 0; row < rows; row++) {
    if (indptr[row]! > indptr[row + 1]!) fail(`indptr falls at row ${row}`);
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
      if (!(indices[i]! >= 0 && indices[i]! < cols)) fail(`row ${row}: column ${indices[i]}`);
      target.set(data[i], row, indices[i]!);
    }
  }
  return target.value;
}
