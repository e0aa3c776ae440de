import type { Columns } from './columns.js';
import { Equalities } from './equality.js';
import { addUp, aggregations, plant, type Weights } from './forest.js';
import type { Numbers } from './lists.js';
import type { Operator } from './operator.js';
import { modes, writeNode } from './splits.js';
import type { LoweringTable } from './table.js';
import { emptyShape } from './tree-shape.js';
import { floatNumbers, readTargets, readTracks, transformed } from './trees.js';

export const treeEnsembleTable: LoweringTable = { TreeEnsemble: lowerEnsemble };

/** `TreeEnsemble` has numbers for all of these. */
const ensembleTransforms = ['NONE', 'SOFTMAX', 'LOGISTIC', 'SOFTMAX_ZERO', 'PROBIT'] as const;

/**
 * The newer operator: nodes that split and leaves stand in two lists, and children are numbers in one of them. Each node is in one tree; leaves
 * may be shared.
 */
function lowerEnsemble(operator: Operator): Columns[] {
  const outputs = readTargets(operator);
  const aggregation =
    aggregations[operator.integer('aggregate_function', 1)] ??
    operator.refuse('aggregate_function', 'expected 0 to 3');
  const transform =
    ensembleTransforms[operator.integer('post_transform', 0)] ??
    operator.refuse('post_transform', 'expected 0 to 4');
  const roots = operator.integers('tree_roots');
  const features = operator.integers('nodes_featureids');
  const { length } = features;
  const { limits, source } = operator.lowering;
  if (length > limits.nodes || roots.length < 1 || roots.length > limits.trees)
    operator.refuse('tree_roots', `${roots.length} trees of ${length} nodes are not supported`);
  const thresholds = floatNumbers(operator, 'nodes_splits', length);
  const nodeModes = operator.integers('nodes_modes', length);
  const children = {
    yes: operator.integers('nodes_truenodeids', length),
    yesLeaf: operator.integers('nodes_trueleafs', length),
    no: operator.integers('nodes_falsenodeids', length),
    noLeaf: operator.integers('nodes_falseleafs', length),
  };
  const tracks = readTracks(operator, length);
  const leafWeights = floatNumbers(operator, 'leaf_weights');
  const leafTargets = operator.integers('leaf_targetids', leafWeights.length);
  const equalities = new Equalities(operator, operator.columns(0, 'float', 'double').width);
  const members = readMembers(operator, nodeModes);
  source.spend(300 * length);
  const reached = new Uint8Array(length);
  const found = { trees: [] as number[], leaves: [] as number[], at: [] as number[] };
  /** Nodes by their number, and leaves by its complement. */
  const placeOf = (at: number, isLeaf: boolean): number => {
    const count = isLeaf ? leafWeights.length : length;
    if (!(at >= 0 && at < count))
      operator.refuse('', `${isLeaf ? 'leaf' : 'node'} ${at} is not there`);
    return isLeaf ? ~at : at;
  };
  const shapes = Array.from(roots, (root, t) => {
    const path = `${operator.path}.tree[${t}]`;
    const order = [placeOf(root, false)];
    const splits: (readonly [node: number, left: number])[] = [];
    for (let i = 0; i < order.length; i++) {
      const node = order[i]!;
      if (node < 0) {
        found.trees.push(t);
        found.leaves.push(i);
        found.at.push(~node);
        continue;
      }
      if (reached[node] === 1) operator.refuse('', `node ${node} has two parents`);
      reached[node] = 1;
      splits.push([i, order.length]);
      const { yes, yesLeaf, no, noLeaf } = children;
      order.push(placeOf(yes[node]!, yesLeaf[node] === 1), placeOf(no[node]!, noLeaf[node] === 1));
    }
    const shape = emptyShape(order.length, path);
    for (const [i, first] of splits) {
      const node = order[i]!;
      writeNode(
        operator,
        equalities,
        shape,
        i,
        {
          mode: modes[nodeModes[node]!] ?? `${nodeModes[node]}`,
          feature: features[node]!,
          value: thresholds[node]!,
          members: members[node] ?? [],
          tracks: tracks?.[node] === 1,
          children: [first, first + 1],
        },
        `nodes_modes[${node}]`,
      );
    }
    return shape;
  });
  const weights: Weights = {
    trees: found.trees,
    leaves: found.leaves,
    targets: outputs === 1 ? new Uint8Array(found.at.length) : found.at.map((i) => leafTargets[i]!),
    values: Float64Array.from(found.at, (i) => leafWeights[i]!),
  };
  const forest = plant(operator, shapes, weights, outputs);
  const scores = addUp(operator, forest, outputs, aggregation, null, equalities);
  return [transformed(operator, scores, transform)];
}

/** The numbers of each node that has a set of them: one set after another, each ended by NaN. */
function readMembers(operator: Operator, nodeModes: Numbers): number[][] {
  const values = operator.maybeNumbers('membership_values') ?? [];
  operator.lowering.source.spend(16 * (values.length + nodeModes.length));
  const sets: number[][] = [[]];
  for (const value of values)
    if (Number.isNaN(value)) sets.push([]);
    else sets.at(-1)!.push(value);
  const members: number[][] = [];
  let count = 0;
  nodeModes.forEach((mode, node) => {
    if (modes[mode] !== 'BRANCH_MEMBER') return;
    members[node] = sets[count++] ?? [];
    if (members[node].length === 0) operator.refuse('membership_values', `none for node ${node}`);
  });
  return members;
}
