import type { Node } from '../../src/ir/index.js';
import type { Estimator } from './estimator.js';
import { withoutOtherMethods } from './linear-model.js';
import { lowerMember, withHead, withoutTransform } from './members.js';
import type { LoweringTable } from './table.js';

const search = 'sklearn.model_selection._search';

/** Estimators that hand rows on to one that they have fitted, and the attribute that holds it. */
export const wrappedParts: ReadonlyMap<string, string> = new Map([
  [`${search}.GridSearchCV`, 'best_estimator_'],
  [`${search}.RandomizedSearchCV`, 'best_estimator_'],
  [`${search}_successive_halving.HalvingGridSearchCV`, 'best_estimator_'],
  [`${search}_successive_halving.HalvingRandomSearchCV`, 'best_estimator_'],
  ['sklearn.frozen._frozen.FrozenEstimator', 'estimator'],
]);

const selfTraining = 'sklearn.semi_supervised._self_training.SelfTrainingClassifier';

/** sklearn.model_selection, sklearn.frozen, sklearn.semi_supervised */
export const wrapperTable: LoweringTable = {
  ...Object.fromEntries(
    Array.from(wrappedParts, ([name, attribute]) => [
      name,
      attribute === 'estimator'
        ? // All methods are the estimator's.
          (frozen: Estimator) => lowerWrapped(frozen, attribute)
        : (wrapper: Estimator) => withoutOtherMethods(lowerWrapped(wrapper, attribute)),
    ]),
  ),
  [selfTraining]: lowerSelfTraining,
};

function lowerWrapped(wrapper: Estimator, attribute: string): Node {
  const value = wrapper.maybe(attribute);
  if (value === null) wrapper.refuse(attribute, 'there is none: was it fitted with refit=False?');
  return wrapper.lowerPart(value, attribute, wrapper.lowering.given);
}

/** The classifier of the last round; up to scikit-learn 1.5 its attribute had another name. */
function lowerSelfTraining(training: Estimator): Node {
  const attribute = training.has('estimator_') ? 'estimator_' : 'base_estimator_';
  const value = training.get(attribute);
  const node = lowerMember(training, value, attribute, training.lowering.given, 'classifier');
  return withHead(withoutTransform(withoutOtherMethods(node)), (head) => ({
    ...head,
    scoreOffset: null,
  }));
}
