import type { Transformer } from './compile/transformer.js';
import { startOf, type Value } from './input/dense.js';
import { allocate } from './input/target.js';
import { typeOfColumn } from './ir/index.js';
import { Matrix, SparseMatrix, type TransformResult } from './result.js';

/** What a transformer makes of all rows, in memory of its own. */
export function transformAll({ gives, transform }: Transformer, x: Value): TransformResult {
  const value = transform(x);
  const { rows, cols, strings, indptr, indices } = value;
  const cells = startOf(value, rows);
  const data = allocate(Float64Array, cells);
  data.set(value.data.subarray(0, cells));
  if (indptr)
    return new SparseMatrix(data, indices!.slice(0, cells), indptr.slice(0, rows + 1), cols);
  const matrix = new Matrix(data, rows, cols);
  if (!strings) return matrix;
  return matrix
    .toArray()
    .map((row, i) =>
      row.map((number, col) =>
        typeOfColumn(gives, col) === 'string' ? (strings[i * cols + col] as string | null) : number,
      ),
    );
}
