import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { NuthatchError } from '../../src/errors.js';
import type { Trees } from '../../src/ir/index.js';
import type { Json } from '../hostile/documents.js';
import {
  type Attributes,
  dict,
  estimator,
  featureUnion,
  gapsOf,
  importEstimator,
  nan,
  objects,
  pipeline,
  standardScaler,
} from './estimators.js';

/** Estimators of XGBoost, LightGBM and CatBoost around models of the libraries' own files. */

const read = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../fixtures/boosting/${path}`, import.meta.url)));
const json = read('xgboost-3.2.0/binary-logistic-base-score-json/model.json').toString();
const text = read('lightgbm-4.7.0/binary-categories-txt/model.txt').toString();

const bytes = (data: string | Uint8Array): Json => ({
  $: 'object',
  class: 'builtins.bytearray',
  args: [{ $: 'bytes', data: Buffer.from(data).toString('base64') }],
});
const snapshot = (model = json) => bytes(`{"Config":{},"Model":${model}}`);

const xgboost = (name: string, more: Attributes = {}, handle: Json = snapshot()) =>
  estimator(`xgboost.sklearn.${name}`, {
    n_classes_: 2,
    missing: nan,
    _Booster: estimator('xgboost.core.Booster', { handle }),
    ...more,
  });
const encoder = (...labels: readonly Json[]) =>
  estimator('sklearn.preprocessing._label.LabelEncoder', { classes_: objects(labels) });
const lightgbm = (name: string, more: Attributes = {}, _handle: Json = text) =>
  estimator(`lightgbm.sklearn.${name}`, {
    _le: encoder('no', 'yes'),
    _Booster: estimator('lightgbm.basic.Booster', { _handle, best_iteration: 0 }),
    ...more,
  });

const cbm = (path: string) => read(`catboost-1.2.10/${path}/model.cbm`);
const catboost = (name: string, model = cbm('Logloss-another-threshold-cbm')) =>
  estimator(`catboost.core.${name}`, {
    iterations: 5,
    __model: { $: 'bytes', data: model.toString('base64') },
  });

const refusal = async (model: Json): Promise<NuthatchError> => {
  const error = await importEstimator(model).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(NuthatchError);
  return error as NuthatchError;
};

test('unharmed ones are read', async () => {
  for (const model of [
    ...[xgboost('XGBClassifier'), lightgbm('LGBMClassifier'), catboost('CatBoostClassifier')],
  ])
    expect((await importEstimator(model)).input).toMatchObject({ type: 'matrix', features: 5 });
});

test('iterations after the best one are left out', async () => {
  const trees = async (best: number) => {
    const handle = estimator('lightgbm.basic.Booster', { _handle: text, best_iteration: best });
    const { root } = await importEstimator(lightgbm('LGBMRegressor', { _Booster: handle }));
    return (root as Trees).depths.length;
  };
  expect(await Promise.all([-1, 0, 1, 3, 99].map(trees))).toEqual([4, 4, 1, 3, 4]);
});

test('all that is wrong with a composition is listed in one error, models of other libraries with their places', async () => {
  const other = snapshot(json.replace('binary:logistic', 'binary:own'));
  const gaps = await gapsOf(
    pipeline(
      featureUnion({ scale: standardScaler(5, { scale_: 'none' }) }),
      xgboost('XGBClassifier', {}, other),
    ),
  );
  expect(gaps.map(({ path }) => path)).toEqual([
    'model.steps[0].transformer_list[0].scale_',
    'model.steps[1], objective',
  ]);
});

test('CatBoost of no kind predicts scores, and so does its ranker', async () => {
  for (const name of ['CatBoost', 'CatBoostRanker']) {
    const { root, provenance } = await importEstimator(catboost(name));
    expect(root).toMatchObject({ head: { task: 'regressor', link: 'identity' } });
    expect(provenance).toMatchObject({ library: 'CatBoost', className: name });
  }
});

describe('refused', () => {
  const gap = async (model: Json, path: string, message: RegExp) => {
    const [first, ...others] = await gapsOf(model);
    expect(others).toEqual([]);
    expect(first!.path).toBe(path);
    expect(first!.message).toMatch(message);
  };

  test('predictions that are no probabilities', async () => {
    const margins = snapshot(json.replace('binary:logistic', 'binary:logitraw'));
    await gap(xgboost('XGBClassifier', {}, margins), 'model.objective', /no probabilities/);
    const own = text.replace(/objective=.*/, 'objective=custom');
    await gap(lightgbm('LGBMClassifier', {}, own), 'model.objective', /no probabilities/);
  });

  test('classes where numbers are predicted, and numbers where classes are', async () => {
    await gap(catboost('CatBoostRegressor'), 'model.loss_function', /are classes/);
    const numbers = catboost('CatBoostClassifier', cbm('MultiRMSE-cbm'));
    await gap(numbers, 'model.loss_function', /no classes/);
  });

  test('what the file of a model is refused for, with its place', async () => {
    const model = catboost('CatBoostRegressor', read('catboost-1.2.10/statistics.cbm'));
    await gap(model, 'model, CtrFeatures[0]', /one_hot_max_size/);
  });

  test('other classes than the model has', async () => {
    await gap(
      lightgbm('LGBMClassifier', { _le: encoder('a', 'b', 'c') }),
      'model._le',
      /3 classes/,
    );
    const labels = { _le: encoder('a', 'b', 'c') };
    await gap(xgboost('XGBClassifier', labels), 'model.classes_', /3 labels of 2/);
  });

  test('a number for what is missing that is none', async () => {
    await gap(xgboost('XGBRegressor', { missing: 'gap' }), 'model.missing', /expected a number/);
    await gap(xgboost('XGBRegressor', { missing: 1e300 }), 'model.missing', /expected a number/);
  });

  test('trees that are left out row by row', async () => {
    const early = { _other_params: dict({ pred_early_stop: true }) };
    await gap(lightgbm('LGBMClassifier', early), 'model.pred_early_stop', /row by row/);
  });

  test('a booster that was never trained', async () => {
    await gap(xgboost('XGBRegressor', {}, null), 'model._Booster.handle', /without a model/);
  });

  test('versions that this release was not proved on', async () => {
    const next = snapshot(json.replace('"version":[3,2,0]', '"version":[4,0,0]'));
    expect(await refusal(xgboost('XGBRegressor', {}, next))).toMatchObject({
      code: 'unsupported-version',
      path: 'model, version',
    });
  });
});

describe('a model that is damaged', () => {
  test('of CatBoost: cut off, or no bytes', async () => {
    const cut = catboost('CatBoostClassifier', cbm('MultiRMSE-cbm').subarray(0, 500));
    expect(await refusal(cut)).toMatchObject({ code: 'truncated', path: 'model, byte 4' });
    const none = estimator('catboost.core.CatBoost', { __model: 'CBM1' });
    expect(await refusal(none)).toMatchObject({ code: 'unsupported', path: 'model.__model' });
  });

  const offset = (value: bigint) => {
    const head = Buffer.alloc(22);
    head.write('CONFIG-offset:');
    head.writeBigInt64LE(value, 14);
    return Buffer.concat([
      head,
      read('xgboost-1.2.1/reg-squarederror-base-score-model/model.model'),
    ]);
  };
  test('a length before the binary format that lies', async () => {
    for (const value of [-1n, 2n ** 62n, 100_000n])
      expect(await refusal(xgboost('XGBRegressor', {}, bytes(offset(value))))).toMatchObject({
        code: 'truncated',
        path: 'model, byte 22',
      });
    expect((await refusal(xgboost('XGBRegressor', {}, bytes('CONFIG-offset:12')))).code).toBe(
      'truncated',
    );
  });

  test('names that mean something to JavaScript', async () => {
    for (const name of ['__proto__', 'constructor']) {
      const handle = bytes(`{"Config":{},"${name}":${json}}`);
      expect((await refusal(xgboost('XGBRegressor', {}, handle))).code).toBe('malformed');
    }
  });

  test('a hundred thousand levels, and a text that is a number long', async () => {
    for (const handle of [
      `{"Model":${'['.repeat(1e5)}`,
      `{L\0\0\0\0\0\0\0\x05Model${'['.repeat(1e5)}`,
    ])
      expect(['limit-exceeded', 'malformed', 'truncated']).toContain(
        (await refusal(xgboost('XGBRegressor', {}, bytes(handle)))).code,
      );
    const trees = text.replace('num_tree_per_iteration=1', 'num_tree_per_iteration=3');
    expect((await refusal(lightgbm('LGBMRegressor', {}, trees))).code).toBe('malformed');
  });
});
