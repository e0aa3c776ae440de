import type { Head, Labels, NonFinitePolicy, ProbabilityLink, Trees } from '../../src/ir/index.js';
import { headColumns, labelCount } from '../../src/ir/index.js';
import { packTrees, type SourceTree } from '../../src/ir/pack-trees.js';
import { pairwiseSum } from '../../src/math/pairwise-sum.js';
import { classifierHead } from '../classifier-head.js';
import { fieldToFloat64 } from './arrays.js';
import { type Estimator, sequenceItems } from './estimator.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

export const treeClasses = {
  DecisionTreeClassifier: 'sklearn.tree._classes.DecisionTreeClassifier',
  DecisionTreeRegressor: 'sklearn.tree._classes.DecisionTreeRegressor',
  ExtraTreeClassifier: 'sklearn.tree._classes.ExtraTreeClassifier',
  ExtraTreeRegressor: 'sklearn.tree._classes.ExtraTreeRegressor',
} as const;

/** sklearn.tree */
export const treeTable: LoweringTable = {
  [treeClasses.DecisionTreeClassifier]: lowerTree,
  [treeClasses.DecisionTreeRegressor]: lowerTree,
  [treeClasses.ExtraTreeClassifier]: lowerTree,
  [treeClasses.ExtraTreeRegressor]: lowerTree,
};

function lowerTree(tree: Estimator): Trees {
  // Up to 1.3 a tree holds counts, and its `predict` compares them before they are divided.
  const head = treeHead(tree, tree.since(1, 4) ? 'identity' : 'normalize');
  const source = readTree(tree, head, tree.integer('n_features_in_'));
  return assembleTrees(tree, [source], head, missingPolicy(tree), 'tree');
}

/** The labels of each output and what `predict_proba` does, or the number of targets. */
export function treeHead(estimator: Estimator, probability: ProbabilityLink): Head {
  const outputs = estimator.integer('n_outputs_');
  const most = estimator.lowering.limits.classes;
  if (outputs < 1 || outputs > most)
    estimator.refuse('n_outputs_', `expected 1 to ${most}, found ${outputs}`);
  if (!estimator.name.endsWith('Classifier')) {
    return { task: 'regressor', targets: outputs, flat: outputs === 1, link: 'identity' };
  }
  const classes = estimator.get('classes_');
  const arrays = outputs === 1 ? [classes] : sequenceItems(classes);
  if (arrays === null || arrays.length !== outputs)
    estimator.refuse('classes_', `expected the classes of ${outputs} outputs`);
  const labels = arrays.map((array, k) =>
    estimator.labels(array, outputs === 1 ? 'classes_' : `classes_[${k}]`),
  );
  return classifierHead(labels, { probability });
}

/** Columns of a tree's leaf values, output after output without padding. */
function leafColumns(head: Head): number[] {
  return head.task === 'classifier'
    ? head.labels.map(labelCount)
    : Array.from({ length: headColumns(head) }, () => 1);
}

/** A table of nodes: how many there are, and its fields by name. */
export function readNodes(tree: Estimator): {
  count: number;
  field: (name: string) => Float64Array;
} {
  const nodes = tree.array('nodes');
  const count =
    nodes.shape.length === 1
      ? nodes.shape[0]!
      : tree.refuse('nodes', 'expected a one-dimensional array');
  const field = (name: string): Float64Array =>
    fieldToFloat64(nodes, name) ??
    tree.refuse('nodes', `the node table has no numeric field ${name}`);
  return { count, field };
}

/** `tree_` of a decision tree. */
export const innerTree = (owner: Estimator): Estimator =>
  owner.child('tree_', ['sklearn.tree._tree.Tree']);

/** Reads `tree_` of a decision tree: its node table, and its values with the padding between outputs taken out. */
export function readTree(owner: Estimator, head: Head, features: number): SourceTree {
  const tree = innerTree(owner);
  const { count, field } = readNodes(tree);
  const { values, shape } = tree.numbers('values', 3);
  const columns = leafColumns(head);
  const width = columns.reduce((most, column) => Math.max(most, column), 0);
  if (shape[0] !== count || shape[1] !== columns.length || shape[2] !== width) {
    tree.refuse(
      'values',
      `expected [${count}, ${columns.length}, ${width}] values, found [${shape.join(', ')}]`,
    );
  }
  const [seen, , outputs] = tree.object.args;
  if (seen !== features || outputs !== columns.length) {
    const found = [seen, outputs].map(describePython).join(' and ');
    tree.refuse('', `expected a tree of the model's features and outputs, found one of ${found}`);
  }
  const left = field('left_child');
  return {
    left,
    right: field('right_child'),
    feature: field('feature'),
    threshold: field('threshold'),
    missingLeft: owner.since(1, 3) ? field('missing_go_to_left') : null,
    categorical: null,
    values: withoutPadding(values, columns, width, count),
    covers: owner.lowering.keepCovers ? field('weighted_n_node_samples') : null,
    path: tree.path,
  };
}

function withoutPadding(
  values: Float64Array,
  columns: readonly number[],
  width: number,
  count: number,
): Float64Array {
  if (columns.every((column) => column === width)) return values;
  const total = columns.reduce((sum, column) => sum + column, 0);
  const result = new Float64Array(count * total);
  let to = 0;
  for (let node = 0; node < count; node++) {
    columns.forEach((column, k) => {
      const from = (node * columns.length + k) * width;
      result.set(values.subarray(from, from + column), to);
      to += column;
    });
  }
  return result;
}

/** Divides each output's part of every node's values by its sum, 1 where that is 0: a tree's `predict_proba` up to 1.3. */
export function normalizeValues(source: SourceTree, labels: readonly Labels[]): SourceTree {
  const values = source.values.slice();
  for (let at = 0; at < values.length; ) {
    for (const output of labels) {
      const classes = labelCount(output);
      const sum = pairwiseSum(values, at, classes);
      if (sum !== 0) for (let i = at; i < at + classes; i++) values[i]! /= sum;
      at += classes;
    }
  }
  return { ...source, values };
}

export function assembleTrees(
  estimator: Estimator,
  sources: readonly SourceTree[],
  head: Head,
  nonFinite: NonFinitePolicy,
  paths: 'tree' | 'forest',
): Trees {
  const { limits, keepCovers, onProgress } = estimator.lowering;
  const outputs = leafColumns(head).reduce((sum, columns) => sum + columns, 0);
  const packed = packTrees(sources, {
    features: estimator.integer('n_features_in_'),
    leafColumns: outputs,
    precision: 'float32',
    categories: null,
    keepIds: true,
    keepCovers,
    limits,
    onProgress,
  });
  return {
    kind: 'trees',
    ...packed,
    outputs,
    nonFinite,
    treeOutputs: null,
    treeWeights: null,
    base: null,
    aggregation: paths === 'forest' ? 'mean' : 'sum',
    divisor: null,
    isolation: null,
    paths,
    pathsMissing: nonFinite === 'nan' && !estimator.since(1, 8) ? 'right' : null,
    pathsNonFinite: null,
    head,
  };
}

const missingCriteria = ['gini', 'log_loss', 'entropy', 'squared_error', 'friedman_mse', 'poisson'];

/** Whether the tree's `predict` takes NaN: it depends on version, splitter and criterion. Infinities are always refused. */
export function missingPolicy(tree: Estimator, splitter = tree.text('splitter')): NonFinitePolicy {
  if (!tree.since(1, 3)) return 'refuse';
  // 1.6 does not set what it says of ExtraTreeRegressor, which is a DecisionTreeRegressor otherwise.
  const unsaid = tree.name === 'ExtraTreeRegressor' && !tree.since(1, 7);
  const extra = tree.name.startsWith('Extra') && !unsaid;
  if (tree.since(1, 9)) return !extra || splitter === 'random' ? 'nan' : 'refuse';
  const splitters = tree.since(1, 6) ? (extra ? ['random'] : ['best', 'random']) : ['best'];
  const criterion = tree.maybe('criterion');
  const constrained = tree.maybe('monotonic_cst') !== null;
  const takes =
    splitters.includes(splitter) && missingCriteria.includes(criterion as string) && !constrained;
  return takes ? 'nan' : 'refuse';
}
