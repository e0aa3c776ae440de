import type { ClassifierHead, Ensemble, Node } from '../../src/ir/index.js';
import { headOf, labelCount } from '../../src/ir/index.js';
import { pairwiseSum } from '../../src/math/pairwise-sum.js';
import { classifierHead } from '../classifier-head.js';
import { toFloat64 } from './arrays.js';
import { type Estimator, isArray, sequenceItems, unwrapScalar } from './estimator.js';
import { lowerMembers, positions } from './members.js';
import { namedParts } from './pipeline.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

export const votingClasses = {
  classifier: 'sklearn.ensemble._voting.VotingClassifier',
  regressor: 'sklearn.ensemble._voting.VotingRegressor',
} as const;

/** sklearn.ensemble: voting */
export const votingTable: LoweringTable = {
  [votingClasses.classifier]: lowerClassifier,
  [votingClasses.regressor]: lowerRegressor,
};

function lowerRegressor(voting: Estimator): Ensemble<Node> {
  const parts = lowerMembers(voting, voting.items('estimators_'), null);
  const weights = readWeights(voting, parts.length);
  return {
    ...usual(voting),
    outputs: 1,
    parts,
    combine: 'mean',
    weights,
    divisor: divisorOf(weights, parts.length),
    transforms: true,
    head: { task: 'regressor', targets: 1, flat: true, link: 'identity' },
  };
}

/** The weighted mean of probabilities, or the class with the most votes. */
function lowerClassifier(voting: Estimator): Ensemble<Node> {
  const labels = voting.labels(voting.get('classes_'), 'classes_');
  const classes = labelCount(labels);
  const parts = lowerMembers(voting, voting.items('estimators_'), positions(labels));
  const weights = readWeights(voting, parts.length);
  const soft = voting.text('voting') === 'soft';
  const unfit = parts.findIndex(({ node, classes: own }) => {
    const { probability } = headOf(node) as ClassifierHead;
    return probability === null || own!.length !== classes;
  });
  if (soft && unfit !== -1)
    voting.refuse(`estimators_[${unfit}]`, 'has no probabilities of all classes');
  return {
    ...usual(voting),
    outputs: classes,
    parts,
    combine: soft ? 'mean' : 'vote',
    weights,
    divisor: soft ? divisorOf(weights, parts.length) : null,
    // Otherwise it has three dimensions.
    transforms: !soft || voting.maybe('flatten_transform') !== false,
    head: classifierHead([labels], {
      probability: soft ? 'identity' : null,
      logProbability: soft ? 'none' : null,
    }),
  };
}

const usual = (voting: Estimator) =>
  ({
    kind: 'ensemble',
    features: voting.lowering.given.columns ?? voting.features(),
    misses: null,
    folded: false,
    precision: null,
    decisions: null,
  }) as const;

/** The weights of those estimators that were not dropped. */
function readWeights(voting: Estimator, count: number): Float64Array | null {
  const value = voting.maybe('weights');
  if (value === null) return null;
  const items = isArray(value) ? toFloat64(value) : sequenceItems(value)?.map(unwrapScalar);
  const all = Array.from((items ?? []) as ArrayLike<unknown>);
  const named = namedParts(voting, 'estimators');
  const weights = all.filter((_, i) => named[i]?.part !== 'drop');
  const known = weights.every(
    (weight) => typeof weight === 'number' && weight >= 0 && Number.isFinite(weight),
  );
  if (!known || weights.length !== count || all.length !== named.length)
    return voting.refuse(
      'weights',
      `expected a number of 0 or more for each estimator, found ${describePython(value)}`,
    );
  return Float64Array.from(weights as number[]);
}

function divisorOf(weights: Float64Array | null, count: number): Float64Array {
  return Float64Array.of(weights === null ? count : pairwiseSum(weights, 0, count));
}
