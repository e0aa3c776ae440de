import { NuthatchError } from '../../src/errors.js';
import { type JsonMap, list, malformed, own } from '../json/json.js';
import type { PyObject, PySequence, PyValue } from '../sklearn/python.js';
import {
  chooseClass,
  forestClassifiers,
  forestRegressors,
  lassos,
  linearRegressors,
  logisticClassifiers,
  perceptrons,
  ridges,
  type SourceClass,
  treeClassifiers,
} from './classes.js';
import { type Numbers, readLabels, readNumbers, toArray } from './lists.js';
import { type Attributes, asMap, objectOf, readLength } from './objects.js';
import { type NodeKinds, readTree } from './tree.js';

/** What is learnt of a file while it is read. */
export interface Reading {
  /** Of the trees met so far, which must agree. */
  kinds: NodeKinds | null;
}

/** Reads what the package's function for a class writes, besides the parameters. */
type ReadAttributes = (map: JsonMap, path: string, reading: Reading) => Attributes;

interface PackageModel {
  readonly classes: readonly SourceClass[];
  readonly attributes: ReadAttributes;
}

/** One line for each `meta` that can be read. */
const models: ReadonlyMap<string, PackageModel> = new Map([
  ['decision-tree', { classes: treeClassifiers, attributes: treeAttributes }],
  ['rf', { classes: forestClassifiers, attributes: forestAttributes }],
  ['rf-regression', { classes: forestRegressors, attributes: forestAttributes }],
  ['lr', { classes: logisticClassifiers, attributes: linearAttributes }],
  ['perceptron', { classes: perceptrons, attributes: perceptronAttributes }],
  ['linear-regression', { classes: linearRegressors, attributes: linearAttributes }],
  ['lasso-regression', { classes: lassos, attributes: linearAttributes }],
  ['ridge-regression', { classes: ridges, attributes: linearAttributes }],
]);

/** The one `meta` without parameters; ExtraTreeRegressor has it too. */
const treeRegression = 'decision-tree-regression';

/** The package's other names, and the classes that it writes under them. */
const others: ReadonlyMap<string, string> = new Map([
  ['gb', 'GradientBoostingClassifier'],
  ['gb-regression', 'GradientBoostingRegressor'],
  ['bernoulli-nb', 'BernoulliNB'],
  ['gaussian-nb', 'GaussianNB'],
  ['multinomial-nb', 'MultinomialNB'],
  ['complement-nb', 'ComplementNB'],
  ['lda', 'LinearDiscriminantAnalysis'],
  ['qda', 'QuadraticDiscriminantAnalysis'],
  ['svm', 'SVC'],
  ['svr', 'SVR'],
  ['mlp', 'MLPClassifier'],
  ['mlp-regression', 'MLPRegressor'],
]);

export function isMeta(name: string): boolean {
  return models.has(name) || name === treeRegression || others.has(name);
}

/** A fitted estimator as the object that it was in Python, as far as it is in the file. */
export function readModel(map: JsonMap, path: string, reading: Reading): PyObject {
  const meta = own(map, 'meta');
  if (meta === treeRegression) return readTreeRegressor(map, path, reading);
  const model = models.get(meta as string);
  if (model === undefined) throw refuse(meta as string, path);
  const params = asMap(own(map, 'params'), `${path}.params`);
  const className = chooseClass(model.classes, params, path);
  return objectOf(className, [...plainValues(params), ...model.attributes(map, path, reading)]);
}

function refuse(meta: string, path: string): NuthatchError {
  const readable = [...models.values()].flatMap(({ classes }) =>
    classes.map(({ className }) => className.slice(className.lastIndexOf('.') + 1)),
  );
  return new NuthatchError(
    'unsupported',
    path,
    `${others.get(meta) ?? 'its class'} as sklearn-json writes it is not supported; of its files this release reads DecisionTreeRegressor, ${readable.join(', ')}`,
  );
}

/** Parameters that the lowering may ask for: those that are lists or dicts (class weights) mattered in fitting only. */
function plainValues(params: JsonMap): Attributes {
  return Object.keys(params)
    .map((name) => [name, own(params, name)] as const)
    .filter((pair): pair is [string, string | number | boolean | null] => {
      return pair[1] === null || typeof pair[1] !== 'object';
    });
}

/**
 * `splitter` and `criterion` decide whether such a tree of scikit-learn 1.3 takes NaN, and are not in the file. Without a criterion
 * the lowering says no.
 */
function readTreeRegressor(map: JsonMap, path: string, reading: Reading): PyObject {
  const attributes = treeAttributes(map, path, reading);
  return objectOf('sklearn.tree._classes.DecisionTreeRegressor', [
    ['splitter', 'best'],
    ...attributes,
  ]);
}

/** What trees and forests have. */
function commonAttributes(map: JsonMap, path: string): Attributes {
  const common = [
    ['n_features_in_', readLength(map, 'n_features_', path)],
    ['n_outputs_', readLength(map, 'n_outputs_', path)],
  ] as const;
  if (own(map, 'classes_') === undefined) return common;
  const classes = readLabels(own(map, 'classes_'), `${path}.classes_`);
  if (own(map, 'n_classes_') !== classes.shape[0])
    throw malformed(`${path}.n_classes_`, `expected the number of classes_, ${classes.shape[0]}`);
  return [...common, ['classes_', classes]];
}

function treeAttributes(map: JsonMap, path: string, reading: Reading): Attributes {
  const owner = {
    features: readLength(map, 'n_features_', path),
    outputs: readLength(map, 'n_outputs_', path),
    classifier: own(map, 'meta') !== treeRegression,
  };
  const { tree, kinds } = readTree(
    asMap(own(map, 'tree_'), `${path}.tree_`),
    owner,
    `${path}.tree_`,
  );
  reading.kinds ??= kinds;
  if (reading.kinds !== kinds)
    throw malformed(`${path}.tree_.nodes_dtype`, 'trees of different versions of scikit-learn');
  return [...commonAttributes(map, path), ['tree_', tree]];
}

function forestAttributes(map: JsonMap, path: string, reading: Reading): Attributes {
  const meta = own(map, 'meta') === 'rf' ? 'decision-tree' : treeRegression;
  const estimators: PySequence = { type: 'list', items: [] };
  list(map, 'estimators_', path).forEach((item, i) => {
    const place = `${path}.estimators_[${i}]`;
    const tree = asMap(item, place);
    if (own(tree, 'meta') !== meta) throw malformed(`${place}.meta`, `expected "${meta}"`);
    estimators.items.push(readModel(tree, place, reading));
  });
  return [...commonAttributes(map, path), ['estimators_', estimators]];
}

function linearAttributes(map: JsonMap, path: string): Attributes {
  const { coefficients, intercept } = readScores(map, path);
  const single = isSingle(coefficients) && intercept.values.every(fitsSingle);
  return scoreAttributes(map, path, coefficients, intercept, single ? '<f4' : '<f8');
}

/**
 * Always float64, as it was up to scikit-learn 1.2: a perceptron's coefficients are sums of rows, so those of float32 rows may be
 * float32 by chance.
 */
function perceptronAttributes(map: JsonMap, path: string): Attributes {
  const { coefficients, intercept } = readScores(map, path);
  return scoreAttributes(map, path, coefficients, intercept, '<f8');
}

function readScores(map: JsonMap, path: string) {
  return {
    coefficients: readNumbers(own(map, 'coef_'), [1, 2], `${path}.coef_`),
    intercept: readNumbers(own(map, 'intercept_'), [0, 1], `${path}.intercept_`),
  };
}

function scoreAttributes(
  map: JsonMap,
  path: string,
  coefficients: Numbers,
  intercept: Numbers,
  dtype: '<f4' | '<f8',
): Attributes {
  const { shape } = coefficients;
  const scores: [string, PyValue][] = [
    ['n_features_in_', shape[shape.length - 1]!],
    ['coef_', toArray(coefficients, dtype)],
    ['intercept_', toArray(intercept, dtype)],
  ];
  if (own(map, 'classes_') === undefined) return scores;
  return [...scores, ['classes_', readLabels(own(map, 'classes_'), `${path}.classes_`)]];
}

/**
 * Whether a model was fitted on float32 rows and has float32 coefficients. One in 2²⁹ numbers that float64 arithmetic makes is a
 * float32; numbers of few bits (integers, zeros of a lasso) say nothing.
 */
function isSingle({ values }: Numbers): boolean {
  return values.every(fitsSingle) && values.some((value) => !hasFewBits(value));
}

function fitsSingle(value: number): boolean {
  return Math.fround(value) === value;
}

/** Whether 16 bits of significand are enough. */
function hasFewBits(value: number): boolean {
  const scaled = value * (2 ** 37 + 1);
  return scaled - (scaled - value) === value;
}
