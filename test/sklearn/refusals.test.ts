import { describe, expect, test } from 'vitest';
import type { Json } from '../hostile/documents.js';
import {
  type Attributes,
  columnTransformer,
  dict,
  estimator,
  featureUnion,
  floats,
  functionTransformer,
  gapsOf,
  named,
  nan,
  objects,
  oneHotEncoder,
  pipeline,
  standardScaler,
  tuple,
} from './estimators.js';

const places = async (model: Json): Promise<string[]> =>
  (await gapsOf(model)).map(({ path }) => path);

describe('all that is wrong with a composition', () => {
  test('is listed in one error, each with its place', async () => {
    const model = pipeline(
      columnTransformer(['a', 'b', 'c'], {
        own: [estimator('mine.Cleaner', {}), [0]],
        log: [functionTransformer(named('mine.log')), [0]],
        scale: [standardScaler(1, { scale_: 'none' }), [1]],
        encode: [oneHotEncoder([objects(['x', 1])]), [2]],
        fine: [standardScaler(1), [0]],
      }),
      featureUnion({
        fine: standardScaler(4),
        nested: pipeline('passthrough', estimator('sklearn.manifold._isomap.Isomap', {})),
      }),
      estimator('mine.Classifier', {}),
    );
    const gaps = await gapsOf(model);
    expect(gaps.map(({ path }) => path)).toEqual([
      'model.steps[0].transformers_[0]',
      'model.steps[0].transformers_[1].func',
      'model.steps[0].transformers_[2].scale_',
      'model.steps[0].transformers_[3].categories_[0]',
      'model.steps[1].transformer_list[1].steps[1]',
      'model.steps[2]',
    ]);
    expect(gaps[0]!.message).toContain('"mine.Cleaner" is not supported');
    expect(gaps[1]!.message).toContain('mine.log is not supported');
  });

  test('is found in every column of an encoder', async () => {
    const mixed = objects(['x', 1]);
    expect(await places(oneHotEncoder([mixed, objects(['x']), mixed]))).toEqual([
      'model.categories_[0]',
      'model.categories_[2]',
    ]);
  });
});

describe('what is refused', () => {
  test('subclasses and functions of one’s own', async () => {
    expect(await places(estimator('mine.StandardScaler', {}))).toEqual(['model']);
    for (const func of [named('mine.log'), named('numpy.log2'), named('numpy.linalg.norm')])
      expect(await places(functionTransformer(func, { n_features_in_: 2 }))).toEqual([
        'model.func',
      ]);
  });

  test('arguments of a function', async () => {
    const model = functionTransformer(named('numpy.log1p'), {
      n_features_in_: 2,
      kw_args: dict({ where: true }),
    });
    expect(await places(model)).toEqual(['model.kw_args']);
  });

  test('categories of several kinds, and two kinds of missing ones', async () => {
    for (const categories of [
      objects(['x', 1]),
      objects([1, dict({})]),
      objects(['x', null, nan]),
      { $: 'ndarray', dtype: '<M8[ns]', shape: [1], order: 'C', data: 'AAAAAAAAAAA=' },
    ])
      expect(await places(oneHotEncoder([categories]))).toEqual(['model.categories_[0]']);
  });

  test('columns that one part takes as strings and another as numbers', async () => {
    const model = columnTransformer(['a', 'b'], {
      one: [standardScaler(1), [1]],
      two: [oneHotEncoder([objects(['x'])]), [1]],
    });
    const [gap] = await gapsOf(model);
    expect(gap!.message).toBe('the column "b" is used as strings and as numbers');
  });

  test('a pipeline that is a step of itself, without following it', async () => {
    const model = (items: readonly Json[]): Json => ({
      $: 'object',
      class: 'sklearn.pipeline.Pipeline',
      id: 0,
      state: dict({ steps: items, _sklearn_version: '1.9.1' }),
    });
    const itself = { $: 'ref', id: 0 };
    expect(
      await places(model([tuple('a', itself), tuple('b', itself), tuple('c', standardScaler(1))])),
    ).toEqual(['model.steps[0]', 'model.steps[1]']);
  });

  test('estimators that predict before the end, or beside others', async () => {
    const linear = estimator('sklearn.linear_model._base.LinearRegression', {
      coef_: floats(1, 2),
      intercept_: 0.5,
      n_features_in_: 2,
    });
    expect(await places(pipeline(linear, standardScaler(2)))).toEqual(['model.steps[0]']);
    expect(await places(featureUnion({ linear, scale: standardScaler(2) }))).toEqual([
      'model.transformer_list[0]',
    ]);
  });

  test('small files that ask for much memory', async () => {
    const features = 1_000_000;
    const binarizer = estimator('sklearn.preprocessing._data.Binarizer', {
      threshold: 0.5,
      n_features_in_: features,
    });
    expect(await places(pipeline(...new Array<Json>(6).fill(binarizer)))).toEqual([
      'model.steps[4]',
      'model.steps[5]',
    ]);
    const polynomial = estimator('sklearn.preprocessing._polynomial.PolynomialFeatures', {
      _min_degree: 0,
      _max_degree: 60,
      interaction_only: false,
      include_bias: true,
      n_features_in_: 100,
    });
    expect(await places(polynomial)).toEqual(['model']);
    expect(await places(functionTransformer(null, { n_features_in_: 2 ** 50 }))).toEqual([
      'model.n_features_in_',
    ]);
  });

  test('outliers among the fitted rows alone, and metrics and weights of one’s own', async () => {
    const factor = estimator('sklearn.neighbors._lof.LocalOutlierFactor', { novelty: false });
    expect(await places(factor)).toEqual(['model.novelty']);
    const neighbors = (changes: Attributes) =>
      estimator('sklearn.neighbors._regression.KNeighborsRegressor', {
        n_features_in_: 2,
        n_neighbors: 1,
        weights: 'uniform',
        _fit_method: 'brute',
        _fit_X: { ...(floats(1, 2, 3, 4) as { [key: string]: Json }), shape: [2, 2] },
        _y: floats(5, 6),
        effective_metric_: 'euclidean',
        effective_metric_params_: dict({}),
        ...changes,
      });
    expect(await places(neighbors({ effective_metric_: named('mine.metric') }))).toEqual([
      'model.effective_metric_',
    ]);
    expect(await places(neighbors({ weights: named('mine.weights') }))).toEqual(['model.weights']);
    expect(await places(neighbors({ n_neighbors: 3 }))).toEqual(['model.n_neighbors']);
    expect(await places(neighbors({ effective_metric_: 'seuclidean' }))).toEqual([
      'model.effective_metric_params_',
    ]);
  });

  test('losses, initial estimators and trees of one’s own, all at once', async () => {
    const boosting = (attributes: Attributes) =>
      estimator('sklearn.ensemble._gb.GradientBoostingClassifier', {
        loss: 'log_loss',
        learning_rate: 0.1,
        classes_: floats(0, 1, 2),
        n_features_in_: 2,
        estimators_: objects([estimator('mine.Tree', {})]),
        init_: estimator('mine.Init', {}),
        ...attributes,
      });
    expect(await places(boosting({}))).toEqual(['model.init_', 'model.estimators_[0]']);
    expect(await places(boosting({ loss: 'mine' }))).toEqual(['model.loss']);
    expect(await places(boosting({ loss: 'exponential' }))).toEqual(['model.classes_']);
    const dummy = estimator('sklearn.dummy.DummyClassifier', { strategy: 'stratified' });
    const [gap] = await gapsOf(boosting({ init_: dummy, estimators_: objects([]) }));
    expect(gap!.path).toBe('model.init_.strategy');
    expect(gap!.message).toContain('"stratified" is not supported');
    expect(await places(boosting({ init_: 'zero', estimators_: objects([]) }))).toEqual([
      'model.estimators_',
    ]);
  });

  test('histograms of a loss of one’s own, and of other trees', async () => {
    const module = 'sklearn.ensemble._hist_gradient_boosting.gradient_boosting';
    const model = (attributes: Attributes) =>
      estimator(`${module}.HistGradientBoostingRegressor`, {
        loss: 'squared_error',
        n_features_in_: 2,
        _predictors: [[estimator('mine.Tree', {})], [estimator('mine.Tree', {})]],
        _baseline_prediction: floats(0.5),
        ...attributes,
      });
    expect(await places(model({ loss: estimator('mine.Loss', {}) }))).toEqual(['model.loss']);
    expect(await places(model({}))).toEqual(['model._predictors[0][0]', 'model._predictors[1][0]']);
    expect(await places(model({ _predictors: [[], []] }))).toEqual(['model._predictors']);
  });

  test('isolation forests whose trees do not fit', async () => {
    const forest = (attributes: Attributes) =>
      estimator('sklearn.ensemble._iforest.IsolationForest', {
        n_features_in_: 2,
        _max_features: 1,
        max_samples_: 8,
        offset_: -0.5,
        estimators_: [estimator('mine.Tree', {})],
        estimators_features_: [floats(0)],
        ...attributes,
      });
    expect(await places(forest({}))).toEqual(['model.estimators_[0]']);
    expect(await places(forest({ estimators_features_: [floats(2), floats(0, 1)] }))).toEqual([
      'model.estimators_features_[0]',
      'model.estimators_features_[1]',
    ]);
  });

  test('parts of ensembles that are not known, each with its place', async () => {
    const linear = (labels: readonly number[]) =>
      estimator('sklearn.linear_model._ridge.RidgeClassifier', {
        coef_: { ...(floats(1, 2) as object), shape: [1, 2] } as Json,
        intercept_: floats(0.5),
        n_features_in_: 2,
        classes_: floats(...labels),
        _label_binarizer: estimator('sklearn.preprocessing._label.LabelBinarizer', {
          y_type_: 'binary',
          classes_: floats(...labels),
        }),
      });
    const voting = (parts: readonly Json[], attributes: Attributes = {}) =>
      estimator('sklearn.ensemble._voting.VotingClassifier', {
        voting: 'hard',
        weights: null,
        estimators: parts.map((part, i) => tuple(`part${i}`, part)),
        estimators_: parts,
        classes_: floats(0, 1),
        n_features_in_: 2,
        ...attributes,
      });
    const own = estimator('mine.Classifier', {});
    expect(await places(voting([own, linear([0, 1]), standardScaler(2)]))).toEqual([
      'model.estimators_[0]',
      'model.estimators_[2]',
    ]);
    const [soft] = await gapsOf(voting([linear([0, 1])], { voting: 'soft' }));
    expect(soft).toEqual({
      path: 'model.estimators_[0]',
      message: 'has no probabilities of all classes',
    });
    const [strange] = await gapsOf(voting([linear([0, 2])]));
    expect(strange!.message).toBe('knows a class that the ensemble does not');
    expect(await places(voting([linear([0, 1])], { weights: [-1] }))).toEqual(['model.weights']);
    expect(await places(voting([linear([0, 1])], { weights: [1, 2] }))).toEqual(['model.weights']);
    const stack = (attributes: Attributes) =>
      estimator('sklearn.ensemble._stacking.StackingClassifier', {
        estimators_: [linear([0, 1])],
        stack_method_: ['decision_function'],
        final_estimator_: linear([0, 1]),
        passthrough: true,
        classes_: objects(['a', 'b']),
        n_features_in_: 2,
        ...attributes,
      });
    expect(await places(stack({ stack_method_: ['predict_proba'] }))).toEqual([
      'model.estimators_[0]',
    ]);
    expect(await places(stack({ stack_method_: ['mine'] }))).toEqual(['model.stack_method_[0]']);
    expect(await places(stack({ final_estimator_: own }))).toEqual(['model.final_estimator_']);
    const boosting = estimator('sklearn.ensemble._weight_boosting.AdaBoostClassifier', {
      estimators_: [linear([0, 1])],
      estimator_weights_: floats(0),
      classes_: floats(0, 1),
      n_features_in_: 2,
    });
    expect(await places(boosting)).toEqual(['model.estimator_weights_']);
    const bag = estimator('sklearn.ensemble._bagging.BaggingClassifier', {
      estimators_: [linear([0, 1]), own],
      estimators_features_: [floats(0, 1), floats(0, 2)],
      classes_: floats(0, 1),
      n_features_in_: 2,
    });
    expect(await places(bag)).toEqual(['model.estimators_features_[1]']);
  });

  test('an ensemble that is a part of itself, without following it', async () => {
    const itself = { $: 'ref', id: 0 };
    const model: Json = {
      $: 'object',
      class: 'sklearn.ensemble._voting.VotingRegressor',
      id: 0,
      state: dict({
        estimators_: [itself, itself],
        weights: null,
        n_features_in_: 2,
        _sklearn_version: '1.9.1',
      }),
    };
    expect(await places(model)).toEqual(['model.estimators_[0]', 'model.estimators_[1]']);
  });

  test('selections of nothing', async () => {
    const selector = estimator('sklearn.feature_selection._variance_threshold.VarianceThreshold', {
      variances_: floats(1, 2),
      threshold: 3,
      n_features_in_: 2,
    });
    expect(await places(selector)).toEqual(['model']);
  });
});
