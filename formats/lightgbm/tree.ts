import type { Limits } from '../../src/ir/index.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';
import type { SetTable } from '../boosting/category-sets.js';
import { integerOf, integersOf, malformed, numbersOf, type Section } from './text.js';

/** A tree as the file has it: splits from the root on, and leaves apart. Its children: splits from 0 on, leaves as −1 − leaf. */
export interface LightgbmTree {
  readonly left: ArrayLike<number>;
  readonly right: ArrayLike<number>;
  readonly feature: ArrayLike<number>;
  /** Of splits by category the index of their set. */
  readonly threshold: Float64Array;
  /** Each split's bits: see `isCategorical` and the like. */
  readonly decisions: ArrayLike<number>;
  readonly leaves: Float64Array;
  /** null where leaves are values alone. */
  readonly linear: LinearLeaves | null;
  /** Training rows of each split and each leaf; null where they are not kept. */
  readonly counts: readonly [splits: ArrayLike<number>, leaves: ArrayLike<number>] | null;
  readonly path: string;
}

/** Linear models in the leaves of a tree. */
export interface LinearLeaves {
  /** [leaves]. */
  readonly constants: ArrayLike<number>;
  /** Products of each leaf, [leaves]. */
  readonly counts: ArrayLike<number>;
  /** Feature and coefficient of each product, leaf after leaf. */
  readonly features: ArrayLike<number>;
  readonly coefficients: ArrayLike<number>;
}

export const missingTypes = ['None', 'Zero', 'NaN'] as const;
export type MissingType = (typeof missingTypes)[number];

export const isCategorical = (decision: number): boolean => (decision & 1) !== 0;
export const isDefaultLeft = (decision: number): boolean => (decision & 2) !== 0;
/** Undefined where the bits mean nothing. */
export const missingType = (decision: number): MissingType | undefined =>
  missingTypes[decision >> 2];

export function readTree(
  section: Section,
  features: number,
  limits: Limits,
  sets: SetTable,
  keepCovers: boolean,
): LightgbmTree {
  const { path, values } = section;
  const count = integerOf(section, 'num_leaves', 1, limits.nodes);
  const leaves = numbersOf(section, 'leaf_value', count);
  const isLinear = values.has('is_linear') && integerOf(section, 'is_linear', 0, 1) === 1;
  const linear = isLinear ? readLinearLeaves(section, count, features) : null;
  const splits = count - 1;
  if (splits === 0) {
    const none: number[] = [];
    const counts = keepCovers ? ([none, [0]] as const) : null;
    return {
      ...{ left: none, right: none, feature: none, decisions: none, counts },
      ...{ threshold: new Float64Array(0), leaves, linear, path },
    };
  }
  const children = (key: string) => integersOf(section, key, splits, -count, splits - 1);
  const decisions = integersOf(section, 'decision_type', splits, 0, 11);
  const threshold = numbersOf(section, 'threshold', splits);
  if (decisions.some(isCategorical)) readSets(section, decisions, threshold, sets);
  const most = Number.MAX_SAFE_INTEGER;
  const countsOf = (key: string, length: number) => integersOf(section, key, length, 0, most);
  return {
    left: children('left_child'),
    right: children('right_child'),
    feature: integersOf(section, 'split_feature', splits, 0, features - 1),
    threshold,
    decisions,
    leaves,
    linear,
    counts: keepCovers ? [countsOf('internal_count', splits), countsOf('leaf_count', count)] : null,
    path,
  };
}

function readLinearLeaves(section: Section, leaves: number, features: number): LinearLeaves {
  const counts = integersOf(section, 'num_features', leaves, 0, features);
  const products = counts.reduce((sum, count) => sum + count, 0);
  return {
    constants: numbersOf(section, 'leaf_const', leaves),
    counts,
    features: integersOf(section, 'leaf_features', products, 0, features - 1),
    coefficients: numbersOf(section, 'leaf_coeff', products),
  };
}

/** Replaces the tree's own number of each set, in the thresholds of splits by category, by that in the table. */
function readSets(
  section: Section,
  decisions: ArrayLike<number>,
  threshold: Float64Array,
  sets: SetTable,
): void {
  // A set for each of these splits, at most.
  const count = integerOf(section, 'num_cat', 1, threshold.length);
  const most = 2 ** 32 - 1;
  const ends = integersOf(section, 'cat_boundaries', count + 1, 0, most);
  const words = integersOf(section, 'cat_threshold', ends[count]!, 0, most);
  for (let set = 0; set < count; set++)
    if (ends[set]! > ends[set + 1]!)
      throw malformed(`${section.path}.cat_boundaries[${set + 1}]`, 'not ascending');
  threshold.forEach((set, node) => {
    if (!isCategorical(decisions[node]!)) return;
    if (!(Number.isInteger(set) && set >= 0 && set < count))
      throw malformed(`${section.path}.threshold[${node}]`, `set ${set} of ${count}`);
    threshold[node] = sets.add(words.subarray(ends[set], ends[set + 1]), section.path);
  });
}

/** What a number below this, and above its negative, is to LightGBM: 0. It is 10⁻³⁵ as a float32. */
export const leastNumber = Math.fround(1e-35);

/**
 * The threshold of a split of numbers that are not missing. Rows lose numbers that are nearly 0 before any split sees them, so a threshold among
 * these divides negative numbers from others, or positive ones.
 */
function plainThreshold(threshold: number): number {
  if (!(threshold >= -leastNumber && threshold < leastNumber)) return threshold;
  // The next number below −10⁻³⁵, and the largest that counts as 0.
  return threshold < 0 ? -leastNumber - 2 ** -169 : leastNumber;
}

/** The tree as trees are packed. */
export function toSource(tree: LightgbmTree): SourceTree {
  const { left, right, feature, threshold, decisions, leaves, counts, path } = tree;
  const splits = threshold.length;
  const child = (children: ArrayLike<number>) =>
    Float64Array.from({ length: splits + leaves.length }, (_, node) => {
      if (node >= splits) return -1;
      const to = children[node]!;
      return to < 0 ? splits - 1 - to : to;
    });
  const goesLeft = (node: number): boolean => {
    const decision = decisions[node]!;
    if (isCategorical(decision)) return false;
    // What is missing is 0, where it is not asked for.
    return missingType(decision) === 'None' ? threshold[node]! >= 0 : isDefaultLeft(decision);
  };
  const values = new Float64Array(splits + leaves.length);
  values.set(leaves, splits);
  return {
    left: child(left),
    right: child(right),
    feature,
    threshold: threshold.map((value, node) =>
      isCategorical(decisions[node]!) ? value : plainThreshold(value),
    ),
    missingLeft: Uint8Array.from({ length: splits }, (_, node) => Number(goesLeft(node))),
    categorical: Uint8Array.from(decisions, (decision) => Number(isCategorical(decision))),
    values,
    covers: counts && [...Array.from(counts[0]), ...Array.from(counts[1])],
    path,
  };
}
