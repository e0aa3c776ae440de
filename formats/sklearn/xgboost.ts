import {
  type ClassifierHead,
  type Elementwise,
  type Head,
  headColumns,
  headOf,
  type Labels,
  labelCount,
  type Node,
  type Operation,
} from '../../src/ir/index.js';
import type { ImportedModel, ImportOptions } from '../format.js';
import { lowerXgboost, type PickledUse } from '../xgboost/import.js';
import { readSnapshot } from '../xgboost/snapshot.js';
import { type Estimator, isObject, sequenceItems, unwrapScalar } from './estimator.js';
import { withHead } from './members.js';
import { after, classifierOf, featuresOf, multilabelOf, numbered, toDense } from './predictions.js';
import { describePython, type PyValue } from './python.js';
import type { ForeignClass, ForeignTable } from './table.js';

const boosterClass = 'xgboost.core.Booster';

const booster: ForeignClass = {
  read: (one, options) => readBooster(one, options, { stops: false, treeLimit: 0, inPlace: false }),
  lower: (estimator, { root }) => after(toMissing(estimator, root), root),
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
    treeLimit: estimator.has('best_ntree_limit') ? estimator.integer('best_ntree_limit') : 0,
    // It asks otherwise where it is told which predictor to take, as up to 1.7 it could be.
    inPlace: predictor === null || predictor === 'auto',
  });
}

function readBooster(estimator: Estimator, options: ImportOptions, use: PickledUse): ImportedModel {
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
  return after(toMissing(estimator, root), root);
}

/** Makes NaN of what is missing otherwise: the number that the estimator has for it, and cells that compressed rows do not hold. */
function toMissing(estimator: Estimator, root: Node): Node[] {
  const features = featuresOf(root);
  const { sparse, zeros } = estimator.lowering.given;
  const missing = unwrapScalar(estimator.maybe('missing'));
  const hasMissing = missing !== null && !Number.isNaN(missing);
  if (hasMissing && !(typeof missing === 'number' && Number.isFinite(Math.fround(missing))))
    estimator.refuse('missing', `expected a number, found ${describePython(missing)}`);
  if ((sparse || hasMissing) && hasNames(root))
    estimator.refuse('missing', 'a number, or compressed rows, of columns of categories');
  if (sparse && zeros)
    estimator.refuse(
      '',
      'is given compressed rows that may hold zeros, which are not missing as others are',
    );
  const toNaN = (value: number): Operation => ({
    operation: 'void',
    operands: new Float64Array(features).fill(value),
    rounded: true,
  });
  const changing = (type: Elementwise['type'], operations: readonly Operation[]): Node => ({
    ...{ kind: 'elementwise', features, nonFinite: 'any', type, operations },
  });
  return [
    ...(sparse ? [toDense(features), changing(null, [toNaN(0)])] : []),
    // Cells are compared as float32.
    ...(hasMissing
      ? [changing('float32', [{ operation: 'positive' }, toNaN(missing as number)])]
      : []),
  ];
}

/** Whether it is given names of categories. */
const hasNames = (root: Node): boolean =>
  root.kind === 'pipeline' && root.steps[0]!.kind === 'union';

/** Labels of what the booster predicts: above 0.5, or the class of the largest probability. */
function lowerClassifier(estimator: Estimator, model: ImportedModel): Node {
  const features = featuresOf(model.root);
  const node = lowerRegressor(estimator, model);
  const head = headOf(node)!;
  const columns = headColumns(head);
  const classes = estimator.integer('n_classes_');
  if (head.task === 'classifier' && head.decide === 'argmax')
    return withHead(node, (own) => softmaxHead(estimator, own, classes));
  const hasProbabilities = head.task === 'classifier' || isProbability(head);
  if (!hasProbabilities)
    return estimator.refuse('objective', 'its predictions are no probabilities of classes');
  if (columns === 1) return classifierOf(node, features, 1, labelsOf(estimator, 2));
  const isMulticlass = head.task === 'regressor' && head.link === 'softmax';
  if (isMulticlass && classes === columns && classes > 2)
    return classifierOf(node, features, columns, labelsOf(estimator, classes));
  if (!isMulticlass && classes === 2)
    return multilabelOf(node, features, columns, numbered(2, 'float64'));
  return estimator.refuse('n_classes_', `${classes} classes of ${columns} columns`);
}

const isProbability = (head: Head): boolean =>
  head.task === 'regressor' && (head.link === 'expit' || head.link === 'softmax');

/** Of `multi:softmax` the class with the largest margin; probabilities are made of margins again. */
function softmaxHead(estimator: Estimator, head: Head, classes: number): ClassifierHead {
  if (headColumns(head) !== classes) estimator.refuse('n_classes_', 'other classes than columns');
  // Up to 1.5 such numbers were taken for probabilities.
  if (estimator.has('_le')) estimator.refuse('objective', 'multi:softmax of a version before 1.6');
  return {
    ...(head as ClassifierHead),
    labels: [numbered(classes, 'int32')],
    probability: 'softmax',
    decisionFunction: false,
    logProbability: 'none',
  };
}

/** Up to 1.5 labels may be of any kind, and an encoder has them; then they are their numbers. */
function labelsOf(estimator: Estimator, classes: number): Labels {
  if (!estimator.has('_le')) return numbered(classes);
  const encoder = estimator.child('_le');
  const labels = encoder.labels(encoder.get('classes_'), 'classes_');
  return labelCount(labels) === classes
    ? labels
    : encoder.refuse('classes_', `expected ${classes} classes`);
}
