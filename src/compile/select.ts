import type { Select } from '../ir/index.js';
import type { Transformer } from './scorer.js';

export function compileSelect({ columns }: Select): Transformer {
  return (x) => {
    const cols = columns.length;
    const data = new (x.data instanceof Float32Array ? Float32Array : Float64Array)(x.rows * cols);
    for (let row = 0; row < x.rows; row++) {
      for (let col = 0; col < cols; col++)
        data[row * cols + col] = x.data[row * x.cols + columns[col]!]!;
    }
    const { names } = x;
    return {
      data,
      rows: x.rows,
      cols,
      names: names === null ? null : Array.from(columns, (column) => names[column]!),
    };
  };
}
