import { NuthatchError } from '../errors.js';
import { cellPath, type Dense } from '../input/dense.js';
import type { NonFinitePolicy } from '../ir/index.js';

/** Throws for the value at (row, col) if the part does not take it. `rounded` is the value as the part sees it. */
export function refuseNonFinite(
  policy: NonFinitePolicy,
  x: Dense,
  row: number,
  col: number,
  rounded: number,
): void {
  if (policy === 'any' || (policy === 'nan' && Number.isNaN(rounded))) return;
  const value = x.data[row * x.cols + col]!;
  const what = Number.isNaN(value)
    ? 'this model does not take missing values (NaN)'
    : Number.isFinite(value)
      ? `${value} is too large for float32, which this model computes in`
      : `this model does not take ${value}`;
  throw new NuthatchError('input-not-finite', cellPath(row, col, x.names), what);
}
