import { type Estimator, isObject, sequenceItems } from './estimator.js';
import { missingPolicy } from './tree.js';

/**
 * Whether scikit-learn says of an estimator, by its class and parameters alone, that it takes missing values: selectors of columns look
 * at no cell then. (The estimator itself may think better of it once it has seen them.)
 */
export function allowsMissing(estimator: Estimator): boolean {
  const [, name] = /\.(\w+?)(Classifier|Regressor)$/.exec(estimator.object.className) ?? [];
  switch (name) {
    case 'HistGradientBoosting':
      return true;
    case 'DecisionTree':
    case 'ExtraTree':
      return missingPolicy(estimator) === 'nan';
    case 'RandomForest':
      return estimator.since(1, 4) && missingPolicy(estimator, 'best') === 'nan';
    case 'ExtraTrees':
      return estimator.since(1, 6) && missingPolicy(estimator, 'random') === 'nan';
    case 'Bagging': {
      const base = estimator.maybe('estimator') ?? estimator.maybe('base_estimator');
      if (!estimator.since(1, 3)) return false;
      return isObject(base) ? allowsMissing(estimator.part(base, 'estimator', [])) : true;
    }
    case 'Voting':
    case 'Stacking':
      return (
        estimator.since(1, 4) &&
        (sequenceItems(estimator.maybe('estimators')) ?? []).every((item, i) => {
          const part = sequenceItems(item)?.[1] ?? null;
          return isObject(part)
            ? allowsMissing(estimator.part(part, `estimators[${i}]`, []))
            : part === 'drop';
        })
      );
    default:
      return false;
  }
}
