import { quote } from '../../src/errors.js';
import type { Limits } from '../../src/ir/index.js';
import type { SetTable } from '../boosting/category-sets.js';
import { isLength, type Json, type JsonMap, list, malformed, own, text } from '../json/json.js';
import type { LightgbmFacts } from './facts.js';
import { type LightgbmTree, type LinearLeaves, type MissingType, missingTypes } from './tree.js';

/** Whether the bytes look like what `Booster.dump_model` gives, as JSON: its first key is the name of the model. */
export function isLightgbmJson(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 64));
  return /^\s*\{\s*"name"\s*:\s*"tree"/.test(start);
}

export function integerOf(map: JsonMap, key: string, most: number, path: string): number {
  const value = own(map, key);
  if (isLength(value) && value <= most) return value;
  throw malformed(`${path}.${key}`, `expected an integer from 0 to ${most}`);
}

function numberOf(map: JsonMap, key: string, path: string): number {
  const value = own(map, key);
  if (typeof value !== 'number') throw malformed(`${path}.${key}`, 'expected a number');
  return value;
}

export function mapOf(value: Json | undefined, path: string): JsonMap {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw malformed(path, 'expected an object');
  return value;
}

/** A tree as nested objects, its nodes numbered as they are met: the root first, and left before right. */
export function readJsonTree(
  json: Json,
  { features, version }: Pick<LightgbmFacts, 'features' | 'version'>,
  limits: Limits,
  sets: SetTable,
  path: string,
): LightgbmTree {
  const left: number[] = [];
  const right: number[] = [];
  const feature: number[] = [];
  const threshold: number[] = [];
  const decisions: number[] = [];
  const leaves: number[] = [];
  const linear: Lists<LinearLeaves> = { constants: [], counts: [], features: [], coefficients: [] };
  const splitCounts: number[] = [];
  const leafCounts: number[] = [];
  const root = mapOf(own(mapOf(json, path), 'tree_structure'), `${path}.tree_structure`);
  // Each with the children of its parent, and its place among them.
  const stack: [node: JsonMap, siblings: number[], at: number][] = [[root, [], 0]];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const [node, siblings, at] = top;
    if (own(node, 'leaf_value') !== undefined) {
      siblings[at] = -1 - leaves.length;
      if (own(node, 'leaf_const') !== undefined)
        readLinearLeaf(node, features, linear, `${path}, leaf ${leaves.length}`);
      leaves.push(numberOf(node, 'leaf_value', path));
      leafCounts.push(countOf(node, 'leaf_count'));
      continue;
    }
    const split = feature.length;
    const place = `${path}, split ${split}`;
    siblings[at] = split;
    feature.push(integerOf(node, 'split_feature', features - 1, place));
    splitCounts.push(countOf(node, 'internal_count'));
    const isCategorical = readComparison(node, place);
    threshold.push(
      isCategorical
        ? sets.addCategories(readSet(node, place), limits.features, `${place}.threshold`)
        : thresholdOf(node, version, place),
    );
    decisions.push(Number(isCategorical) | readMissing(node, place));
    stack.push(
      [mapOf(own(node, 'right_child'), `${place}.right_child`), right, split],
      [mapOf(own(node, 'left_child'), `${place}.left_child`), left, split],
    );
  }
  const linearLeaves = linear.constants.length;
  if (linearLeaves > 0 && linearLeaves < leaves.length)
    throw malformed(path, `${linearLeaves} of ${leaves.length} leaves are linear models`);
  return {
    ...{ left, right, feature, decisions, path },
    linear: linearLeaves > 0 ? linear : null,
    threshold: Float64Array.from(threshold),
    leaves: Float64Array.from(leaves),
    counts: [splitCounts, leafCounts],
  };
}

type Lists<T> = { readonly [K in keyof T]: number[] };

function readLinearLeaf(
  leaf: JsonMap,
  features: number,
  to: Lists<LinearLeaves>,
  path: string,
): void {
  const own = list(leaf, 'leaf_features', path);
  const coefficients = list(leaf, 'leaf_coeff', path);
  if (own.length !== coefficients.length)
    throw malformed(path, `${own.length} features and ${coefficients.length} coefficients`);
  to.constants.push(numberOf(leaf, 'leaf_const', path));
  to.counts.push(own.length);
  own.forEach((feature, i) => {
    const coefficient = coefficients[i]!;
    if (!(isLength(feature) && feature < features))
      throw malformed(`${path}.leaf_features[${i}]`, `expected a feature of ${features}`);
    if (typeof coefficient !== 'number')
      throw malformed(`${path}.leaf_coeff[${i}]`, 'expected a number');
    to.features.push(feature);
    to.coefficients.push(coefficient);
  });
}

const countOf = (node: JsonMap, key: string): number => {
  const value = own(node, key);
  return isLength(value) ? value : 0;
};

/** From version 3 on a dump has 10³⁰⁰ for infinity, which divides numbers from what is missing. */
function thresholdOf(node: JsonMap, version: string, path: string): number {
  const value = numberOf(node, 'threshold', path);
  return Math.abs(value) < 1e300 || version === 'v2' ? value : value * Infinity;
}

function readComparison(node: JsonMap, path: string): boolean {
  const type = text(node, 'decision_type', path);
  if (type !== '<=' && type !== '==')
    throw malformed(`${path}.decision_type`, `unknown: ${quote(type)}`);
  return type === '==';
}

/** The bits that the text format has for it. */
function readMissing(node: JsonMap, path: string): number {
  const name = text(node, 'missing_type', path);
  const type = missingTypes.indexOf(name as MissingType);
  const left = own(node, 'default_left');
  if (type === -1 || typeof left !== 'boolean')
    throw malformed(`${path}.missing_type`, `unknown: ${quote(name)}, or no default_left`);
  return (type << 2) | (left ? 2 : 0);
}

/** Categories are numbers with `||` between them. */
function readSet(node: JsonMap, path: string): number[] {
  const written = own(node, 'threshold');
  const set = typeof written === 'number' ? `${written}` : text(node, 'threshold', path);
  return set.split('||').map((word) => (/^\d{1,9}$/.test(word) ? Number(word) : Number.NaN));
}

/** The trees of a dump. */
export const treesOf = (map: JsonMap): Json[] => list(map, 'tree_info', '');
