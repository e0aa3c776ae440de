import type { Dense, Sparse, Table, Value } from '../input/dense.js';
import { typeOfColumn } from '../ir/index.js';
import { Matrix, SparseMatrix, type TableRows, type TransformResult } from '../result.js';
import { inBlocks } from './pipeline.js';
import type { Transformer } from './transformer.js';

/** What a transformer makes of all rows, in memory of its own. */
export function transformAll({ gives, transform }: Transformer, x: Value): TransformResult {
  const { kind, columns } = gives;
  const width = Math.max(x.cols, columns);
  if (kind === 'columns') {
    const rows: TableRows = [];
    inBlocks(x, width, (block) => {
      const { numbers, strings, rows: count } = transform(block) as Table;
      for (let row = 0; row < count; row++) {
        const cell = (_: unknown, col: number) => {
          const at = row * columns + col;
          return typeOfColumn(gives, col) === 'string' ? strings[at]! : numbers[at]!;
        };
        rows.push(Array.from({ length: columns }, cell));
      }
    });
    return rows;
  }
  if (kind === 'sparse') {
    const indptr = new Int32Array(x.rows + 1);
    const indices: number[] = [];
    const values: number[] = [];
    inBlocks(x, width, (block, start) => {
      const { data, indices: places, indptr: ends, rows } = transform(block) as Sparse;
      for (let i = 0; i < ends[rows]!; i++) {
        indices.push(places[i]!);
        values.push(data[i]!);
      }
      for (let row = 1; row <= rows; row++) indptr[start + row] = indptr[start]! + ends[row]!;
    });
    return new SparseMatrix(Float64Array.from(values), Int32Array.from(indices), indptr, columns);
  }
  const result = new Float64Array(x.rows * columns);
  inBlocks(x, width, (block, start) => {
    const { data, rows } = transform(block) as Dense;
    result.set(data.subarray(0, rows * columns), start * columns);
  });
  return new Matrix(result, x.rows, columns);
}
