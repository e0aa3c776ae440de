import type { Dense, Sparse } from '../input/dense.js';
import { outputOf, type Polynomial, type ValueType } from '../ir/index.js';
import { floatsOf, MatrixBuffer } from './buffer.js';
import { checkFinite } from './finite.js';
import type { Transformer } from './transformer.js';

export function compilePolynomial(node: Polynomial, given: ValueType): Transformer {
  const { features, starts, factors } = node;
  const gives = outputOf(node, given, '', Infinity);
  const out = new MatrixBuffer(gives.columns, null);
  /** A sparse row, spread out. */
  const spread = new Float64Array(given.kind === 'sparse' ? features : 0);

  /** Dense products start at the last factor, sparse ones at the first, as scikit-learn's do. */
  function product(
    data: ArrayLike<number>,
    offset: number,
    output: number,
    single: boolean,
    sparse: boolean,
  ): number {
    const first = starts[output]!;
    const last = starts[output + 1]! - 1;
    let result = 1;
    for (let i = first; i <= last; i++) {
      result *= data[offset + factors[sparse ? i : last - (i - first)]!]!;
      if (single) result = Math.fround(result);
    }
    return result;
  }

  function transform(x: Dense | Sparse): Dense | Sparse {
    checkFinite('refuse', x);
    const type = floatsOf(x);
    const single = type === Float32Array;
    if (x.indptr === undefined) {
      const data = out.shape(x, type);
      for (let row = 0, to = 0; row < x.rows; row++) {
        for (let output = 0; output < gives.columns; output++)
          data[to++] = product(x.data, row * features, output, single, false);
      }
      return out.value;
    }
    const data = out.shapeSparse(x, type, x.rows * gives.columns);
    let end = 0;
    for (let row = 0; row < x.rows; row++) {
      const from = x.indptr[row]!;
      const to = x.indptr[row + 1]!;
      for (let i = from; i < to; i++) spread[x.indices[i]!] = x.data[i]!;
      for (let output = 0; output < gives.columns; output++) {
        const value = product(spread, 0, output, single, true);
        if (value === 0) continue;
        out.indices![end] = output;
        data[end++] = value;
      }
      for (let i = from; i < to; i++) spread[x.indices[i]!] = 0;
      out.indptr![row + 1] = end;
    }
    return out.value;
  }
  return { gives, names: null, transform: transform as Transformer['transform'] };
}
