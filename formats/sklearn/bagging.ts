import type { ClassifierHead, Head, Labels, Node } from '../../src/ir/index.js';
import { decisionColumns, headColumns, headOf, labelCount } from '../../src/ir/index.js';
import { classifierHead } from '../classifier-head.js';
import { toFloat64 } from './arrays.js';
import { type Estimator, isArray, lowerEach } from './estimator.js';
import { lowerMembers, positions } from './members.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';
import { treeHead } from './tree.js';
import {
  assembleMembers,
  policyOfMembers,
  readMembers,
  treeMembers,
  usedColumns,
} from './tree-members.js';

/** sklearn.ensemble: bagging */
export const baggingTable: LoweringTable = {
  'sklearn.ensemble._bagging.BaggingClassifier': lowerClassifier,
  'sklearn.ensemble._bagging.BaggingRegressor': lowerRegressor,
};

const usual = {
  weights: null,
  misses: null,
  folded: false,
  transforms: false,
} as const;

/** Trees, summed and divided by their number: a forest. */
function lowerTrees(bag: Estimator, trees: readonly Estimator[], labels: Labels | null): Node {
  const columnsOf = readChoices(bag);
  const sources = readMembers(bag, trees, labels && positions(labels), columnsOf);
  const [first] = trees;
  const head: Head =
    labels === null
      ? treeHead(first!, 'identity')
      : classifierHead([labels], { probability: 'identity', logProbability: 'parts' });
  return assembleMembers(bag, sources, {
    outputs: headColumns(head),
    base: null,
    aggregation: 'mean',
    divisor: null,
    isolation: null,
    head,
    nonFinite: policyOfMembers(trees),
    used: usedColumns(trees.length, columnsOf),
    checked: false,
  });
}

function lowerRegressor(bag: Estimator): Node {
  const trees = treeMembers(bag);
  if (trees !== null) return lowerTrees(bag, trees, null);
  const parts = lowerMembers(bag, bag.items('estimators_'), null, readChoices(bag));
  const heads = parts.map(({ node }) => headOf(node)!);
  const [head] = heads;
  const outputs = headColumns(head!);
  if (head!.task !== 'regressor' || heads.some((other) => headColumns(other) !== outputs))
    return bag.refuse('estimators_', 'predict different numbers of targets');
  return {
    kind: 'ensemble',
    features: bag.features(),
    outputs,
    parts,
    combine: 'mean',
    ...usual,
    divisor: Float64Array.of(parts.length),
    precision: null,
    decisions: null,
    head: { task: 'regressor', targets: outputs, flat: head!.flat, link: 'identity' },
  };
}

/** The mean of the parts' probabilities, or the share of their votes. */
function lowerClassifier(bag: Estimator): Node {
  const labels = bag.labels(bag.get('classes_'), 'classes_');
  const trees = treeMembers(bag);
  if (trees !== null) return lowerTrees(bag, trees, labels);
  const classes = labelCount(labels);
  const members = bag.items('estimators_');
  const parts = lowerMembers(bag, members, positions(labels), readChoices(bag));
  const heads = parts.map(({ node }) => headOf(node) as ClassifierHead);
  const asked = heads.every(({ probability }) => probability !== null);
  if (!asked && heads.some(({ probability }) => probability !== null))
    bag.refuse('estimators_', 'some have probabilities and others have none');
  const adds = asked && heads.every(({ logProbability }) => logProbability !== 'none');
  const margins = classes === 2 ? 1 : classes;
  const decides = heads.every((head) => head.decisionFunction);
  if (decides && heads.some((head) => decisionColumns(head) !== margins))
    bag.refuse('estimators_', 'some know fewer classes, and have no decision function for all');
  return {
    kind: 'ensemble',
    features: bag.features(),
    outputs: classes,
    parts,
    combine: asked ? 'mean' : 'vote',
    ...usual,
    divisor: Float64Array.of(parts.length),
    precision: asked ? 'float64' : null,
    decisions: decides ? 'mean' : null,
    head: classifierHead([labels], {
      probability: 'identity',
      decisionFunction: decides,
      logProbability: adds ? 'parts' : null,
    }),
  };
}

/** The columns that each estimator sees. */
function readChoices(bag: Estimator): (member: number) => Uint32Array | null {
  const features = bag.features();
  const { length } = bag.items('estimators_');
  const chosen = lowerEach(bag.items('estimators_features_'), (item, i) => {
    const columns = isArray(item) ? toFloat64(item) : null;
    const known = columns?.every((column) => column >= 0 && column < features);
    return known
      ? Uint32Array.from(columns!)
      : bag.refuse(
          `estimators_features_[${i}]`,
          `expected an array of columns, found ${describePython(item)}`,
        );
  });
  if (chosen.length !== length)
    bag.refuse('estimators_features_', `expected ${length} arrays, found ${chosen.length}`);
  const whole = chosen.map(
    (columns) => columns.length === features && columns.every((column, i) => column === i),
  );
  return (member) => (whole[member]! ? null : chosen[member]!);
}
