import type { Names, Sparse } from '../input/dense.js';
import { MatrixBuffer, type NumbersType } from './buffer.js';
import type { Transformer } from './transformer.js';

/** Compressed rows with their zeros. */
export function compileDensify(cols: number, names: Names): Transformer {
  const out = new MatrixBuffer(cols, names);
  return {
    gives: { kind: 'dense', columns: cols },
    names,
    transform(x) {
      const { data, indptr, indices, rows } = x as Sparse;
      const to = out.shape(x, data.constructor as NumbersType);
      to.fill(0, 0, rows * cols);
      for (let row = 0; row < rows; row++) {
        for (let i = indptr[row]!; i < indptr[row + 1]!; i++)
          to[row * cols + indices[i]!] = data[i]!;
      }
      return out.value;
    },
  };
}
