import type { Node, Pipeline, Trees } from '../../src/ir/index.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';
import { type Estimator, lowerEach } from './estimator.js';
import { givenAfter } from './given.js';
import type { LoweringTable } from './table.js';
import {
  assembleTrees,
  missingPolicy,
  normalizeValues,
  readTree,
  treeClasses,
  treeHead,
} from './tree.js';

/** sklearn.ensemble: forests */
export const forestTable: LoweringTable = {
  'sklearn.ensemble._forest.RandomForestClassifier': (forest) =>
    lowerForest(forest, treeClasses.DecisionTreeClassifier),
  'sklearn.ensemble._forest.RandomForestRegressor': (forest) =>
    lowerForest(forest, treeClasses.DecisionTreeRegressor),
  'sklearn.ensemble._forest.ExtraTreesClassifier': (forest) =>
    lowerForest(forest, treeClasses.ExtraTreeClassifier),
  'sklearn.ensemble._forest.ExtraTreesRegressor': (forest) =>
    lowerForest(forest, treeClasses.ExtraTreeRegressor),
  'sklearn.ensemble._forest.RandomTreesEmbedding': lowerEmbedding,
};

/** A column for each leaf of each tree: 1 where a row ends there. */
function lowerEmbedding(forest: Estimator): Pipeline<Node> {
  const { given } = forest.lowering;
  const features = forest.features();
  const node = lowerForest(forest, treeClasses.ExtraTreeRegressor);
  const leaves: Node = { kind: 'answers', features, node, method: 'apply', skip: 0, paths: true };
  const encoder = forest.get('one_hot_encoder_');
  const encode = forest.lowerPart(encoder, 'one_hot_encoder_', givenAfter(leaves, given));
  return { kind: 'pipeline', steps: [leaves, encode] };
}

/** A forest: its trees' probabilities or values, summed in order and divided once by their number. */
function lowerForest(forest: Estimator, treeClass: string): Trees {
  const head = treeHead(forest, 'identity');
  const trees = forest.children('estimators_', [treeClass]);
  if (trees.length === 0) forest.refuse('estimators_', 'expected at least one tree');
  const features = forest.integer('n_features_in_');
  const normalize = head.task === 'classifier' && !forest.since(1, 4);
  const sources = lowerEach(trees, (tree): SourceTree => {
    const source = readTree(tree, head, features);
    return normalize ? normalizeValues(source, head.labels) : source;
  });
  const nonFinite = forest.since(1, 4) ? missingPolicy(trees[0]!) : 'refuse';
  return assembleTrees(forest, sources, head, nonFinite, 'forest');
}
