import {
  type ClassifierHead,
  headOf,
  type Labels,
  labelCount,
  type Node,
  type RegressorHead,
} from '../../src/ir/index.js';
import { after, classifierOf, featuresOf, toDense } from '../boosting/classifiers.js';
import { classifierHead } from '../classifier-head.js';
import type { ImportedModel, ImportOptions } from '../format.js';
import { lowerLightgbmText } from '../lightgbm/import.js';
import { type Estimator, unwrapScalar } from './estimator.js';
import { withHead } from './members.js';
import { describePython } from './python.js';
import type { ForeignClass, ForeignTable } from './table.js';

const boosterClass = 'lightgbm.basic.Booster';

const booster: ForeignClass = { read: readBooster, lower: lowerBooster };
const regressor: ForeignClass = { read: readEstimator, lower: lowerBooster };
const classifier: ForeignClass = { read: readEstimator, lower: lowerClassifier };

/** lightgbm: boosters, and the estimators around them */
export const lightgbmClasses: ForeignTable = {
  [boosterClass]: booster,
  'lightgbm.sklearn.LGBMModel': regressor,
  'lightgbm.sklearn.LGBMRegressor': regressor,
  'lightgbm.sklearn.LGBMRanker': regressor,
  'lightgbm.sklearn.LGBMClassifier': classifier,
};

function readEstimator(estimator: Estimator, options: ImportOptions): ImportedModel {
  const others = estimator.maybe('_other_params');
  const entries =
    others !== null && typeof others === 'object' && others.type === 'dict' ? others.entries : [];
  for (const [name, value] of entries)
    if (name === 'pred_early_stop' && unwrapScalar(value) !== false)
      estimator.refuse(name, `${describePython(value)}: it leaves out trees, row by row`);
  return readBooster(estimator.child('_Booster', [boosterClass]), options);
}

/** The model, up to its best iteration if training stopped early. */
function readBooster(estimator: Estimator, options: ImportOptions): ImportedModel {
  const text = estimator.text(estimator.has('_handle') ? '_handle' : 'handle');
  const best = estimator.maybe('best_iteration') === null ? 0 : estimator.integer('best_iteration');
  return lowerLightgbmText(text, options, best);
}

/** Of compressed rows, cells that they do not hold are 0. Where zeros are missing, they are changed. */
function lowerBooster({ lowering }: Estimator, { root }: ImportedModel): Node {
  return root.kind === 'pipeline' && lowering.given.sparse
    ? after([toDense(featuresOf(root))], root)
    : root;
}

/** The class with the largest of the probabilities that the booster predicts, one of which stands for two. */
function lowerClassifier(estimator: Estimator, model: ImportedModel): Node {
  const root = lowerBooster(estimator, model);
  const encoder = estimator.child('_le');
  const labels = encoder.labels(encoder.get('classes_'), 'classes_');
  const { link, factor, targets } = headOf(root) as RegressorHead;
  if (link !== 'expit' && link !== 'softmax')
    return estimator.refuse('objective', 'its predictions are no probabilities of classes');
  const classes = labelCount(labels);
  if (classes < 2 || targets !== (classes === 2 ? 1 : classes))
    return estimator.refuse('_le', `${classes} classes of ${targets} columns`);
  if (factor === undefined && (link === 'softmax' || targets === 1))
    return withHead(root, () => headOfScores(estimator, labels));
  return classifierOf(root, featuresOf(root), targets, labels);
}

/** Of scores that a head makes the same probabilities of. */
const headOfScores = (estimator: Estimator, labels: Labels): ClassifierHead =>
  classifierHead([labels], {
    decide: 'probable',
    ...(labelCount(labels) === 2
      ? { probability: 'expit' }
      : { probability: 'softmax', sums: 'sequential' }),
    // Since 4.7, as this attribute.
    decisionFunction: estimator.has('_fitted_with_feature_names'),
    logProbability: 'none',
  });
