import type { Deviation } from '../../src/ir/index.js';
import { toFloats } from './arrays.js';
import { type Estimator, isArray } from './estimator.js';
import { describePython } from './python.js';

type Floats = Float64Array | Float32Array;

/** The standard deviation of a BayesianRidge's predictions. */
export function readDeviation(estimator: Estimator): Deviation {
  const features = estimator.integer('n_features_in_');
  return assemble(
    estimator,
    Uint32Array.from({ length: features }, (_, i) => i),
  );
}

/** The standard deviation of an ARDRegression's predictions: of the columns that are relevant alone. */
export function readRelevantDeviation(estimator: Estimator): Deviation {
  const lambda = floats(estimator, 'lambda_', [estimator.integer('n_features_in_')]);
  const [given] = readNumber(estimator, 'threshold_lambda');
  const threshold = lambda instanceof Float32Array ? Math.fround(given!) : given!;
  const kept: number[] = [];
  lambda.forEach((value, column) => {
    if (value < threshold) kept.push(column);
  });
  return assemble(estimator, Uint32Array.from(kept));
}

function assemble(estimator: Estimator, columns: Uint32Array): Deviation {
  const { length } = columns;
  // As numpy: a float32 precision gives float32 noise.
  const noise = Float64Array.from(
    readNumber(estimator, 'alpha_').map((precision) => 1 / precision),
  );
  // `normalize=True`, up to scikit-learn 1.1.
  const normalized = estimator.maybe('_normalize') === true;
  return {
    columns,
    offsets:
      normalized || estimator.since(1, 9) ? ofColumns(estimator, 'X_offset_', columns) : null,
    scales: normalized ? ofColumns(estimator, 'X_scale_', columns) : null,
    covariance: floats(estimator, 'sigma_', [length, length]),
    noise,
  };
}

function ofColumns(estimator: Estimator, attribute: string, columns: Uint32Array): Floats {
  const values = floats(estimator, attribute, [estimator.integer('n_features_in_')]);
  const type = values instanceof Float32Array ? Float32Array : Float64Array;
  return type.from(Array.from(columns, (column) => values[column]!));
}

/** A Python float or numpy scalar, in an array of its type. */
export function readNumber(estimator: Estimator, attribute: string): Floats {
  const value = estimator.get(attribute);
  const values =
    typeof value === 'number'
      ? Float64Array.of(value)
      : isArray(value) && value.shape.length === 0
        ? toFloats(value)
        : null;
  return values ?? estimator.refuse(attribute, `expected a number, found ${describePython(value)}`);
}

function floats(estimator: Estimator, attribute: string, shape: readonly number[]): Floats {
  const array = estimator.array(attribute);
  const values = toFloats(array);
  const fits = `${array.shape}` === `${shape}`;
  return values !== null && fits && values.every(Number.isFinite)
    ? values
    : estimator.refuse(
        attribute,
        `expected finite numbers [${shape.join(', ')}], found [${array.shape.join(', ')}]`,
      );
}
