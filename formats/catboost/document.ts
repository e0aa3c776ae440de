import { NuthatchError, type Problem, quote } from '../../src/errors.js';
import type { Limits } from '../../src/ir/index.js';
import { isLength, type Json, type JsonMap, list, malformed, own } from '../json/json.js';
import { readInfo } from './info.js';
import type { CatboostModel, CatboostTree, CategoricalFeature, FloatFeature } from './model.js';
import { growSymmetric, leafCount } from './symmetric.js';

/** Whether the bytes look like what CatBoost saves with `format="json"`: its keys are in order. */
export function isCatboostJson(bytes: Uint8Array): boolean {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  return /^\s*\{\s*"(ctr_data|features_info)"\s*:\s*\{\s*("|\})/.test(start);
}

/** Reads a parsed document of CatBoost's. */
export function readDocument(map: JsonMap, limits: Limits): CatboostModel {
  const features = mapOf(own(map, 'features_info'), 'features_info');
  const isSymmetric = Object.hasOwn(map, 'oblivious_trees');
  const key = isSymmetric ? 'oblivious_trees' : 'trees';
  const trees = list(map, key, '');
  if (trees.length > limits.trees)
    throw new NuthatchError('limit-exceeded', key, `${trees.length} trees`);
  const [scale, bias] = readScale(own(map, 'scale_and_bias'));
  const outputs = outputsOf(trees[0], bias, isSymmetric, limits);
  const { floats, categoricals, problems } = readFeatures(features, limits);
  return {
    info: readInfo(mapOf(own(map, 'model_info'), 'model_info')),
    outputs,
    floats,
    categoricals,
    problems,
    trees: trees.map((tree, t) => {
      const path = `${key}[${t}]`;
      const read = isSymmetric ? readSymmetric : readNested;
      return read(mapOf(tree, path), outputs, path);
    }),
    scale,
    bias: bias.length === 1 && outputs > 1 ? new Array<number>(outputs).fill(bias[0]!) : bias,
  };
}

function mapOf(value: Json | undefined, path: string): JsonMap {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw malformed(path, 'expected an object');
  return value;
}

/** An absent list is an empty one; CatBoost writes null for it, too. */
function listOf(map: JsonMap, key: string, path: string): Json[] {
  return (own(map, key) ?? null) === null ? [] : list(map, key, path);
}

function numbersOf(value: Json | undefined, path: string): number[] {
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'number'))
    throw malformed(path, 'expected an array of numbers');
  return value as number[];
}

function integerOf(map: JsonMap, key: string, most: number, path: string): number {
  const value = own(map, key);
  if (isLength(value) && value <= most) return value;
  throw malformed(`${path}.${key}`, `expected an integer from 0 to ${most}`);
}

/** A number, and one or a list. */
function readScale(value: Json | undefined): [scale: number, bias: number[]] {
  const path = 'scale_and_bias';
  if (value === undefined) return [1, [0]];
  if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== 'number')
    throw malformed(path, 'expected two items');
  return [value[0], typeof value[1] === 'number' ? [value[1]] : numbersOf(value[1], path)];
}

/** What the first tree says of how many there are; without trees, the bias. */
function outputsOf(
  tree: Json | undefined,
  bias: readonly number[],
  isSymmetric: boolean,
  limits: Limits,
): number {
  let outputs = bias.length;
  if (tree !== undefined && isSymmetric) {
    const path = 'oblivious_trees[0]';
    const map = mapOf(tree, path);
    const leaves = leafCount(listOf(map, 'splits', path).length, path);
    outputs = listOf(map, 'leaf_values', path).length / leaves;
  } else if (tree !== undefined) {
    let node = mapOf(tree, 'trees[0]');
    while (!Object.hasOwn(node, 'value')) node = mapOf(own(node, 'left'), 'trees[0].left');
    const value = own(node, 'value');
    outputs = Array.isArray(value) ? value.length : 1;
  }
  if (!(Number.isInteger(outputs) && outputs >= 1 && outputs <= limits.classes))
    throw malformed('leaf_values', `${outputs} values of a leaf`);
  if (bias.length !== 1 && bias.length !== outputs)
    throw malformed('scale_and_bias', `expected 1 or ${outputs} numbers, found ${bias.length}`);
  return outputs;
}

function readFeatures(map: JsonMap, limits: Limits) {
  const names = new Map<number, string>();
  for (const item of listOf(map, 'cat_features_hash', 'features_info')) {
    const entry = mapOf(item, 'features_info.cat_features_hash');
    const [hash, value] = [own(entry, 'hash'), own(entry, 'value')];
    if (typeof hash !== 'number' || typeof value !== 'string')
      throw malformed('features_info.cat_features_hash', 'expected a hash and a value');
    names.set(hash | 0, value);
  }
  const featureOf = (item: Json, path: string) => {
    const feature = mapOf(item, path);
    const column = integerOf(feature, 'flat_feature_index', limits.features - 1, path);
    const index = integerOf(feature, 'feature_index', limits.features - 1, path);
    const given = own(feature, 'feature_name') ?? own(feature, 'feature_id') ?? '';
    if (typeof given !== 'string') throw malformed(path, 'expected a string as "feature_id"');
    return { feature, place: { index, column, name: given, path } };
  };
  const floats = listOf(map, 'float_features', 'features_info').map((item, i): FloatFeature => {
    const { feature, place } = featureOf(item, `features_info.float_features[${i}]`);
    const borders = numbersOf(own(feature, 'borders') ?? [], `${place.path}.borders`);
    const treatment = own(feature, 'nan_value_treatment');
    if (treatment !== 'AsIs' && treatment !== 'AsFalse' && treatment !== 'AsTrue')
      throw malformed(`${place.path}.nan_value_treatment`, 'expected AsIs, AsFalse or AsTrue');
    const missingAbove = treatment === 'AsTrue' && own(feature, 'has_nans') === true;
    return { ...place, borders: borders.map(Math.fround), missingAbove };
  });
  const categoricals = listOf(map, 'categorical_features', 'features_info').map(
    (item, i): CategoricalFeature => {
      const { feature, place } = featureOf(item, `features_info.categorical_features[${i}]`);
      const hashes = numbersOf(own(feature, 'values') ?? [], `${place.path}.values`);
      return { ...place, hashes, names: hashes.map((hash) => names.get(hash) ?? null) };
    },
  );
  const ctrs = listOf(map, 'ctrs', 'features_info');
  const problems = ctrs.map((ctr, i): Problem => {
    const path = `features_info.ctrs[${i}]`;
    const elements = listOf(mapOf(ctr, path), 'elements', path).map((element) => {
      const index = own(mapOf(element, path), 'cat_feature_index');
      const found = categoricals.find((feature) => feature.index === index);
      return quote(found?.name || `feature ${found?.column}`);
    });
    return { path, message: statisticsOf(elements) };
  });
  return { floats, categoricals, problems };
}

/** Why splits by statistics of categories are refused. */
export const statisticsOf = (features: readonly string[]): string =>
  `splits by statistics of the categories of ${features.join(' and ')} are not supported: train with one_hot_max_size above their number`;

function readSymmetric(map: JsonMap, outputs: number, path: string): CatboostTree {
  const splits = listOf(map, 'splits', path).map((split, i) =>
    splitOf(split, `${path}.splits[${i}]`),
  );
  const weights = own(map, 'leaf_weights') ?? null;
  return growSymmetric(
    splits,
    numbersOf(own(map, 'leaf_values'), `${path}.leaf_values`),
    weights === null ? null : numbersOf(weights, `${path}.leaf_weights`),
    outputs,
    path,
  );
}

const splitOf = (split: Json | undefined, path: string): number =>
  integerOf(mapOf(split, path), 'split_index', 2 ** 31 - 1, path);

/** A tree as nested objects, its nodes numbered as they are met: the root first, and left before right. */
function readNested(root: JsonMap, outputs: number, path: string): CatboostTree {
  const left: number[] = [];
  const right: number[] = [];
  const split: number[] = [];
  const values: number[] = [];
  const weights: number[] = [];
  const none = new Array<number>(outputs).fill(0);
  // Each with the children of its parent, and its place among them.
  const stack: [node: JsonMap, siblings: number[], at: number][] = [[root, [], 0]];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const [node, siblings, at] = top;
    const here = left.length;
    siblings[at] = here;
    left.push(-1);
    right.push(-1);
    const place = `${path}, node ${here}`;
    if (Object.hasOwn(node, 'value')) {
      const value = own(node, 'value');
      const leaf = typeof value === 'number' ? [value] : numbersOf(value, place);
      if (leaf.length !== outputs) throw malformed(place, `expected ${outputs} values`);
      values.push(...leaf);
      split.push(0);
      const weight = own(node, 'weight');
      weights.push(typeof weight === 'number' ? weight : Number.NaN);
      continue;
    }
    values.push(...none);
    split.push(splitOf(own(node, 'split'), place));
    weights.push(0);
    stack.push(
      [mapOf(own(node, 'right'), place), right, here],
      [mapOf(own(node, 'left'), place), left, here],
    );
  }
  // Children come after their parents.
  for (let node = left.length - 1; node >= 0; node--)
    if (left[node] !== -1) weights[node] = weights[left[node]!]! + weights[right[node]!]!;
  // The root's is none where one of a leaf is.
  const known = Number.isFinite(weights[0]);
  return {
    ...{ path, left, right, split, values: Float64Array.from(values) },
    weights: known ? weights : null,
  };
}
