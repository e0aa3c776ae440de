import { NuthatchError, quote } from '../../src/errors.js';
import type { JsonMap } from '../json/json.js';

/** A class of scikit-learn, with the names of all parameters that it had from 0.21 to 1.3. */
export interface SourceClass {
  readonly className: string;
  readonly parameters: ReadonlySet<string>;
}

function sourceClass(className: string, ...parameters: readonly string[]): SourceClass {
  return { className, parameters: new Set(parameters.flatMap((names) => names.split(' '))) };
}

const growth =
  'ccp_alpha criterion max_depth max_features max_leaf_nodes min_impurity_decrease min_impurity_split ' +
  'min_samples_leaf min_samples_split min_weight_fraction_leaf random_state';
const bagging = 'bootstrap max_samples n_estimators n_jobs oob_score verbose warm_start';
const multiTask =
  'alpha copy_X fit_intercept max_iter normalize random_state selection tol warm_start';
const logistic =
  'class_weight dual fit_intercept intercept_scaling max_iter multi_class n_jobs penalty random_state solver tol verbose';

/**
 * The classes that each `meta` may stand for: the package asks with `isinstance`, so a subclass is written as its parent is. The first
 * that has all the parameters is meant.
 */
export const treeClassifiers = [
  sourceClass(
    'sklearn.tree._classes.DecisionTreeClassifier',
    growth,
    'class_weight presort splitter',
  ),
];
export const forestClassifiers = [
  sourceClass('sklearn.ensemble._forest.RandomForestClassifier', growth, bagging, 'class_weight'),
];
export const forestRegressors = [
  sourceClass('sklearn.ensemble._forest.RandomForestRegressor', growth, bagging),
];
export const logisticClassifiers = [
  sourceClass(
    'sklearn.linear_model._logistic.LogisticRegression',
    logistic,
    'C l1_ratio warm_start',
  ),
  sourceClass(
    'sklearn.linear_model._logistic.LogisticRegressionCV',
    logistic,
    'Cs cv l1_ratios refit scoring',
  ),
];
export const perceptrons = [
  sourceClass(
    'sklearn.linear_model._perceptron.Perceptron',
    'alpha class_weight early_stopping eta0 fit_intercept l1_ratio max_iter n_iter_no_change n_jobs penalty',
    'random_state shuffle tol validation_fraction verbose warm_start',
  ),
];
export const linearRegressors = [
  sourceClass(
    'sklearn.linear_model._base.LinearRegression',
    'copy_X fit_intercept n_jobs normalize positive',
  ),
];
export const lassos = [
  sourceClass('sklearn.linear_model._coordinate_descent.MultiTaskLasso', multiTask),
  sourceClass(
    'sklearn.linear_model._coordinate_descent.MultiTaskElasticNet',
    multiTask,
    'l1_ratio',
  ),
  sourceClass('sklearn.linear_model._coordinate_descent.Lasso', multiTask, 'positive precompute'),
];
export const ridges = [
  sourceClass(
    'sklearn.linear_model._ridge.Ridge',
    'alpha copy_X fit_intercept max_iter normalize positive random_state solver tol',
  ),
];

/** The class whose parameters these are. */
export function chooseClass(
  classes: readonly SourceClass[],
  params: JsonMap,
  path: string,
): string {
  const names = Object.keys(params);
  const found = classes.find(({ parameters }) => names.every((name) => parameters.has(name)));
  if (found !== undefined) return found.className;
  const { className, parameters } = classes[classes.length - 1]!;
  const name = className.slice(className.lastIndexOf('.') + 1);
  const stranger = names.find((candidate) => !parameters.has(candidate))!;
  throw new NuthatchError(
    'unsupported',
    `${path}.params`,
    `${quote(stranger)} is no parameter that ${name} had up to scikit-learn 1.3: the model is of another class or version`,
  );
}
