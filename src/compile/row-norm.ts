import { type Numbers, startOf } from '../input/dense.js';
import { type Norm, type RowNorm, rowNormRules } from '../ir/index.js';
import { pairwiseSum } from '../math/pairwise-sum.js';
import { rounding } from '../math/rounding.js';
import { type Sum, sequentialSum } from '../math/softmax.js';
import { withRoom, zeros } from '../math/zeros.js';
import { floatsOf } from './buffer.js';
import type { NodeKind } from './kind.js';

export const rowNorm: NodeKind<RowNorm> = {
  rules: rowNormRules,
  transform:
    ({ norm }, out) =>
    (x) => {
      const type = floatsOf(x);
      const to = out.shapeLike(x, type);
      for (let row = 0; row < x.rows; row++) {
        const start = startOf(x, row);
        const count = startOf(x, row + 1) - start;
        normalize(norm, type === 'float32', x.indptr !== undefined, x.data, start, count, to);
      }
      return out;
    },
};

let sizes = zeros(0);

/** Writes the `count` cells from `start` on, divided by their norm, to the same places of `to`: of float32 cells what float32 holds. */
export function normalize(
  norm: Norm,
  single: boolean,
  sparse: boolean,
  cells: Numbers,
  start: number,
  count: number,
  to: Numbers,
): void {
  const round = rounding(single);
  // scikit-learn leaves dense rows with a norm near 0 as they are, and sparse rows with a norm of 0.
  const least = sparse ? Number.MIN_VALUE : 10 * (single ? 2 ** -23 : 2 ** -52);
  // Of sparse rows it adds, one after another, and divides in float64.
  const add: Sum = sparse ? sequentialSum : pairwiseSum;
  sizes = withRoom(sizes, count);
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const size = Math.abs(cells[start + i]!);
    sizes[i] = round(norm === 'l2' ? size * size : size);
    if (size > largest) largest = size;
  }
  const sum = norm === 'max' ? largest : add(sizes, 0, count, Number);
  const length = norm === 'l2' ? Math.sqrt(sum) : sum;
  const rounded = sparse ? length : round(length);
  for (let i = start; i < start + count; i++)
    to[i] = rounded >= least ? round(cells[i]! / rounded) : cells[i]!;
}
