import type { Dense, Names, Sparse } from '../input/dense.js';
import type { RowNorm, ValueType } from '../ir/index.js';
import { pairwiseSum } from '../math/pairwise-sum.js';
import { floatsOf, MatrixBuffer } from './buffer.js';
import { checkFinite } from './finite.js';
import type { Transformer } from './transformer.js';

export function compileRowNorm({ norm }: RowNorm, gives: ValueType, names: Names): Transformer {
  const out = new MatrixBuffer(gives.columns, names);
  let sizes = new Float64Array(0);

  function transform(x: Dense | Sparse): Dense | Sparse {
    checkFinite('refuse', x);
    const type = floatsOf(x);
    const data = out.shapeLike(x, type);
    // scikit-learn leaves dense rows with a norm near 0 as they are, and sparse rows with a norm of 0.
    const single = type === Float32Array;
    const least = x.indptr !== undefined ? Number.MIN_VALUE : 10 * 2 ** (single ? -23 : -52);
    for (let row = 0; row < x.rows; row++) {
      const start = x.indptr === undefined ? row * x.cols : x.indptr[row]!;
      const end = x.indptr === undefined ? start + x.cols : x.indptr[row + 1]!;
      if (sizes.length < end - start) sizes = new Float64Array(end - start);
      let largest = 0;
      for (let i = start; i < end; i++) {
        const size = Math.abs(x.data[i]!);
        sizes[i - start] = norm === 'l2' ? size * size : size;
        if (size > largest) largest = size;
      }
      const sum = norm === 'max' ? largest : pairwiseSum(sizes, 0, end - start);
      const length = norm === 'l2' ? Math.sqrt(sum) : sum;
      const rounded = single ? Math.fround(length) : length;
      for (let i = start; i < end; i++)
        data[i] = rounded < least ? x.data[i]! : x.data[i]! / rounded;
    }
    return out.value;
  }
  return { gives, names, transform: transform as Transformer['transform'] };
}
