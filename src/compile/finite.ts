import { refuse } from '../errors.js';
import { cellPath, startOf, type Value } from '../input/dense.js';
import type { NonFinitePolicy } from '../ir/index.js';

/** Throws for the value at (row, col) if the part does not take it. `rounded` is the value as the part sees it. */
export function refuseNonFinite(
  policy: NonFinitePolicy,
  { firstRow = 0, names }: Value,
  row: number,
  col: number,
  rounded: number,
  value = rounded,
): void {
  if (policy === 'any' || (policy === 'nan' && Number.isNaN(rounded))) return;
  const what = Number.isNaN(value)
    ? 'this model does not take missing values (NaN)'
    : Number.isFinite(value)
      ? `${value} is too large for float32, which this model computes in`
      : `this model does not take ${value}`;
  refuse('input-not-finite', cellPath(firstRow + row, col, names), what);
}

/** Throws for the first cell that a part with this policy does not take. */
export function checkFinite(policy: NonFinitePolicy, x: Value): void {
  if (policy === 'any') return;
  const { data, indices } = x;
  const cells = startOf(x, x.rows);
  for (let i = 0; i < cells; i++) {
    const value = data[i]!;
    if (value - value === 0) continue;
    let row = 0;
    while (startOf(x, row + 1) <= i) row++;
    refuseNonFinite(policy, x, row, indices?.[i] ?? i - startOf(x, row), value);
  }
}
