import type { Linear } from '../../src/ir/index.js';
import { toFloat64, toFloats } from './arrays.js';
import { attributesOf, type Estimator, isArray, isObject, sequenceItems } from './estimator.js';
import { describePython, type PyObject, type PyValue } from './python.js';

export interface Scores
  extends Pick<Linear, 'features' | 'outputs' | 'coefficients' | 'intercepts'> {
  /** Whether `coef_` has one dimension. */
  readonly flat: boolean;
  /** Whether `coef_` is a sparse matrix: the scores of a row then lie apart in memory. */
  readonly sparse: boolean;
}

type Floats = Float64Array | Float32Array;

interface Coefficients {
  readonly shape: readonly number[];
  readonly values: Floats;
}

/** `coef_` [features] or [outputs, features], and `intercept_`, a number or one for each output. */
export function readScores(estimator: Estimator): Scores {
  const coefficients = readCoefficients(estimator);
  const { outputs, values } = coefficients;
  return {
    features: coefficients.features,
    outputs,
    coefficients: values,
    intercepts: readIntercepts(estimator, 'intercept_', outputs, values),
    flat: coefficients.flat,
    sparse: coefficients.sparse,
  };
}

/** `coef_`, which `sparsify` may have made a sparse matrix. */
export function readCoefficients(estimator: Estimator) {
  const coef = estimator.get('coef_');
  const { shape, values } = isObject(coef)
    ? readSparse(estimator, 'coef_', coef)
    : readDense(estimator);
  const features = shape[shape.length - 1]!;
  const flat = shape.length === 1;
  const outputs = flat ? 1 : shape[0]!;
  if (features < 1 || outputs < 1 || outputs > estimator.lowering.limits.classes)
    estimator.refuse('coef_', `expected columns and rows, found [${shape.join(', ')}]`);
  if (features !== estimator.integer('n_features_in_')) {
    estimator.refuse(
      'coef_',
      `expected ${estimator.integer('n_features_in_')} columns, found ${features}`,
    );
  }
  if (!values.every(Number.isFinite)) estimator.refuse('coef_', 'expected finite numbers');
  return { features, outputs, values, flat, sparse: isObject(coef) };
}

function readDense(estimator: Estimator): Coefficients {
  const array = estimator.array('coef_');
  const values = toFloats(array);
  if (values === null || array.shape.length < 1 || array.shape.length > 2) {
    return estimator.refuse('coef_', 'expected a numeric array of one or two dimensions');
  }
  return { shape: array.shape, values };
}

const sparseClasses = [
  'scipy.sparse._csr.csr_matrix',
  'scipy.sparse._csr.csr_array',
  'scipy.sparse.csr.csr_matrix',
];

/** The cells of scipy's compressed rows, in place: `densify`. */
export function readSparse(
  estimator: Estimator,
  attribute: string,
  object: PyObject,
): Coefficients {
  const fail = (message: string) => estimator.refuse(attribute, message);
  if (!sparseClasses.includes(object.className))
    return fail(`expected an array or a csr_matrix, found ${describePython(object)}`);
  const attributes = attributesOf(object);
  const shape = sequenceItems(attributes.get('_shape') ?? null) ?? [];
  if (!isShape(shape)) return fail('expected a sparse matrix of one or two dimensions');
  const numbers = (name: string) => {
    const value = attributes.get(name) ?? null;
    return isArray(value) && value.shape.length === 1 ? value : fail(`expected an array ${name}`);
  };
  const starts = toFloat64(numbers('indptr'));
  const indices = toFloat64(numbers('indices'));
  const data = toFloats(numbers('data'));
  const rows = shape.length === 1 ? 1 : shape[0]!;
  const columns = shape[shape.length - 1]!;
  const { limits } = estimator.lowering;
  // A sparse matrix may claim any size.
  if (rows * columns * 8 > limits.memoryBytes)
    return fail(`${rows * columns} cells are too many; raise the limit memoryBytes`);
  if (starts === null || indices === null || data === null || indices.length !== data.length)
    return fail('expected indices and as many numbers');
  const ordered = starts.every(
    (start, row) => Number.isInteger(start) && start >= (starts[row - 1] ?? 0),
  );
  if (starts.length !== rows + 1 || starts[0] !== 0 || starts[rows]! > data.length || !ordered)
    return fail('expected ascending indptr, one for each row and the end');
  const values = new (data instanceof Float32Array ? Float32Array : Float64Array)(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const column = indices[i]!;
      if (!Number.isInteger(column) || column < 0 || column >= columns)
        return fail(`no column ${column} of ${columns}`);
      // Cells that occur twice are summed, as scipy does.
      values[row * columns + column]! += data[i]!;
    }
  }
  if (!values.every(Number.isFinite)) fail('expected finite numbers');
  return { shape, values };
}

function isShape(shape: readonly PyValue[]): shape is number[] {
  return (
    (shape.length === 1 || shape.length === 2) &&
    shape.every((length) => Number.isSafeInteger(length) && (length as number) >= 1)
  );
}

/** A number for each output, or one for all. */
export function readIntercepts(
  estimator: Estimator,
  attribute: string,
  outputs: number,
  coefficients: Floats,
): Floats {
  const value = estimator.get(attribute);
  // A Python float takes part in float32 arithmetic as float32.
  const type = coefficients instanceof Float32Array ? Float32Array : Float64Array;
  const values =
    typeof value === 'number' ? type.of(value) : isArray(value) ? toFloats(value) : null;
  if (values === null || (values.length !== outputs && values.length !== 1)) {
    return estimator.refuse(
      attribute,
      `expected a number or ${outputs} of them, found ${describePython(value)}`,
    );
  }
  if (!values.every(Number.isFinite)) estimator.refuse(attribute, 'expected finite numbers');
  if (values.length === outputs) return values;
  return new (values instanceof Float32Array ? Float32Array : Float64Array)(outputs).fill(
    values[0]!,
  );
}
