import { NuthatchError } from '../errors.js';
import { cellCount, cellPath, type Dense, type Sparse, type Value } from '../input/dense.js';
import { type NonFinitePolicy, typeOfColumn, type ValueType } from '../ir/index.js';

/** Throws for the value at (row, col) if the part does not take it. `rounded` is the value as the part sees it. */
export function refuseNonFinite(
  policy: NonFinitePolicy,
  x: Value,
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
  throw new NuthatchError(
    'input-not-finite',
    cellPath((x.firstRow ?? 0) + row, col, x.names),
    what,
  );
}

/** Throws for the first cell that a part with this policy does not take. */
export function checkFinite(policy: NonFinitePolicy, x: Dense | Sparse): void {
  if (policy === 'any') return;
  const { data } = x;
  const cells = cellCount(x);
  for (let i = 0; i < cells; i++) {
    const value = data[i]!;
    if (value - value === 0) continue;
    if (x.indptr === undefined) {
      refuseNonFinite(policy, x, Math.floor(i / x.cols), i % x.cols, value);
    } else {
      refuseNonFinite(
        policy,
        x,
        x.indptr.findIndex((start) => start > i) - 1,
        x.indices[i]!,
        value,
      );
    }
  }
}

/** The same for a value of any type: strings are never refused. */
export function checkCells(policy: NonFinitePolicy, x: Value, given: ValueType): void {
  if (!('numbers' in x)) {
    checkFinite(policy, x);
    return;
  }
  for (let i = 0; i < x.rows * x.cols; i++) {
    const value = x.numbers[i]!;
    const col = i % x.cols;
    if (value - value !== 0 && typeOfColumn(given, col) === 'number')
      refuseNonFinite(policy, x, (i - col) / x.cols, col, value);
  }
}
