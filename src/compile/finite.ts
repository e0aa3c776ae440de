import { refuse } from '../errors.js';
import { placeOf, startOf, type Value } from '../input/dense.js';
import type { NonFinitePolicy } from '../ir/index.js';

/** Throws for a cell of `x`, which is not finite, if the part does not take it. `rounded` is the cell as the part sees it. */
export function refuseNonFinite(
  policy: NonFinitePolicy,
  x: Value,
  cell: number,
  rounded: number,
): void {
  if (policy === 'any' || (policy === 'nan' && Number.isNaN(rounded))) return;
  const value = x.data[cell]!;
  let row = 0;
  while (startOf(x, row + 1) <= cell) row++;
  const col = x.indices?.[cell] ?? cell - startOf(x, row);
  const what = Number.isFinite(value)
    ? `${value} is too large for float32, the model's type`
    : `this model does not take ${Number.isNaN(value) ? 'missing values (NaN)' : value}`;
  refuse('input-not-finite', placeOf(x, row, col), what);
}

/** Throws for the first cell that a part with this policy does not take. */
export function checkFinite(policy: NonFinitePolicy, x: Value): void {
  if (policy === 'any') return;
  const { data } = x;
  const cells = startOf(x, x.rows);
  for (let i = 0; i < cells; i++) {
    const value = data[i]!;
    if (value - value !== 0) refuseNonFinite(policy, x, i, value);
  }
}
