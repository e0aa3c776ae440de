import type { Linear, Node, NonFinitePolicy, Uncertainty } from '../../src/ir/index.js';
import { toFloats } from './arrays.js';
import { type Estimator, isArray } from './estimator.js';
import { describePython, type PyValue } from './python.js';

export type Floats = Float64Array | Float32Array;

/** A matrix of finite numbers, row after row. */
export interface Matrix {
  readonly values: Floats;
  readonly rows: number;
  readonly columns: number;
}

/** An attribute [rows, columns], each as many as given here, if at all. */
export function readMatrix(
  estimator: Estimator,
  attribute: string,
  expected: { readonly rows?: number; readonly columns?: number } = {},
  array: PyValue = estimator.get(attribute),
): Matrix {
  const { values, shape } = finiteFloats(estimator, attribute, array);
  const [rows, columns] = shape;
  const fits = (count: number | undefined, wanted = count) => count! >= 1 && count === wanted;
  if (shape.length !== 2 || !fits(rows, expected.rows) || !fits(columns, expected.columns))
    return estimator.refuse(
      attribute,
      `expected a matrix [${expected.rows ?? 'rows'}, ${expected.columns ?? 'columns'}], found [${shape.join(', ')}]`,
    );
  return { values, rows: rows!, columns: columns! };
}

/** An attribute [length] of finite numbers. */
export function readVector(
  estimator: Estimator,
  attribute: string,
  length: number,
  array: PyValue = estimator.get(attribute),
): Floats {
  const { values, shape } = finiteFloats(estimator, attribute, array);
  return shape.length === 1 && shape[0] === length
    ? values
    : estimator.refuse(attribute, `expected ${length} numbers, found [${shape.join(', ')}]`);
}

function finiteFloats(
  estimator: Estimator,
  attribute: string,
  array: PyValue,
): { values: Floats; shape: readonly number[] } {
  const values = isArray(array) ? toFloats(array) : null;
  return values?.every(Number.isFinite) && isArray(array)
    ? { values, shape: array.shape }
    : estimator.refuse(
        attribute,
        `expected an array of finite numbers, found ${describePython(array)}`,
      );
}

/** The matrix with its rows as columns. */
export function transpose({ values, rows, columns }: Matrix): Matrix {
  const turned = values.map((_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!);
  return { values: turned, rows: columns, columns: rows };
}

interface Products {
  readonly intercepts?: Floats;
  readonly uncertainty?: Uncertainty;
  readonly nonFinite?: NonFinitePolicy;
}

/** What multiplies rows with those of a matrix, and hands the products on. */
export function projection(
  estimator: Estimator,
  { values, rows, columns }: Matrix,
  { intercepts, uncertainty, nonFinite = 'refuse' }: Products = {},
): Linear {
  const most = estimator.lowering.limits.classes;
  if (rows > most) estimator.refuse('', `gives ${rows} columns, at most ${most} are supported`);
  return {
    kind: 'linear',
    features: columns,
    outputs: rows,
    nonFinite,
    coefficients: values,
    // Of the coefficients' type, so that float32 products stay float32.
    intercepts: intercepts ?? new (isSingle(values) ? Float32Array : Float64Array)(rows),
    deviation: null,
    ...(uncertainty && { uncertainty }),
    head: null,
  };
}

export const isSingle = (values: Floats): values is Float32Array => values instanceof Float32Array;

/** Nodes one after another. */
export const chain = (...steps: readonly Node[]): Node =>
  steps.length === 1 ? steps[0]! : { kind: 'pipeline', steps };

/** The unit roundoff of a type. */
export const roundoff = (single: boolean): number => (single ? 2 ** -24 : 2 ** -53);
