import { NuthatchError, quote } from '../../src/errors.js';
import type { Limits } from '../../src/ir/index.js';
import { malformed } from '../json/json.js';
import {
  integerOf,
  integersOf,
  isMap,
  listOf,
  mapOf,
  numbersOf,
  own,
  textOf,
  textsOf,
  type ValueMap,
} from './document.js';
import type { LinearBooster, TreeBooster, XgboostModel, XgboostTree } from './model.js';
import { readNamedCategories } from './named-categories.js';

/** Whether the bytes look like XGBoost's JSON: one of its two keys comes first. */
export function isXgboostJson(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 100));
  return /^\s*\{\s*"(learner"\s*:\s*\{|version"\s*:\s*\[)/.test(start);
}

/** The same of UBJSON, in which the length of a key comes before it. */
export function isXgboostUbjson(bytes: Uint8Array): boolean {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 20));
  return /^\{[iUIlL]\p{Cc}+(learner\{|version\[)/u.test(start);
}

/** A document in JSON or UBJSON as a model. */
export function readDocument(map: ValueMap, limits: Limits): XgboostModel {
  const learner = mapOf(map, 'learner', '');
  const parameters = mapOf(learner, 'learner_model_param', 'learner');
  const at = 'learner.learner_model_param';
  const features = integerOf(parameters, 'num_feature', limits.features, at);
  if (features < 1) throw malformed(at, 'a model without features');
  const classes = integerOf(parameters, 'num_class', limits.classes, at, 0);
  const targets = integerOf(parameters, 'num_target', limits.classes, at, 1);
  const outputs = Math.max(1, classes, targets);
  const attributes = own(learner, 'attributes');
  return {
    version: Array.from(integersOf(map, 'version', '', 0, 1e6, 3)),
    objective: textOf(mapOf(learner, 'objective', 'learner'), 'name', 'learner.objective'),
    features,
    outputs,
    baseScore: readBaseScore(textOf(parameters, 'base_score', at)),
    baseIsMargin: false,
    names: textsOf(learner, 'feature_names', 'learner'),
    attributes: new Map(
      isMap(attributes)
        ? Object.entries(attributes).filter(
            (pair): pair is [string, string] => typeof pair[1] === 'string',
          )
        : [],
    ),
    booster: readBooster(mapOf(learner, 'gradient_booster', 'learner'), features, outputs, limits),
  };
}

/** A number, or from 3.1 on a list of them, as text. */
export function readBaseScore(text: string): number[] {
  const list = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  return list.split(',').map((word) => {
    const value = /^[-+.\deE]+$/.test(word) ? Math.fround(Number(word)) : Number.NaN;
    if (Number.isFinite(value)) return value;
    throw malformed(
      'learner.learner_model_param.base_score',
      `expected numbers, found ${quote(text)}`,
    );
  });
}

const gradientBooster = 'learner.gradient_booster';

function readBooster(
  map: ValueMap,
  features: number,
  outputs: number,
  limits: Limits,
): TreeBooster | LinearBooster {
  const name = textOf(map, 'name', gradientBooster);
  if (name === 'gblinear') {
    const model = mapOf(map, 'model', gradientBooster);
    const count = (features + 1) * outputs;
    return {
      kind: 'linear',
      weights: numbersOf(model, 'weights', `${gradientBooster}.model`, count),
    };
  }
  if (name === 'gbtree') return readTrees(map, gradientBooster, outputs, limits);
  if (name !== 'dart')
    throw new NuthatchError('unsupported', `${gradientBooster}.name`, `the booster ${quote(name)}`);
  const inner = mapOf(map, 'gbtree', gradientBooster);
  const booster = readTrees(inner, `${gradientBooster}.gbtree`, outputs, limits);
  const count = booster.trees.length;
  return { ...booster, weights: numbersOf(map, 'weight_drop', gradientBooster, count) };
}

function readTrees(booster: ValueMap, place: string, outputs: number, limits: Limits): TreeBooster {
  const path = `${place}.model`;
  const model = mapOf(booster, 'model', place);
  const parameters = mapOf(model, 'gbtree_model_param', path);
  const at = `${path}.gbtree_model_param`;
  const list = listOf(model, 'trees', path);
  if (integerOf(parameters, 'num_trees', limits.trees, at) !== list.length)
    throw malformed(at, `expected ${list.length} as num_trees`);
  if (list.length === 0)
    throw new NuthatchError('unsupported', `${path}.trees`, 'a model without trees');
  const trees = list.map((tree, t) => {
    const place = `${path}.trees[${t}]`;
    return isMap(tree) ? readTree(tree, limits, place) : fail(place, 'expected an object');
  });
  const leafColumns = trees[0]!.leafColumns;
  for (const { leafColumns: columns, path } of trees)
    if (columns !== leafColumns || (columns !== 1 && columns !== outputs))
      fail(path, `leaves of ${columns} numbers, of ${outputs} outputs`);
  const parallel = integerOf(parameters, 'num_parallel_tree', limits.trees, at, 1);
  const ofAll = leafColumns > 1;
  return {
    kind: 'trees',
    trees,
    treeOutputs: ofAll ? null : integersOf(model, 'tree_info', path, 0, outputs - 1, trees.length),
    weights: null,
    treesOfRound: Math.max(1, parallel) * (ofAll ? 1 : outputs),
    categories: readNamedCategories(model, path),
  };
}

function fail(path: string, message: string): never {
  throw malformed(path, message);
}

function readTree(map: ValueMap, limits: Limits, path: string): XgboostTree {
  const parameters = mapOf(map, 'tree_param', path);
  const at = `${path}.tree_param`;
  const count = integerOf(parameters, 'num_nodes', limits.nodes, at);
  // 0 and 1 both say that a leaf has a number.
  const leafColumns = Math.max(1, integerOf(parameters, 'size_leaf_vector', limits.classes, at, 1));
  const nodes = (key: string) => integersOf(map, key, path, -1, count, count);
  const left = nodes('left_children');
  const right = nodes('right_children');
  const isVector = leafColumns > 1;
  const leafWeights = isVector && own(map, 'leaf_weights') !== undefined;
  return {
    path,
    left,
    right,
    // Those of deleted nodes are beyond all.
    feature: integersOf(map, 'split_indices', path, 0, 2 ** 32 - 1, count),
    condition: numbersOf(map, 'split_conditions', path, count),
    defaultLeft: integersOf(map, 'default_left', path, 0, 1, count),
    categories: readCategories(map, count, path),
    leafColumns,
    leafValues: isVector ? readVectors(map, leafWeights, count, leafColumns, path) : null,
    // From 3.1 on a leaf's right child is its number among the leaves.
    leafOf: (node) => (leafWeights ? right[node]! : node),
    // Vectors of leaves came without at first.
    hessians:
      own(map, 'sum_hessian') === undefined ? null : numbersOf(map, 'sum_hessian', path, count),
    deleted: integerOf(parameters, 'num_deleted', count, at, 0),
  };
}

/** Vectors of leaves, or before 3.1 of all nodes. */
function readVectors(
  map: ValueMap,
  leafWeights: boolean,
  count: number,
  columns: number,
  path: string,
): ArrayLike<number> {
  const leaves = leafWeights ? (count + 1) / 2 : count;
  return numbersOf(map, leafWeights ? 'leaf_weights' : 'base_weights', path, leaves * columns);
}

/** The categories that go right, by node. Versions before 1.3 have none. */
function readCategories(
  map: ValueMap,
  count: number,
  path: string,
): ReadonlyMap<number, ArrayLike<number>> {
  const found = new Map<number, ArrayLike<number>>();
  if (own(map, 'categories_nodes') === undefined) return found;
  const types = integersOf(map, 'split_type', path, 0, 1, count);
  const all = numbersOf(map, 'categories', path);
  const nodes = integersOf(map, 'categories_nodes', path, 0, count - 1);
  const segments = integersOf(map, 'categories_segments', path, 0, all.length, nodes.length);
  const sizes = integersOf(map, 'categories_sizes', path, 0, all.length, nodes.length);
  const values = Float64Array.from(all);
  for (let i = 0; i < nodes.length; i++) {
    const start = segments[i]!;
    const set = values.subarray(start, start + sizes[i]!);
    if (set.length !== sizes[i] || set.length === 0)
      fail(`${path}.categories_sizes[${i}]`, 'more categories than there are, or none');
    if (found.has(nodes[i]!)) fail(`${path}.categories_nodes[${i}]`, 'a node twice');
    found.set(nodes[i]!, set);
  }
  for (let node = 0; node < count; node++)
    if ((types[node] === 1) !== found.has(node))
      fail(
        `${path}.split_type[${node}]`,
        'a split by category without categories, or these without it',
      );
  return found;
}
