import type { Uncertainty } from '../../src/ir/index.js';
import type { Estimator } from './estimator.js';
import { type Matrix, roundoff } from './projection.js';

/** Multiplications that are made to import one estimator: a small file must not take long. */
export const mostProducts = 2 ** 31;

/** The products of each row of a matrix with each of another's, and `diagonal` added on the diagonal: symmetric, [rows × rows]. */
export function gram(
  estimator: Estimator,
  { values, rows, columns }: Matrix,
  other: Matrix,
  diagonal: number,
): Matrix {
  if (rows * rows * (rows + columns) > mostProducts)
    estimator.refuse('', `a matrix of ${rows} rows and columns is too large to be inverted here`);
  estimator.make(rows * rows);
  const products = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? diagonal : 0;
      for (let k = 0; k < columns; k++)
        sum += values[i * columns + k]! * other.values[j * columns + k]!;
      products[i * rows + j] = sum;
      products[j * rows + i] = sum;
    }
  }
  return { values: products, rows, columns: rows };
}

interface Inverse {
  readonly inverse: Matrix;
  readonly uncertainty: Uncertainty;
}

/**
 * The inverse of a symmetric positive definite matrix, by Cholesky's factor, and how far it may be from the source's own.
 *
 * With A = L·Lᵀ both are off by at most |A⁻¹|·|ΔA|·|A⁻¹|, ΔA being what rounding makes of A while it is summed up of `terms` products each and
 * factored. Neither |ΔA| nor |L|·|Lᵀ| exceeds dᵢ·dⱼ, d the roots of the diagonal, by more than what roundings add up to: so the error is v·vᵀ times
 * that, v = |A⁻¹|·d.
 */
export function invert(
  estimator: Estimator,
  matrix: Matrix,
  terms: number,
  single: boolean,
): Inverse {
  const { values, rows: n } = matrix;
  const factor = factorOf(estimator, matrix);
  const inverse = new Float64Array(n * n);
  for (let column = 0; column < n; column++) {
    // L·y = the column of the identity, then Lᵀ·x = y, in place.
    const x = inverse.subarray(column * n, (column + 1) * n);
    for (let i = column; i < n; i++) {
      let sum = i === column ? 1 : 0;
      for (let k = column; k < i; k++) sum -= factor[i * n + k]! * x[k]!;
      x[i] = sum / factor[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = x[i]!;
      for (let k = i + 1; k < n; k++) sum -= factor[k * n + i]! * x[k]!;
      x[i] = sum / factor[i * n + i]!;
    }
  }
  const v = Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++)
      sum += Math.abs(inverse[i * n + j]!) * Math.sqrt(values[j * n + j]!);
    return sum;
  });
  const share = 2 * (8 + Math.sqrt(terms) + 3 * (8 + Math.sqrt(n))) * roundoff(single);
  return {
    inverse: { values: single ? Float32Array.from(inverse) : inverse, rows: n, columns: n },
    uncertainty: {
      coefficients: inverse.map((_, at) => share * v[Math.floor(at / n)]! * v[at % n]!),
      intercepts: null,
    },
  };
}

/** Cholesky's factor L of a positive definite matrix, row after row. */
export function factorOf(estimator: Estimator, { values, rows: n }: Matrix): Float64Array {
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = values[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= factor[i * n + k]! * factor[j * n + k]!;
      // So near to a singular matrix scikit-learn may turn to another solver.
      if (i === j && !(sum > values[i * n + i]! * n * 2 ** -48))
        estimator.refuse('', 'the matrix to solve with is singular, or nearly');
      factor[i * n + j] = i === j ? Math.sqrt(sum) : sum / factor[j * n + j]!;
    }
  }
  return factor;
}
