import { quote } from '../../src/errors.js';
import type { Labels, Trees } from '../../src/ir/index.js';
import { labelCount } from '../../src/ir/index.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';
import { assembleBoosting } from '../boosting/trees.js';
import {
  answersOf,
  asFloats,
  type Choice,
  type Columns,
  elementwise,
  followed,
  linked,
  product,
  regressorHead,
} from './columns.js';
import type { Numbers } from './lists.js';
import { logisticPair } from './logistic.js';
import type { Operator } from './operator.js';
import type { LoweringTable } from './table.js';

export const treeTable: LoweringTable = {
  TreeEnsembleRegressor: lowerRegressor,
  TreeEnsembleClassifier: lowerClassifier,
  TreeEnsemble: lowerEnsemble,
};

const transforms = ['NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO', 'PROBIT'] as const;
const aggregations = ['AVERAGE', 'SUM', 'MIN', 'MAX'] as const;
/** `TreeEnsemble` has numbers for all of these. */
const ensembleTransforms = ['NONE', 'SOFTMAX', 'LOGISTIC', 'SOFTMAX_ZERO', 'PROBIT'] as const;
const modes = [
  'BRANCH_LEQ',
  'BRANCH_LT',
  'BRANCH_GTE',
  'BRANCH_GT',
  'BRANCH_EQ',
  'BRANCH_NEQ',
] as const;

/** A tree without the values of its leaves. */
type Shape = Omit<SourceTree, 'values'>;

/** What leaves add: for each weight its tree, its leaf, and the output that it is for. */
interface Weights {
  readonly trees: ArrayLike<number>;
  readonly leaves: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
  readonly values: Numbers;
}

interface Forest {
  readonly sources: readonly SourceTree[];
  /** The output that each tree adds to; null where leaves have all of them. */
  readonly treeOutputs: readonly number[] | null;
  /** Whether every row gets a weight for each output. */
  readonly complete: boolean;
}

function lowerRegressor(operator: Operator): Columns[] {
  const outputs = readTargets(operator);
  const aggregation = operator.text('aggregate_function', aggregations, 'SUM');
  const { shapes, weights } = readTrees(operator, 'target', outputs > 1);
  const forest = plant(operator, shapes, weights, outputs);
  const scores = addUp(operator, forest, outputs, aggregation, readBase(operator));
  const transform = operator.text('post_transform', transforms, 'NONE');
  return [transformed(operator, asFloats(scores), transform)];
}

function readTargets(operator: Operator): number {
  const outputs = operator.integer('n_targets');
  const { classes } = operator.lowering.limits;
  return outputs >= 1 && outputs <= classes
    ? outputs
    : operator.refuse('n_targets', `expected 1 to ${classes}, found ${outputs}`);
}

/** What a regressor makes of its sums. */
function transformed(
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
  const { shapes, weights } = readTrees(operator, 'class', true);
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
    const score = addUp(operator, plant(operator, shapes, weights, 1), 1, 'SUM', base);
    return binary(labels, score, areProbabilities, transform);
  }
  const forest = plant(operator, shapes, weights, classes);
  // A class that gets no weight is not chosen, unlike one that gets 0.
  if (!forest.complete && !base && !weights.values.every((weight) => weight > 0))
    operator.refuse('class_ids', 'rows that get no weight for a class are not supported');
  const scores = addUp(operator, forest, classes, 'SUM', base);
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

function floatNumbers(operator: Operator, name: string, length?: number): Numbers {
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
): { readonly shapes: readonly Shape[]; readonly weights: Weights } {
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
  const isDouble = operator.columns(0).type === 'double';
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
      const place = `nodes_modes[${node}]`;
      const split = splitOf(operator, mode, thresholds[node]!, isDouble, place);
      // What is not there is no child of a tree: packing says so.
      const children = [nodes.get(yes[node]!) ?? -2, nodes.get(no[node]!) ?? -2] as const;
      writeSplit(shape, i, features[node]!, split, tracks?.[node] === 1, children);
    }
    shapes.push(shape);
  }
  const weights = readWeights(operator, name, severalOutputs, (tree, node) => {
    const found = places.get(tree);
    const leaf = found?.nodes.get(node);
    return found && leaf !== undefined ? [found.tree, leaf] : null;
  });
  return { shapes, weights };
}

function readTracks(operator: Operator, length: number): Numbers | null {
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
  const isDouble = operator.columns(0, 'float', 'double').type === 'double';
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
      const mode = modes[nodeModes[node]!] ?? 'BRANCH_MEMBER';
      const split = splitOf(operator, mode, thresholds[node]!, isDouble, `nodes_modes[${node}]`);
      writeSplit(shape, i, features[node]!, split, tracks?.[node] === 1, [first, first + 1]);
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
  const scores = addUp(operator, forest, outputs, aggregation, null);
  return [transformed(operator, scores, transform)];
}

function emptyShape(count: number, path: string) {
  return {
    left: new Int32Array(count).fill(-1),
    right: new Int32Array(count).fill(-1),
    feature: new Float64Array(count),
    threshold: new Float64Array(count),
    missingLeft: new Uint8Array(count),
    categorical: null,
    covers: null,
    path,
  };
}

/** Writes a node whose children are those where its test holds, and where it does not. */
function writeSplit(
  shape: ReturnType<typeof emptyShape>,
  node: number,
  feature: number,
  { threshold, holdsLeft }: Split,
  tracks: boolean,
  [yes, no]: readonly [yes: number, no: number],
): void {
  shape.left[node] = holdsLeft ? yes : no;
  shape.right[node] = holdsLeft ? no : yes;
  shape.feature[node] = feature;
  shape.threshold[node] = threshold;
  shape.missingLeft[node] = Number(tracks === holdsLeft);
}

interface Split {
  readonly threshold: number;
  /** Whether the test holds where a feature is at most the threshold, or where it is not. */
  readonly holdsLeft: boolean;
}

function splitOf(
  operator: Operator,
  mode: string,
  value: number,
  isDouble: boolean,
  place: string,
): Split {
  const at = (modes as readonly string[]).indexOf(mode);
  if (at < 0 || at > 3) return operator.refuse(place, `${quote(mode)} is not supported`);
  // LT and GTE have what equals the threshold on the other side.
  const threshold = at === 1 || at === 2 ? below(value, isDouble) : value;
  if (Number.isNaN(threshold)) operator.refuse(place, 'a threshold that nothing is below');
  return { threshold, holdsLeft: at < 2 };
}

const scratch = new DataView(new ArrayBuffer(8));

/** The next smaller number of the same type; NaN, which is refused as a threshold, of −∞. */
function below(value: number, isDouble: boolean): number {
  if (value === Number.NEGATIVE_INFINITY) return Number.NaN;
  if (value === 0) return isDouble ? -Number.MIN_VALUE : -(2 ** -149);
  const step = value > 0 ? -1 : 1;
  if (isDouble) {
    scratch.setFloat64(0, value);
    scratch.setBigInt64(0, scratch.getBigInt64(0) + BigInt(step));
    return scratch.getFloat64(0);
  }
  scratch.setFloat32(0, value);
  scratch.setInt32(0, scratch.getInt32(0) + step);
  return scratch.getFloat32(0);
}

/** Puts weights into the leaves that they are of. */
function plant(
  operator: Operator,
  shapes: readonly Shape[],
  { trees, leaves, targets, values }: Weights,
  outputs: number,
): Forest {
  const treeOutputs = outputs === 1 ? null : singleOutputs(shapes.length, trees, targets);
  const columns = treeOutputs ? 1 : outputs;
  const cells = shapes.reduce((sum, { left }) => sum + left.length * columns, 0);
  operator.lowering.source.spend(9 * cells);
  const sources = shapes.map((shape): SourceTree => {
    return { ...shape, values: new Float64Array(shape.left.length * columns) };
  });
  const seen = sources.map((source) => new Uint8Array(source.values.length));
  for (let i = 0; i < values.length; i++) {
    const leaf = leaves[i]!;
    const source = sources[trees[i]!]!;
    // Files of old converters have weights of splits, too, which nothing is made of.
    if (source.left[leaf] !== -1) continue;
    const target = targets[i]!;
    if (!(target >= 0 && target < outputs && Number.isFinite(values[i]!)))
      operator.refuse('', `weight ${i} is ${values[i]} for output ${target} of ${outputs}`);
    const cell = leaf * columns + (treeOutputs ? 0 : target);
    if (seen[trees[i]!]![cell] === 1)
      operator.refuse('', `weight ${i} is one too many of its leaf`);
    seen[trees[i]!]![cell] = 1;
    source.values[cell] = values[i]!;
  }
  const given = new Uint8Array(outputs);
  sources.forEach(({ left }, t) => {
    const missing = new Uint8Array(columns);
    for (let node = 0; node < left.length; node++) {
      if (left[node] !== -1) continue;
      let count = 0;
      for (let k = 0; k < columns; k++) {
        if (seen[t]![node * columns + k] === 1) count++;
        else missing[k] = 1;
      }
      if (count === 0) operator.refuse('', `a leaf of tree ${t} has no weight`);
    }
    for (let k = 0; k < columns; k++) if (missing[k] === 0) given[treeOutputs?.[t] ?? k] = 1;
  });
  return { sources, treeOutputs, complete: given.every((one) => one === 1) };
}

/** The output that each tree has weights for; null where a tree has such for several. */
function singleOutputs(
  count: number,
  trees: ArrayLike<number>,
  targets: ArrayLike<number>,
): number[] | null {
  const outputs = new Array<number>(count).fill(-1);
  for (let i = 0; i < trees.length; i++) {
    const tree = trees[i]!;
    if (outputs[tree] === -1) outputs[tree] = targets[i]!;
    if (outputs[tree] !== targets[i]) return null;
  }
  return outputs;
}

/** The sums of all leaves, and of the base at last: float32 as onnxruntime has them, but of trees on doubles. */
function addUp(
  operator: Operator,
  { sources, treeOutputs }: Forest,
  outputs: number,
  aggregation: (typeof aggregations)[number],
  base: Numbers | null,
): Columns {
  const input = operator.columns(0, 'float', 'double', 'integer');
  const isDouble = input.type === 'double';
  if (sources.length > 1 && (aggregation === 'MIN' || aggregation === 'MAX'))
    operator.refuse('aggregate_function', `${aggregation} of several trees is not supported`);
  if (base && base.length !== outputs)
    operator.refuse('base_values', `expected ${outputs} numbers, found ${base.length}`);
  const averages = aggregation === 'AVERAGE' && sources.length > 1;
  // Sums end with the base, where those of trees begin with it: it is a tree of one leaf, or one for each output.
  const ends = !base || averages ? [] : treeOutputs ? Array.from(base, (value) => [value]) : [base];
  const trees: Trees = assembleBoosting(
    [...sources, ...ends.map((values) => constantTree(values, operator.path))],
    {
      features: input.width,
      outputs,
      precision: isDouble ? 'float64' : 'float32',
      nonFinite: 'any',
      base: new Float64Array(outputs),
      categories: null,
      treeOutputs: treeOutputs && [...treeOutputs, ...ends.map((_, k) => k)],
      divisor: null,
      head: regressorHead(outputs),
      ...(!isDouble && { sums: 'float32' as const }),
    },
    operator.lowering,
  );
  const type = isDouble ? 'double' : 'float';
  const sums = followed(input, answersOf(trees, input.width, 'raw'), outputs, type, true);
  const rest = [
    ...(averages ? [operandOf('divide', new Float64Array(outputs).fill(sources.length))] : []),
    ...(averages && base ? [operandOf('add', Float64Array.from(base))] : []),
  ];
  const ended =
    rest.length === 0
      ? sums
      : followed(sums, elementwise(outputs, rest, isDouble ? null : 'float32'));
  return ended;
}

const operandOf = (operation: 'divide' | 'add', operands: Float64Array) => ({
  operation,
  operands,
  rounded: true,
});

/** A tree of one leaf. */
const constantTree = (values: ArrayLike<number>, path: string): SourceTree => ({
  left: [-1],
  right: [-1],
  feature: [0],
  threshold: [0],
  missingLeft: null,
  categorical: null,
  values: Float64Array.from(values),
  covers: null,
  path,
});
