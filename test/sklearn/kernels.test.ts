import { describe, expect, test } from 'vitest';
import { type Json, ndarray, object } from '../hostile/documents.js';
import { type Attributes, estimator, floats, gapsOf, named, nan } from './estimators.js';

const places = async (model: Json): Promise<string[]> =>
  (await gapsOf(model)).map(({ path }) => path);

const matrix = (columns: number, ...cells: number[]): Json =>
  ndarray(Float64Array.from(cells), [cells.length / columns, columns]);

const ridge = (more: Attributes): Json =>
  estimator('sklearn.kernel_ridge.KernelRidge', {
    kernel: 'rbf',
    gamma: 0.5,
    degree: 3,
    coef0: 1,
    X_fit_: matrix(2, 1, 2, 3, 4),
    dual_coef_: floats(0.5, -0.5),
    n_features_in_: 2,
    ...more,
  });

const machine = (more: Attributes): Json =>
  estimator('sklearn.svm._classes.SVR', {
    kernel: 'rbf',
    _gamma: 0.5,
    degree: 3,
    coef0: 0,
    support_vectors_: matrix(2, 1, 2, 3, 4),
    dual_coef_: matrix(2, 1, -1),
    _intercept_: floats(0.25),
    n_features_in_: 2,
    ...more,
  });

const covariance = (name: string, attributes: Attributes): Json =>
  object(`sklearn.gaussian_process.kernels.${name}`, Object.entries(attributes));

const process = (kernel: Json, more: Attributes = {}): Json =>
  estimator('sklearn.gaussian_process._gpr.GaussianProcessRegressor', {
    kernel_: kernel,
    X_train_: matrix(1, 1, 2),
    alpha_: floats(0.5, -0.5),
    L_: matrix(2, 1, 0, 0.5, 1),
    _y_train_mean: 0,
    _y_train_std: 1,
    n_features_in_: 1,
    ...more,
  });

describe('of kernel methods', () => {
  test('kernels that are found elsewhere, or a function of one’s own, are refused', async () => {
    for (const kernel of ['precomputed', 'mine', named('mine.kernel')]) {
      expect(await places(ridge({ kernel }))).toEqual(['model.kernel']);
      expect(await places(machine({ kernel }))).toEqual(['model.kernel']);
    }
  });

  test('arrays that do not fit are refused', async () => {
    expect(await places(ridge({ X_fit_: matrix(3, 1, 2, 3) }))).toEqual(['model.X_fit_']);
    expect(await places(ridge({ dual_coef_: floats(1, 2, 3) }))).toEqual(['model.dual_coef_']);
    expect(await places(ridge({ gamma: nan }))).toEqual(['model.gamma']);
    expect(await places(machine({ dual_coef_: matrix(3, 1, 2, 3) }))).toEqual(['model.dual_coef_']);
    expect(await places(ridge({ kernel: 'chi2', X_fit_: matrix(2, 1, -2, 3, 4) }))).toEqual([
      'model.kernel',
    ]);
  });

  test('covariances that need Bessel functions, or are unknown, are refused by name', async () => {
    const matern = covariance('Matern', { length_scale: 1, nu: 0.7 });
    expect(await places(process(matern))).toEqual(['model.kernel_.nu']);
    const sum = covariance('Sum', {
      k1: covariance('ConstantKernel', { constant_value: 2 }),
      k2: object('mine.Kernel', []),
    });
    expect(await places(process(sum))).toEqual(['model.kernel_.k2']);
    const constant = covariance('ConstantKernel', { constant_value: 2 });
    expect(await places(process(constant, { L_: matrix(1, 1) }))).toEqual(['model.L_']);
  });
});
