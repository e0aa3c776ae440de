import { type Labels, labelCount } from '../../src/ir/index.js';
import { asFloats, type Choice, type Columns, linked, product } from './columns.js';
import { Equalities } from './equality.js';
import { addUp, aggregations, plant, type Weights } from './forest.js';
import type { Numbers } from './lists.js';
import { logisticPair } from './logistic.js';
import type { Operator } from './operator.js';
import { writeNode } from './splits.js';
import type { LoweringTable } from './table.js';
import { emptyShape, type Shape } from './tree-shape.js';

export const treeTable: LoweringTable = {
  TreeEnsembleRegressor: lowerRegressor,
  TreeEnsembleClassifier: lowerClassifier,
};

const transforms = ['NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO', 'PROBIT'] as const;

function lowerRegressor(operator: Operator): Columns[] {
  const outputs = readTargets(operator);
  const aggregation = operator.text('aggregate_function', aggregations, 'SUM');
  const { shapes, weights, equalities } = readTrees(operator, 'target', outputs > 1);
  const forest = plant(operator, shapes, weights, outputs);
  const scores = addUp(operator, forest, outputs, aggregation, readBase(operator), equalities);
  const transform = operator.text('post_transform', transforms, 'NONE');
  return [transformed(operator, asFloats(scores), transform)];
}

export function readTargets(operator: Operator): number {
  const outputs = operator.integer('n_targets');
  const { classes } = operator.lowering.limits;
  return outputs >= 1 && outputs <= classes
    ? outputs
    : operator.refuse('n_targets', `expected 1 to ${classes}, found ${outputs}`);
}

/** What a regressor makes of its sums. */
export function transformed(
  operator: Operator,
  scores: Columns,
  transform: (typeof transforms)[number],
): Columns {
  const { width } = scores;
  if (transform === 'NONE') return { ...scores, predicts: true };
  if (transform === 'SOFTMAX' && width > 1) return { ...linked(scores, 'softmax'), predicts: true };
  // Of one target onnxruntime leaves all of these out but PROBIT.
  return operator.refuse('post_transform', `${transform} of ${width} targets is not supported`);
}

function lowerClassifier(operator: Operator): [Choice, Columns] {
  const labels = operator.labels('classlabels_strings', 'classlabels_int64s');
  const classes = labelCount(labels);
  const { shapes, weights, equalities } = readTrees(operator, 'class', true);
  const transform = operator.text('post_transform', transforms, 'NONE');
  if (transform === 'SOFTMAX_ZERO' || transform === 'PROBIT')
    operator.refuse('post_transform', `${transform} is not supported`);
  const base = readBase(operator);
  const areProbabilities = weights.values.every((weight) => weight >= 0);
  if (classes === 2) {
    // Of two classes the score is the second one's, though the weights are said to be for the first.
    if (Array.from(weights.targets).some((id) => id !== 0))
      operator.refuse('class_ids', 'of two classes only weights of class id 0 are supported');
    if (base && base.length !== 1)
      operator.refuse('base_values', `expected one number, found ${base.length}`);
    const forest = plant(operator, shapes, weights, 1);
    const score = addUp(operator, forest, 1, 'SUM', base, equalities);
    return binary(labels, score, areProbabilities, transform);
  }
  const forest = plant(operator, shapes, weights, classes);
  // A class that gets no weight is not chosen, unlike one that gets 0.
  if (!forest.complete && !base && !weights.values.every((weight) => weight > 0))
    operator.refuse('class_ids', 'rows that get no weight for a class are not supported');
  const scores = addUp(operator, forest, classes, 'SUM', base, equalities);
  const choice: Choice = { kind: 'choice', scores, decide: 'argmax', labels };
  if (transform === 'LOGISTIC')
    operator.refuse('post_transform', 'LOGISTIC of more than two classes is not supported');
  const floats = asFloats(scores);
  if (transform === 'SOFTMAX') return [choice, linked(floats, 'softmax')];
  if (!areProbabilities) return [choice, floats];
  const link = { of: scores, probability: 'identity' as const };
  return [choice, { ...floats, ...(floats === scores && { link }), range: 'positive' }];
}

/** What is chosen by the one score of two classes, and what is made of it. */
function binary(
  labels: Labels,
  score: Columns,
  areProbabilities: boolean,
  transform: 'NONE' | 'LOGISTIC' | 'SOFTMAX',
): [Choice, Columns] {
  const floats = asFloats(score);
  const pairWith = (first: number) =>
    product(floats, Float32Array.of(-1, 1), Float32Array.of(first, 0));
  if (areProbabilities) {
    // Where no weight is below 0. Above one half, where the second is chosen, 1 − s is exact, and less.
    const scores = pairWith(1);
    const choice: Choice = { kind: 'choice', scores, decide: 'argmax', labels };
    if (transform === 'LOGISTIC') return [choice, logisticPair(floats)];
    const link = { of: scores, probability: 'identity' as const };
    return [choice, { ...scores, link, range: 'unit' }];
  }
  const choice: Choice = { kind: 'choice', scores: score, decide: 'positive', labels };
  if (transform === 'LOGISTIC') return [choice, logisticPair(floats)];
  return [choice, { ...pairWith(0), link: { of: score, probability: 'margins' } }];
}

/** Numbers as a list of floats, or as a tensor of floats or doubles. */
function floatsOf(operator: Operator, name: string, length?: number): Numbers | null {
  const tensor = `${name}_as_tensor`;
  if (operator.has(name) && operator.has(tensor)) operator.refuse(name, `beside ${tensor}`);
  const own = operator.has(tensor) ? tensor : name;
  if (length === undefined && !operator.has(own)) return null;
  const values = floatNumbers(operator, own, length);
  const isDouble = operator.columns(0).type === 'double';
  if (own === tensor && values instanceof Float64Array !== isDouble)
    operator.refuse(own, 'of another type than the input');
  return values;
}

export function floatNumbers(operator: Operator, name: string, length?: number): Numbers {
  const values = operator.numbers(name, length);
  return values instanceof Int32Array ? operator.refuse(name, 'expected floats') : values;
}

/** What sums begin with, or rather end with; null for nothing. */
function readBase(operator: Operator): Numbers | null {
  const base = floatsOf(operator, 'base_values');
  if (base && !base.every(Number.isFinite)) operator.refuse('base_values', 'expected numbers');
  return base && base.length > 0 ? base : null;
}

/** Trees are told apart by their ids: each is a run of nodes, the first of which is its root. */
function readTrees(
  operator: Operator,
  name: 'target' | 'class',
  severalOutputs: boolean,
): {
  readonly shapes: readonly Shape[];
  readonly weights: Weights;
  readonly equalities: Equalities;
} {
  const trees = operator.integers('nodes_treeids');
  const { length } = trees;
  const { limits } = operator.lowering;
  if (length < 1 || length > limits.nodes)
    operator.refuse('nodes_treeids', `expected 1 to ${limits.nodes} nodes, found ${length}`);
  const ids = operator.integers('nodes_nodeids', length);
  const nodeModes = operator.maybeStrings('nodes_modes') ?? [];
  if (nodeModes.length !== length)
    operator.refuse('nodes_modes', `expected ${length}, found ${nodeModes.length}`);
  const yes = operator.integers('nodes_truenodeids', length);
  const no = operator.integers('nodes_falsenodeids', length);
  const features = operator.integers('nodes_featureids', length);
  const thresholds = floatsOf(operator, 'nodes_values', length)!;
  const tracks = readTracks(operator, length);
  const equalities = new Equalities(operator, operator.columns(0).width);
  operator.lowering.source.spend(100 * length);
  const shapes: Shape[] = [];
  const places = new Map<number, { readonly tree: number; readonly nodes: Map<number, number> }>();
  for (let start = 0, end = 0; start < length; start = end) {
    const tree = trees[start]!;
    if (places.has(tree)) operator.refuse(`nodes_treeids[${start}]`, `tree ${tree} in two places`);
    if (shapes.length === limits.trees) operator.refuse('nodes_treeids', 'too many trees');
    const nodes = new Map<number, number>();
    for (; end < length && trees[end] === tree; end++) {
      if (nodes.has(ids[end]!)) operator.refuse(`nodes_nodeids[${end}]`, 'a node twice');
      nodes.set(ids[end]!, end - start);
    }
    places.set(tree, { tree: shapes.length, nodes });
    const shape = emptyShape(end - start, `${operator.path}.tree[${shapes.length}]`);
    for (let i = 0; i < end - start; i++) {
      const node = start + i;
      const mode = nodeModes[node]!;
      if (mode === 'LEAF') continue;
      // What is not there is no child of a tree: packing says so.
      const children = [nodes.get(yes[node]!) ?? -2, nodes.get(no[node]!) ?? -2] as const;
      const split = {
        mode: mode === 'BRANCH_MEMBER' ? '' : mode,
        feature: features[node]!,
        value: thresholds[node]!,
        members: [],
        tracks: tracks?.[node] === 1,
        children,
      };
      writeNode(operator, equalities, shape, i, split, `nodes_modes[${node}]`);
    }
    shapes.push(shape);
  }
  const weights = readWeights(operator, name, severalOutputs, (tree, node) => {
    const found = places.get(tree);
    const leaf = found?.nodes.get(node);
    return found && leaf !== undefined ? [found.tree, leaf] : null;
  });
  return { shapes, weights, equalities };
}

export function readTracks(operator: Operator, length: number): Numbers | null {
  const tracks = operator.maybeNumbers('nodes_missing_value_tracks_true');
  if (tracks && tracks.length !== length && tracks.length !== 0)
    operator.refuse('nodes_missing_value_tracks_true', `expected ${length} numbers`);
  return tracks;
}

/** Weights are of nodes by the ids of their trees and their own. Of one output each is for that one, whatever it says. */
function readWeights(
  operator: Operator,
  name: 'target' | 'class',
  severalOutputs: boolean,
  find: (tree: number, node: number) => readonly [tree: number, leaf: number] | null,
): Weights {
  const nodes = operator.integers(`${name}_nodeids`);
  const { length } = nodes;
  const ids = operator.integers(`${name}_treeids`, length);
  const targets = operator.integers(`${name}_ids`, length);
  const values = floatsOf(operator, `${name}_weights`, length)!;
  const trees = new Uint32Array(length);
  const leaves = new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    const found = find(ids[i]!, nodes[i]!);
    if (!found) return operator.refuse(`${name}_nodeids[${i}]`, 'a node that is not there');
    [trees[i], leaves[i]] = found;
  }
  return { trees, leaves, targets: severalOutputs ? targets : new Uint8Array(length), values };
}
