import { pairwiseSum } from '../../src/math/pairwise-sum.js';
import { pow } from '../../src/math/pow.js';
import { toFloat64 } from './arrays.js';
import { readCoefficients } from './coefficients.js';
import { type Estimator, isArray, isObject } from './estimator.js';
import { compositionClasses, namedParts } from './pipeline.js';
import { describePython } from './python.js';
import { innerTree, readNodes } from './tree.js';

/** How much each column matters to a fitted estimator, as selectors ask, and whether that is float32. */
export interface Importances {
  readonly values: Float64Array;
  readonly single: boolean;
}

interface Attribute {
  readonly values: Float64Array;
  readonly shape: readonly number[];
  readonly single: boolean;
}

/** Importances by `importance_getter`, "auto" or the path of an attribute; of several rows, the norm of each column. */
export function readImportances(selector: Estimator, estimator: Estimator): Importances {
  const { values, shape, single } = readAttribute(estimator, selector.text('importance_getter'));
  if (shape.length === 1) return { values: values.map(Math.abs), single };
  const order = selector.number('norm_order');
  const [rows, columns] = shape as [number, number];
  const round = single ? Math.fround : Number;
  const norms = Float64Array.from({ length: columns }, (_, column) => {
    const cells = Array.from({ length: rows }, (_, row) =>
      Math.abs(values[row * columns + column]!),
    );
    const add = (of: (cell: number) => number) =>
      cells.reduce((sum, cell) => round(sum + round(of(cell))), 0);
    if (order === Number.POSITIVE_INFINITY) return Math.max(...cells);
    if (order === Number.NEGATIVE_INFINITY) return Math.min(...cells);
    if (order === 1) return add((cell) => cell);
    if (order === 2) return round(Math.sqrt(add((cell) => cell * cell)));
    return round(
      pow(
        add((cell) => pow(cell, order)),
        1 / order,
      ),
    );
  });
  return { values: norms, single };
}

function readAttribute(estimator: Estimator, getter: string): Attribute {
  if (getter === 'auto') {
    if (estimator.has('coef_')) return readLast(estimator, 'coef_');
    return readLast(estimator, 'feature_importances_');
  }
  const names = getter.split('.');
  const last = names.pop()!;
  let owner = estimator;
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === 'named_steps' && owner.object.className === compositionClasses.Pipeline) {
      const step = names.shift();
      const at = namedParts(owner, 'steps').findIndex((part) => part.name === step);
      if (at === -1) owner.refuse('steps', `has no step ${step}`);
      const { part } = namedParts(owner, 'steps')[at]!;
      owner = owner.part(part, `steps[${at}]`, []);
    } else owner = owner.child(name);
  }
  return readLast(owner, last);
}

/** An attribute, or what scikit-learn makes of the trees when asked for `feature_importances_`. */
function readLast(owner: Estimator, name: string): Attribute {
  if (name === 'feature_importances_' && !owner.has(name)) {
    const values = importancesOfTrees(owner);
    return { values, shape: [values.length], single: false };
  }
  if (name === 'coef_' && isObject(owner.get(name))) {
    const { values, outputs, features } = readCoefficients(owner);
    const single = values instanceof Float32Array;
    return { values: Float64Array.from(values), shape: [outputs, features], single };
  }
  const array = owner.get(name);
  const values = isArray(array) ? toFloat64(array) : null;
  if (!isArray(array) || values === null || array.shape.length < 1 || array.shape.length > 2)
    return owner.refuse(
      name,
      `expected an array of one or two dimensions, found ${describePython(array)}`,
    );
  return { values, shape: array.shape, single: array.dtype === '<f4' };
}

function importancesOfTrees(owner: Estimator): Float64Array {
  const { className } = owner.object;
  if (className.startsWith('sklearn.tree._classes.')) return importancesOfTree(owner, true);
  const boosted = className.startsWith('sklearn.ensemble._gb.');
  if (!boosted && !className.startsWith('sklearn.ensemble._forest.'))
    return owner.refuse('', 'has no importances that are known here');
  const trees = owner
    .children('estimators_', [])
    .filter((tree) => readNodes(innerTree(tree)).count > 1)
    .map((tree) => importancesOfTree(tree, !boosted));
  const sums = new Float64Array(owner.features());
  for (const one of trees) for (let i = 0; i < sums.length; i++) sums[i]! += one[i]!;
  if (trees.length === 0) return sums;
  const means = sums.map((sum) => sum / trees.length);
  const total = pairwiseSum(means, 0, means.length);
  return means.map((mean) => mean / total);
}

/** What the splits on each column take off the impurity, by the weight of the nodes. */
function importancesOfTree(tree: Estimator, normalized: boolean): Float64Array {
  const { count, field } = readNodes(innerTree(tree));
  const [left, right, feature] = [field('left_child'), field('right_child'), field('feature')];
  const [impurity, weight] = [field('impurity'), field('weighted_n_node_samples')];
  const result = new Float64Array(tree.features());
  const mass = (node: number) => weight[node]! * impurity[node]!;
  for (let node = 0; node < count; node++) {
    if (left[node] === -1) continue;
    result[feature[node]!]! += mass(node) - mass(left[node]!) - mass(right[node]!);
  }
  for (let i = 0; i < result.length; i++) result[i]! /= weight[0]!;
  const total = pairwiseSum(result, 0, result.length);
  return normalized && total > 0 ? result.map((value) => value / total) : result;
}
