import type { ClassifierHead, Ensemble, Labels, Node, Pipeline } from '../../src/ir/index.js';
import { headOf, labelCount } from '../../src/ir/index.js';
import { pairwiseSum } from '../../src/math/pairwise-sum.js';
import { classifierHead } from '../classifier-head.js';
import type { Estimator } from './estimator.js';
import { lowerMembers } from './members.js';
import { elementwise } from './preprocessing.js';
import type { LoweringTable } from './table.js';
import { assembleMembers, readMembers, treeMembers } from './tree-members.js';

/** sklearn.ensemble: AdaBoost */
export const weightBoostingTable: LoweringTable = {
  'sklearn.ensemble._weight_boosting.AdaBoostClassifier': lowerClassifier,
  'sklearn.ensemble._weight_boosting.AdaBoostRegressor': lowerRegressor,
};

/** Rows are checked before any estimator sees them: gaps are refused, whatever those take. */
const checked = (node: Ensemble<Node>): Pipeline<Node> => ({
  kind: 'pipeline',
  steps: [elementwise(node.features, 'refuse', []), node],
});

/** Votes on classes, or up to 1.5 logarithms of probabilities. */
function lowerClassifier(boosting: Estimator): Node {
  const labels = boosting.labels(boosting.get('classes_'), 'classes_');
  const classes = labelCount(labels);
  if (classes < 2) boosting.refuse('classes_', 'a single class is not supported');
  const trees = treeMembers(boosting);
  // Since 1.3 votes of two classes are opposites, and their difference twice the second.
  const votes = boosting.since(1, 6) || boosting.text('algorithm') === 'SAMME';
  if (trees !== null && votes && boosting.since(1, 3)) return lowerVotes(boosting, trees, labels);
  const parts = lowerMembers(boosting, boosting.items('estimators_'), labels);
  const { weights, total } = readWeights(boosting, parts.length);
  const real = !boosting.since(1, 6) && boosting.text('algorithm') === 'SAMME.R';
  const unfit = parts.findIndex(({ node, classes: own }) => {
    const head = headOf(node)!;
    return head.task === 'classifier' && (head.probability === null || own!.length !== classes);
  });
  if (real && unfit !== -1)
    boosting.refuse(`estimators_[${unfit}]`, 'has no probabilities of all classes');
  const two = classes === 2;
  const share = -1 / (classes - 1);
  return checked({
    kind: 'ensemble',
    features: boosting.features(),
    outputs: two ? 1 : classes,
    parts,
    combine: real ? 'samme-r' : 'vote',
    weights: real ? null : weights,
    misses: real || !boosting.since(1, 3) ? null : weights.map((weight) => share * weight),
    divisor: Float64Array.of(total),
    folded: two,
    precision: null,
    decisions: null,
    transforms: false,
    // Votes lie in memory class by class.
    head: usualHead(labels, real ? null : 'sequential'),
  });
}

const usualHead = (labels: Labels, sums: 'sequential' | null): ClassifierHead => {
  const two = labelCount(labels) === 2;
  return classifierHead([labels], {
    decide: two ? 'positive' : 'argmax',
    probability: two ? 'softmax-pair-half' : 'softmax-shared',
    decisionFunction: true,
    sums,
  });
};

/** Trees whose leaves hold their votes: a forest. */
function lowerVotes(boosting: Estimator, trees: readonly Estimator[], labels: Labels): Node {
  const classes = labelCount(labels);
  const { weights, total } = readWeights(boosting, trees.length);
  const share = -1 / (classes - 1);
  const leafOf = (member: number, leaf: Float64Array): Float64Array => {
    const hit = leaf.indexOf(leaf.reduce((most, value) => Math.max(most, value)));
    const weight = weights[member]!;
    const votes = leaf.map((_, k) => (k === hit ? weight : share * weight));
    return classes === 2 ? votes.subarray(1) : votes;
  };
  const sources = readMembers(boosting, trees, labels, () => null, leafOf);
  return assembleMembers(boosting, sources, {
    outputs: classes === 2 ? 1 : classes,
    base: null,
    aggregation: 'mean',
    divisor: Float64Array.of(classes === 2 ? total / 2 : total),
    isolation: null,
    head: usualHead(labels, 'sequential'),
    nonFinite: 'refuse',
    used: null,
    checked: true,
  });
}

function lowerRegressor(boosting: Estimator): Pipeline<Node> {
  const parts = lowerMembers(boosting, boosting.items('estimators_'), null);
  return checked({
    kind: 'ensemble',
    features: boosting.features(),
    outputs: 1,
    parts,
    combine: 'median',
    weights: readWeights(boosting, parts.length).weights,
    misses: null,
    divisor: null,
    folded: false,
    precision: null,
    decisions: null,
    transforms: false,
    head: { task: 'regressor', targets: 1, flat: true, link: 'identity' },
  });
}

/** The weights of the estimators, and the sum of all: there may be more weights, which are 0. */
function readWeights(boosting: Estimator, count: number): { weights: Float64Array; total: number } {
  const { values } = boosting.numbers('estimator_weights_', 1);
  const total = pairwiseSum(values, 0, values.length);
  if (values.length < count || !values.every(Number.isFinite) || total === 0)
    boosting.refuse('estimator_weights_', `expected ${count} numbers, not all of them 0`);
  return { weights: values.slice(0, count), total };
}
