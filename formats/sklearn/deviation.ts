import type { Deviation } from '../../src/ir/index.js';
import { toFloats } from './arrays.js';
import { type Estimator, isArray } from './estimator.js';
import { describePython } from './python.js';

type Floats = Float64Array | Float32Array;

/** The standard deviation of a BayesianRidge's predictions. */
export function readDeviation(estimator: Estimator): Deviation {
  const features = estimator.integer('n_features_in_');
  return assemble(estimator, floats(estimator, 'sigma_', [features, features]));
}

/** The standard deviation of an ARDRegression's predictions: of the columns that are relevant alone; the others have no covariance. */
export function readRelevantDeviation(estimator: Estimator): Deviation {
  const features = estimator.integer('n_features_in_');
  const lambda = floats(estimator, 'lambda_', [features]);
  const [given] = readNumber(estimator, 'threshold_lambda');
  const threshold = lambda instanceof Float32Array ? Math.fround(given!) : given!;
  const kept: number[] = [];
  lambda.forEach((value, column) => {
    if (value < threshold) kept.push(column);
  });
  const relevant = floats(estimator, 'sigma_', [kept.length, kept.length]);
  estimator.make(features * features);
  const type = relevant instanceof Float32Array ? Float32Array : Float64Array;
  const covariance = new type(features * features);
  kept.forEach((row, i) => {
    kept.forEach((column, j) => {
      covariance[row * features + column] = relevant[i * kept.length + j]!;
    });
  });
  return assemble(estimator, covariance);
}

function assemble(estimator: Estimator, covariance: Floats): Deviation {
  const features = estimator.integer('n_features_in_');
  const ofColumns = (attribute: string) => floats(estimator, attribute, [features]);
  // `normalize=True`, up to scikit-learn 1.1.
  const normalized = estimator.maybe('_normalize') === true;
  return {
    offsets: normalized || estimator.since(1, 9) ? ofColumns('X_offset_') : null,
    scales: normalized ? ofColumns('X_scale_') : null,
    covariance,
    // As numpy: a float32 precision gives float32 noise.
    noise: Float64Array.from(readNumber(estimator, 'alpha_').map((precision) => 1 / precision)),
  };
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
