import { NuthatchError } from '../../src/errors.js';
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
  /** Training rows of each split and each leaf; null where they are not kept. */
  readonly counts: readonly [splits: ArrayLike<number>, leaves: ArrayLike<number>] | null;
  readonly path: string;
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
  if (values.has('is_linear') && integerOf(section, 'is_linear', 0, 1) === 1)
    throw new NuthatchError(
      'unsupported',
      path,
      'trees whose leaves are linear models (linear_tree) are not supported',
    );
  const leaves = numbersOf(section, 'leaf_value', count);
  const splits = count - 1;
  if (splits === 0) {
    const none: number[] = [];
    const counts = keepCovers ? ([none, [0]] as const) : null;
    return {
      ...{ left: none, right: none, feature: none, decisions: none, counts },
      ...{ threshold: new Float64Array(0), leaves, path },
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
    counts: keepCovers ? [countsOf('internal_count', splits), countsOf('leaf_count', count)] : null,
    path,
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

/** The tree as trees are packed. In features of `voided`, zeros have been made NaN, and all other numbers are nearer to 0 by `leastNumber`. */
export function toSource(
  tree: LightgbmTree,
  voided: ReadonlySet<number>,
  columns: ArrayLike<number>,
): SourceTree {
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
    feature: Float64Array.from(feature, (one) => columns[one]!),
    threshold: threshold.map((value, node) => {
      if (isCategorical(decisions[node]!)) return value;
      return voided.has(feature[node]!)
        ? voidedThreshold(value, `${path}.threshold[${node}]`)
        : plainThreshold(value);
    }),
    missingLeft: Uint8Array.from({ length: splits }, (_, node) => Number(goesLeft(node))),
    categorical: Uint8Array.from(decisions, (decision) => Number(isCategorical(decision))),
    values,
    covers: counts && [...Array.from(counts[0]), ...Array.from(counts[1])],
    path,
  };
}

/** Numbers that are larger than this are not changed by adding `leastNumber`. */
const leastUnmoved = 1e-18;

function voidedThreshold(threshold: number, path: string): number {
  const size = Math.abs(threshold);
  if (size <= leastNumber) return 0;
  if (size >= leastUnmoved) return threshold;
  throw new NuthatchError(
    'unsupported',
    path,
    `a threshold of ${threshold} in a feature whose zeros are missing`,
  );
}
