import { answers, type Node } from '../../src/ir/index.js';
import { pairwiseSum } from '../../src/math/pairwise-sum.js';
import { allowsMissing } from './allow-missing.js';
import { type Estimator, isArray, unwrapScalar } from './estimator.js';
import { select } from './feature-selection.js';
import { givenAfter } from './given.js';
import { type Importances, readImportances } from './importances.js';
import { withoutOtherMethods } from './linear-model.js';
import { withoutTransform } from './members.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

export const selectFromModel = 'sklearn.feature_selection._from_model.SelectFromModel';

/** sklearn.feature_selection: selectors that ask an estimator */
export const selectFromModelTable: LoweringTable = {
  [selectFromModel]: lowerSelectFromModel,
  'sklearn.feature_selection._rfe.RFE': lowerElimination,
  'sklearn.feature_selection._rfe.RFECV': lowerElimination,
  'sklearn.feature_selection._sequential.SequentialFeatureSelector': (selector) =>
    lowerSupport(selector, selector.child('estimator')),
};

const lowerSupport = (selector: Estimator, estimator: Estimator) =>
  select(selector, readSupport(selector), allowsMissing(estimator) ? 'any' : 'refuse');

function readSupport(selector: Estimator): (column: number) => boolean {
  const { values } = selector.numbers('support_', 1);
  const features = selector.features();
  if (values.length !== features)
    selector.refuse('support_', `expected ${features} flags, found ${values.length}`);
  return (i) => values[i] !== 0;
}

/** The columns that are left, and the estimator that was fitted on them: it answers for all methods but `transform`. */
function lowerElimination(selector: Estimator): Node {
  const { given } = selector.lowering;
  const chosen = lowerSupport(selector, selector.child('estimator_'));
  const value = selector.get('estimator_');
  const last = selector.lowerPart(value, 'estimator_', givenAfter(chosen, given));
  if (!answers(last)) return chosen;
  const answering = withoutOtherMethods(withoutTransform(last));
  return { kind: 'pipeline', steps: [chosen, answering], transforms: true };
}

/** scikit-learn finds the columns anew whenever it transforms. */
function lowerSelectFromModel(selector: Estimator): Node {
  const place = selector.has('estimator_') ? 'estimator_' : 'estimator';
  const estimator = selector.child(place);
  const importances = readImportances(selector, estimator);
  const { values } = importances;
  const least = readThreshold(selector, estimator, importances);
  const most = readMost(selector, values.length);
  // numpy adds float32 numbers in an order of its own, and version 1 scales in float64.
  const near = (score: number) => Math.abs(score - least) <= 2 ** -20 * least;
  if (importances.single && typeof selector.maybe('threshold') !== 'number' && values.some(near))
    selector.refuse('threshold', 'float32 importances that are as large as the threshold');
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]!);
  const first = new Set(order.slice(0, most));
  return select(
    selector,
    (i) => first.has(i) && !(values[i]! < least),
    allowsMissing(estimator) ? 'any' : 'refuse',
    values.length,
  );
}

function readMost(selector: Estimator, columns: number): number {
  const own = selector.maybe('max_features');
  if (own === null) return columns;
  const most = unwrapScalar(selector.maybe('max_features_') ?? own);
  return typeof most === 'number' && Number.isSafeInteger(most) && most >= 0
    ? most
    : selector.refuse('max_features', `expected an integer, found ${describePython(most)}`);
}

/** A number, or a mean or median that may be scaled; by default 1e-5 where a penalty makes coefficients 0, else the mean. */
function readThreshold(selector: Estimator, estimator: Estimator, scores: Importances): number {
  const round = scores.single ? Math.fround : Number;
  const given = unwrapScalar(selector.maybe('threshold'));
  const threshold = given ?? (isSparse(estimator) ? 1e-5 : 'mean');
  if (typeof threshold === 'number') return round(threshold);
  const unknown = () =>
    selector.refuse('threshold', `unknown threshold ${describePython(threshold)}`);
  if (typeof threshold !== 'string') return unknown();
  const parts = threshold.split('*').map((part) => part.trim());
  const reference = parts.pop()!;
  const scale = parts.length === 0 ? 1 : Number(parts[0] || Number.NaN);
  if (parts.length > 1 || Number.isNaN(scale)) return unknown();
  if (reference === 'mean') return round(round(scale) * meanOf(scores));
  return reference === 'median' ? round(round(scale) * medianOf(scores)) : unknown();
}

function meanOf({ values, single }: Importances): number {
  const { length } = values;
  const mean = pairwiseSum(values, 0, length) / length;
  return single ? Math.fround(mean) : mean;
}

function medianOf({ values, single }: Importances): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  const round = single ? Math.fround : Number;
  return round(round(sorted[middle - 1]! + sorted[middle]!) / 2);
}

/** Whether the estimator's name and parameters say that its penalty makes coefficients 0. */
function isSparse(estimator: Estimator): boolean {
  const { name } = estimator;
  if (estimator.maybe('penalty') === 'l1' || name.includes('Lasso')) return true;
  const isOne = (attribute: string): boolean => {
    const value = unwrapScalar(estimator.maybe(attribute));
    const all = isArray(value) ? estimator.numbers(attribute, value.shape.length).values : [value];
    return Array.from(all as ArrayLike<unknown>).every(
      (one) => typeof one === 'number' && Math.abs(one - 1) <= 1e-8 + 1e-5,
    );
  };
  if (!estimator.since(1, 7))
    return name.includes('ElasticNet') && (isOne('l1_ratio_') || isOne('l1_ratio'));
  if (name === 'ElasticNet') return isOne('l1_ratio');
  if (name === 'ElasticNetCV') return isOne('l1_ratio_');
  if (!estimator.since(1, 8)) return false;
  if (name === 'LogisticRegression') return isOne('l1_ratio');
  return name === 'LogisticRegressionCV' && isOne('l1_ratio_');
}
