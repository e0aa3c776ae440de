import { describe, expect, test } from 'vitest';
import { importModel } from '../../formats/index.js';
import type { Linear } from '../../src/ir/index.js';
import { documents, type Json, ndarray, object, toBytes } from '../hostile/documents.js';
import { replaced } from '../hostile/plain-data.js';
import { type Attributes, estimator, floats, gapsOf, tuple } from './estimators.js';

/** What linear models are refused for. */

const linear = (module: string, attributes: Attributes): Json =>
  estimator(`sklearn.linear_model.${module}`, {
    n_features_in_: 2,
    coef_: floats(1, 2),
    intercept_: 0.5,
    ...attributes,
  });

const ridge = (attributes: Attributes) => linear('_ridge.Ridge', attributes);

async function place(model: Json): Promise<string> {
  const [gap, ...others] = await gapsOf(model);
  expect(others).toEqual([]);
  return `${gap!.path}: ${gap!.message}`;
}

describe('coefficients and intercepts', () => {
  const nan = ndarray(Float64Array.of(1, Number.NaN));
  test.each<[string, Attributes, RegExp]>([
    ['of another width', { coef_: floats(1, 2, 3) }, /coef_: expected 2 columns, found 3/],
    ['of three dimensions', { coef_: ndarray(new Float64Array(2), [1, 1, 2]) }, /coef_: expected/],
    ['that are none', { coef_: ndarray(new Float64Array(0), [0, 2]) }, /coef_: expected columns/],
    ['that are NaN', { coef_: nan }, /coef_: expected finite/],
    ['that are a list', { coef_: [1, 2] }, /coef_: expected an array/],
    ['of another number', { intercept_: floats(1, 2) }, /intercept_: expected a number or 1/],
    ['that are infinite', { intercept_: floats(Infinity) }, /intercept_: expected finite/],
    ['that are text', { intercept_: '0' }, /intercept_: expected a number/],
  ])('%s', async (_, attributes, message) => {
    expect(await place(ridge(attributes))).toMatch(message);
  });
});

describe('sparse coefficients', () => {
  const csr = (change: Attributes, name = 'scipy.sparse._csr.csr_matrix') =>
    object(
      name,
      Object.entries({
        _shape: tuple(1, 2),
        indptr: ndarray(Int32Array.of(0, 2)),
        indices: ndarray(Int32Array.of(1, 1)),
        data: floats(1, 2),
        ...change,
      }),
    );
  const sgd = (coef: Json) =>
    linear('_stochastic_gradient.SGDRegressor', { coef_: coef, intercept_: floats(0.5) });
  const coefficients = async (coef: Json) => {
    const model = await importModel(
      toBytes({ ...documents['linear regression']!(), model: sgd(coef) }),
    );
    return (model.root as Linear).coefficients;
  };

  test('are read in any order of columns, and cells that occur twice are summed', async () => {
    expect(await coefficients(csr({}))).toEqual(Float64Array.of(0, 3));
    const swapped = csr({ indices: ndarray(Int32Array.of(1, 0)) });
    expect(await coefficients(swapped)).toEqual(Float64Array.of(2, 1));
    const vector = csr({ _shape: tuple(2) }, 'scipy.sparse._csr.csr_array');
    expect(await coefficients(vector)).toEqual(Float64Array.of(0, 3));
    const none = csr({
      indptr: ndarray(Int32Array.of(0, 0)),
      indices: ndarray(new Int32Array(0)),
      data: ndarray(new Float32Array(0)),
    });
    expect(await coefficients(none)).toEqual(new Float32Array(2));
  });

  test.each<[string, Json, RegExp]>([
    [
      'of another class',
      csr({}, 'scipy.sparse._csc.csc_matrix'),
      /expected an array or a csr_matrix/,
    ],
    ['without a shape', csr({ _shape: null }), /expected a sparse matrix/],
    ['of three dimensions', csr({ _shape: tuple(1, 1, 2) }), /expected a sparse matrix/],
    ['of no rows', csr({ _shape: tuple(0, 2) }), /expected a sparse matrix/],
    ['of half a column', csr({ _shape: tuple(1, 1.5) }), /expected a sparse matrix/],
    ['of any size', csr({ _shape: tuple(65536, 1_000_000) }), /cells are too many/],
    ['of more rows than starts', csr({ _shape: tuple(2, 2) }), /expected ascending indptr/],
    ['that begin late', csr({ indptr: ndarray(Int32Array.of(1, 2)) }), /expected ascending indptr/],
    ['that end late', csr({ indptr: ndarray(Int32Array.of(0, 3)) }), /expected ascending indptr/],
    ['that end before 0', csr({ indptr: ndarray(Int32Array.of(0, -1)) }), /expected ascending/],
    ['with starts of NaN', csr({ indptr: floats(0, Number.NaN) }), /expected ascending indptr/],
    ['beyond the columns', csr({ indices: ndarray(Int32Array.of(0, 2)) }), /no column 2 of 2/],
    ['before the columns', csr({ indices: ndarray(Int32Array.of(-1, 0)) }), /no column -1/],
    ['between columns', csr({ indices: floats(0.5, 0) }), /no column 0.5/],
    ['with fewer indices than numbers', csr({ indices: floats(0) }), /expected indices/],
    ['without numbers', csr({ data: null }), /expected an array data/],
    ['that are infinite', csr({ data: floats(1, Infinity) }), /expected finite/],
    ['of several rows', csr({ _shape: tuple(2, 2), indptr: ndarray(Int32Array.of(0, 1, 2)) }), /./],
  ])('%s', async (_, coef, message) => {
    expect(await place(sgd(coef))).toMatch(message);
  });
});

describe('what is refused of', () => {
  const classes_ = ndarray(BigInt64Array.of(0n, 1n, 2n));
  const whole = documents['regression with standard deviations']!().model;
  const attribute = (name: string, value: Json) => {
    const items = (whole as { state: { items: [string, Json][] } }).state.items;
    const at = items.findIndex(([key]) => key === name);
    return replaced(whole, ['state', 'items', at, 1], value);
  };

  test.each<[string, Json, RegExp]>([
    [
      'TweedieRegressor',
      linear('_glm.glm.TweedieRegressor', { link: 'logit', power: 1 }),
      /link: unknown/,
    ],
    [
      'its power',
      linear('_glm.glm.TweedieRegressor', { link: 'auto', power: '1' }),
      /power: expected/,
    ],
    [
      'RANSACRegressor',
      linear('_ransac.RANSACRegressor', {
        estimator_: linear('_perceptron.Perceptron', {
          classes_: ndarray(BigInt64Array.of(0n, 1n)),
        }),
      }),
      /estimator_: expected a regressor/,
    ],
    [
      'what RANSACRegressor holds',
      linear('_ransac.RANSACRegressor', { estimator_: ridge({ coef_: floats(1) }) }),
      /^model\.estimator_\.coef_: expected 2 columns/,
    ],
    ['Perceptron', linear('_perceptron.Perceptron', { classes_ }), /coef_: expected 3 rows/],
    [
      'a single class',
      linear('_perceptron.Perceptron', { classes_: ndarray(BigInt64Array.of(0n)) }),
      /coef_: expected 1 rows for 1 classes/,
    ],
    [
      'RidgeClassifier',
      linear('_ridge.RidgeClassifier', { _label_binarizer: null }),
      /_label_binarizer: expected/,
    ],
    [
      'SGDOneClassSVM',
      linear('_stochastic_gradient.SGDOneClassSVM', { offset_: floats(1, 2) }),
      /offset_: expected a number or 1/,
    ],
    [
      'its rows',
      linear('_stochastic_gradient.SGDOneClassSVM', {
        offset_: floats(1),
        coef_: ndarray(new Float64Array(4), [2, 2]),
      }),
      /coef_: expected one row/,
    ],
    ['a covariance', attribute('sigma_', floats(1, 2)), /sigma_: expected finite numbers \[2, 2\]/],
    ['relevant columns', attribute('lambda_', floats(1, 2)), /lambda_: expected finite numbers/],
    ['a precision', attribute('alpha_', floats(1)), /alpha_: expected a number/],
    ['a threshold', attribute('threshold_lambda', null), /threshold_lambda: expected a number/],
    ['offsets', attribute('X_offset_', 0), /X_offset_: expected an array/],
  ])('%s', async (_, model, message) => {
    expect(await place(model)).toMatch(message);
  });
});
