import { startOf } from '../input/dense.js';
import { type RowNorm, rowNormRules } from '../ir/index.js';
import { pairwiseSum } from '../math/pairwise-sum.js';
import { type Sum, sequentialSum } from '../math/softmax.js';
import { withRoom, zeros } from '../math/zeros.js';
import { floatsOf } from './buffer.js';
import type { NodeKind } from './kind.js';

export const rowNorm: NodeKind<RowNorm> = {
  rules: rowNormRules,
  transform: ({ norm }, out) => {
    let sizes = zeros(0);
    return (x) => {
      const type = floatsOf(x);
      const single = type === 'float32';
      // scikit-learn leaves dense rows with a norm near 0 as they are, and sparse rows with a norm of 0.
      const least = x.indptr ? Number.MIN_VALUE : 10 * (single ? 2 ** -23 : 2 ** -52);
      // Of sparse rows it adds, one after another, and divides in float64.
      const to = out.shapeLike(x, type);
      const add: Sum = x.indptr ? sequentialSum : pairwiseSum;
      for (let row = 0; row < x.rows; row++) {
        const start = startOf(x, row);
        const count = startOf(x, row + 1) - start;
        sizes = withRoom(sizes, count);
        let largest = 0;
        for (let i = 0; i < count; i++) {
          const size = Math.abs(x.data[start + i]!);
          const part = norm === 'l2' ? size * size : size;
          sizes[i] = single ? Math.fround(part) : part;
          if (size > largest) largest = size;
        }
        const sum = norm === 'max' ? largest : add(sizes, 0, count, Number);
        const length = norm === 'l2' ? Math.sqrt(sum) : sum;
        const rounded = single && !x.indptr ? Math.fround(length) : length;
        for (let i = start; i < start + count; i++)
          to[i] = rounded >= least ? x.data[i]! / rounded : x.data[i]!;
      }
      return out;
    };
  },
};
