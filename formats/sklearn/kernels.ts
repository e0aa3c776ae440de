import type { Head, Kernel, KernelStep, Linear, Node, Pipeline } from '../../src/ir/index.js';
import { toFloats } from './arrays.js';
import { readSparse } from './coefficients.js';
import { type Estimator, isArray, isObject, unwrapScalar } from './estimator.js';
import { describePython, type PyValue } from './python.js';

type Floats = Float64Array | Float32Array;

/** Rows that an estimator kept of those it was fitted on, [count × features]; scipy's compressed rows with their zeros. */
export function readReferences(estimator: Estimator, attribute: string, features: number): Floats {
  const { shape, values } = readMatrix(estimator, attribute);
  if (shape.length !== 2 || shape[1] !== features || shape[0]! < 1)
    estimator.refuse(
      attribute,
      `expected rows of ${features} numbers, found [${shape.join(', ')}]`,
    );
  return values;
}

/** A finite array of numbers, or scipy's compressed rows, with its shape. */
export function readMatrix(
  estimator: Estimator,
  attribute: string,
): { readonly shape: readonly number[]; readonly values: Floats } {
  const value = estimator.get(attribute);
  if (isObject(value)) return readSparse(estimator, attribute, value);
  const array = estimator.array(attribute);
  const values = toFloats(array);
  if (values === null || !values.every(Number.isFinite))
    return estimator.refuse(attribute, 'expected finite numbers');
  return { shape: array.shape, values };
}

/** What one of scikit-learn's `pairwise_kernels` is calculated by; `read` gives a parameter, or null where it is left to the function. */
export function lowerPairwise(
  estimator: Estimator,
  references: Floats,
  features: number,
  read: (parameter: 'gamma' | 'coef0' | 'degree') => PyValue,
): Kernel {
  const single = references instanceof Float32Array;
  const number = (parameter: 'gamma' | 'coef0' | 'degree', otherwise: number): number => {
    const given = read(parameter);
    if (given === null) return otherwise;
    const value = unwrapScalar(given);
    if (typeof value !== 'number' || !Number.isFinite(value))
      return estimator.refuse(parameter, `expected a number, found ${describePython(given)}`);
    if (single && isArray(given) && Math.fround(value) !== value)
      estimator.refuse(parameter, 'a numpy scalar rounds differently from version to version');
    return value;
  };
  const gamma = () => number('gamma', 1 / features);
  const kernel = (steps: readonly KernelStep[], ...operands: number[]): Kernel =>
    compareWith(references, features, steps, operands);
  const name = estimator.get('kernel');
  switch (name) {
    case 'linear':
      return kernel(['dot']);
    case 'cosine':
      return kernel(['cosine']);
    case 'poly':
    case 'polynomial': {
      const operands = [gamma(), number('coef0', 1), number('degree', 3)];
      return kernel(['dot', 'multiply', 'add', 'power'], ...operands);
    }
    case 'sigmoid':
      return kernel(['dot', 'multiply', 'add', 'tanh'], gamma(), number('coef0', 1));
    case 'rbf':
      return kernel(['squared-distance', 'multiply', 'exp'], -gamma());
    case 'laplacian':
      return kernel(['manhattan', 'multiply', 'exp'], -gamma());
    case 'additive_chi2':
    case 'chi2':
      if (references.some((cell) => cell < 0))
        estimator.refuse('kernel', `${name} of rows with negative numbers`);
      return name === 'chi2'
        ? kernel(['additive-chi2', 'multiply', 'exp'], number('gamma', 1))
        : kernel(['additive-chi2']);
    default:
      return estimator.refuse(
        'kernel',
        name === 'precomputed'
          ? 'a kernel that is calculated elsewhere ("precomputed") is not supported'
          : `${describePython(name)} is not supported: the names of kernels are`,
      );
  }
}

export const compareWith = (
  references: Floats,
  features: number,
  steps: readonly KernelStep[],
  operands: readonly number[],
  diagonal = false,
): Kernel => ({
  kind: 'kernel',
  features,
  nonFinite: 'refuse',
  references,
  steps,
  operands: Float64Array.from(operands),
  diagonal,
});

/** Products of similarities. What is not finite there was found, not given. */
export const weigh = (
  kernel: Kernel,
  coefficients: Floats,
  intercepts: Floats,
  head: Head | null,
): Pipeline<Node> => {
  const linear: Linear = {
    kind: 'linear',
    features: coefficients.length / intercepts.length,
    outputs: intercepts.length,
    nonFinite: 'any',
    coefficients,
    intercepts,
    deviation: null,
    head,
  };
  return { kind: 'pipeline', steps: [kernel, linear] };
};

/** Columns of a matrix [rows × columns], one after another. */
export function transpose<T extends Floats>(values: T, columns: number): T {
  const rows = values.length / columns;
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!) as T;
}

/** Zeros of the same type. */
export const zerosLike = (values: Floats, length: number): Floats =>
  values instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
