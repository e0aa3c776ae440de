import { headOf } from '../../src/ir/index.js';
import { importCatboostBinary } from '../catboost/import.js';
import type { ImportedModel, ImportOptions } from '../format.js';
import type { Estimator } from './estimator.js';
import type { ForeignClass, ForeignTable } from './table.js';

const scores: ForeignClass = {
  read: (estimator, options) => readModel(estimator, options, true),
  lower: (_, { root }) => root,
};
const regressor: ForeignClass = {
  read: readModel,
  lower: (estimator, { root }) =>
    headOf(root)!.task === 'regressor'
      ? root
      : estimator.refuse('loss_function', 'its predictions are classes'),
};
const classifier: ForeignClass = {
  read: readModel,
  lower: (estimator, { root }) =>
    headOf(root)!.task === 'classifier'
      ? root
      : estimator.refuse('loss_function', 'its predictions are no classes'),
};

/** catboost: models of any loss, and those of CatBoost's estimators */
export const catboostClasses: ForeignTable = {
  'catboost.core.CatBoost': scores,
  'catboost.core.CatBoostRanker': scores,
  'catboost.core.CatBoostRegressor': regressor,
  'catboost.core.CatBoostClassifier': classifier,
};

/** The model, which is in the state as `save_model` writes it; `ofScores`: as one that predicts raw scores. */
function readModel(estimator: Estimator, options: ImportOptions, ofScores = false): ImportedModel {
  const value = estimator.get('__model');
  if (value === null || typeof value !== 'object' || value.type !== 'bytes')
    return estimator.refuse('__model', 'expected bytes');
  const model = importCatboostBinary(value.bytes, options, ofScores);
  return model.input.type === 'matrix'
    ? model
    : estimator.refuse(
        '',
        'has columns of categories: save it with save_model(path, format="json", pool=pool)',
      );
}
