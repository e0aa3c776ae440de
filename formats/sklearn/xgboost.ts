import type { Labels, Node } from '../../src/ir/index.js';
import { after, featuresOf } from '../boosting/classifiers.js';
import type { ImportedModel, ImportOptions } from '../format.js';
import { classify } from '../xgboost/classifier.js';
import { lowerXgboost, type Use } from '../xgboost/import.js';
import { toMissing } from '../xgboost/missing.js';
import { readSnapshot } from '../xgboost/snapshot.js';
import { type Estimator, isObject, sequenceItems, unwrapScalar } from './estimator.js';
import type { PyValue } from './python.js';
import type { ForeignClass, ForeignTable } from './table.js';

const boosterClass = 'xgboost.core.Booster';

const booster: ForeignClass = {
  read: (one, options) =>
    readBooster(one, options, { stops: false, isPickled: true, treeLimit: 0, inPlace: false }),
  lower: lowerRegressor,
};
const regressor: ForeignClass = { read: readEstimator, lower: lowerRegressor };
const classifier: ForeignClass = { read: readEstimator, lower: lowerClassifier };

/** xgboost: boosters, and the estimators around them */
export const xgboostClasses: ForeignTable = {
  [boosterClass]: booster,
  'xgboost.sklearn.XGBModel': regressor,
  'xgboost.sklearn.XGBRegressor': regressor,
  'xgboost.sklearn.XGBRFRegressor': regressor,
  'xgboost.sklearn.XGBRanker': regressor,
  'xgboost.sklearn.XGBClassifier': classifier,
  'xgboost.sklearn.XGBRFClassifier': classifier,
};

function readEstimator(estimator: Estimator, options: ImportOptions): ImportedModel {
  const predictor = estimator.maybe('predictor');
  return readBooster(estimator.child('_Booster', [boosterClass]), options, {
    stops: true,
    isPickled: true,
    treeLimit: estimator.has('best_ntree_limit')
      ? Math.max(0, estimator.integer('best_ntree_limit'))
      : 0,
    // It asks otherwise where it is told which predictor to take, as up to 1.7 it could be.
    inPlace: predictor === null || predictor === 'auto',
  });
}

function readBooster(estimator: Estimator, options: ImportOptions, use: Use): ImportedModel {
  const bytes = bytesIn(estimator.get('handle'));
  if (bytes === null) return estimator.refuse('handle', 'a booster without a model');
  const model = lowerXgboost(readSnapshot(bytes, options.limits), options, use);
  const { input } = model;
  if (input.type !== 'matrix' || input.names !== null) return model;
  // Up to 1.3 names are not in the model, but beside it.
  return { ...model, input: { ...input, names: namesBeside(estimator, input.features) } };
}

/** The bytes of a bytearray. */
function bytesIn(value: PyValue): Uint8Array | null {
  const inner = isObject(value) && value.className === 'builtins.bytearray' ? value.args[0] : value;
  return inner !== null && typeof inner === 'object' && inner.type === 'bytes' ? inner.bytes : null;
}

/** null where XGBoost made the names up itself. */
function namesBeside(estimator: Estimator, features: number): readonly string[] | null {
  const names = sequenceItems(estimator.maybe('feature_names'));
  if (names === null || names.length !== features) return null;
  const given = names.some((name, i) => name !== `f${i}`);
  return given && names.every((name) => typeof name === 'string') ? names : null;
}

function lowerRegressor(estimator: Estimator, { root }: ImportedModel): Node {
  return withMissing(estimator, root);
}

/** Behind what makes NaN of what is missing otherwise. */
function withMissing(estimator: Estimator, root: Node): Node {
  const { sparse, zeros } = estimator.lowering.given;
  const missing = unwrapScalar(estimator.maybe('missing'));
  const steps = toMissing(featuresOf(root), missing, sparse);
  if (steps.length > 0 && root.kind === 'pipeline' && root.steps[0]!.kind === 'union')
    estimator.refuse('missing', 'a number, or compressed rows, of columns of categories');
  if (sparse && zeros)
    estimator.refuse(
      '',
      'is given compressed rows that may hold zeros, which are not missing as others are',
    );
  return after(steps, root);
}

function lowerClassifier(estimator: Estimator, { root }: ImportedModel): Node {
  const labels = estimator.has('_le') ? encoded(estimator.child('_le')) : null;
  const count = estimator.integer('n_classes_');
  return withMissing(estimator, classify(root, { count, labels }));
}

const encoded = (encoder: Estimator): Labels => encoder.labels(encoder.get('classes_'), 'classes_');
