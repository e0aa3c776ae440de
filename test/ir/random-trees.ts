import fc from 'fast-check';
import type { CategorySets } from '../../src/ir/index.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';
import type { TreeFacts } from './describe-trees.js';
import type { NaiveSet } from './naive-walk.js';

/** Random forests for fast-check: any shape, any numbering of the nodes, values and thresholds at the edges of their types. */

const scratch = new Float32Array(1);
const bits = new Int32Array(scratch.buffer);

/** The float32 next to a float32, `steps` up or down. */
export function stepFloat32(value: number, steps: 1 | -1): number {
  if (value === 0) return steps * 2 ** -149;
  scratch[0] = value;
  bits[0]! += value > 0 ? steps : -steps;
  return scratch[0]!;
}

const scratch64 = new Float64Array(1);
const bits64 = new BigInt64Array(scratch64.buffer);

export function stepFloat64(value: number, steps: 1 | -1): number {
  if (value === 0) return steps * Number.MIN_VALUE;
  scratch64[0] = value;
  bits64[0]! += BigInt(value > 0 ? steps : -steps);
  return scratch64[0]!;
}

const maxFloat32 = (2 - 2 ** -23) * 2 ** 127;
const extremes = [
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  2 ** -149,
  -(2 ** -149),
  2 ** -150,
  -(2 ** -150),
  2 ** -126,
  1e-310,
  maxFloat32,
  -maxFloat32,
  // Beyond float32, rounded to its largest value and to infinity.
  maxFloat32 * (1 + 2 ** -26),
  -maxFloat32 * (1 + 2 ** -26),
  1e39,
  -1e39,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
];

const float32 = fc.float({ noNaN: true });
/** Any threshold, most of them between two float32 or on one. */
export const threshold: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(...extremes),
  fc.double({ noNaN: true }),
  fc.integer({ min: -3, max: 3 }),
  float32,
  fc
    .tuple(float32, fc.constantFrom<1 | -1>(1, -1))
    .filter(([value]) => Number.isFinite(value))
    .map(([value, step]) => stepFloat64(value, step)),
);

/** A few values, so that equal leaf vectors occur, in the bit patterns that are easily lost. */
const leafValue = fc.constantFrom(0, -0, 1, 0.1, -0.3, Number.MIN_VALUE, 1e300, 1 / 3);

interface Split {
  /** Which of the leaves so far becomes this split; −1 the newest, which makes chains. */
  readonly at: number;
  readonly feature: number;
  readonly threshold: number;
  readonly missingLeft: boolean;
  /** The category set, counted modulo their number; null for a threshold. */
  readonly set: number | null;
}

function splitOf(features: number, sets: number): fc.Arbitrary<Split> {
  return fc.record({
    at: fc.oneof(fc.constant(-1), fc.nat()),
    feature: fc.nat(features - 1),
    threshold,
    missingLeft: fc.boolean(),
    set: sets === 0 ? fc.constant(null) : fc.option(fc.nat(sets - 1)),
  });
}

/** A tree with these splits whose nodes but the root are numbered in the order of `keys`. */
function growTree(
  splits: readonly Split[],
  keys: readonly number[],
  pool: readonly number[],
  leafColumns: number,
  path: string,
): SourceTree {
  const size = 2 * splits.length + 1;
  const children = Array.from({ length: size }, () => -1);
  const splitAt = new Map<number, Split>();
  const leaves = [0];
  splits.forEach((split, i) => {
    const place = split.at === -1 ? leaves.length - 1 : split.at % leaves.length;
    const node = leaves[place]!;
    splitAt.set(node, split);
    children[node] = 2 * i + 1;
    leaves.splice(place, 1);
    leaves.push(2 * i + 1, 2 * i + 2);
  });
  const others = children.map((_, node) => node).slice(1);
  const key = (node: number) => keys[node % keys.length]! * (node + 1);
  others.sort((a, b) => key(a) - key(b) || a - b);
  const number = [0, ...others.map(() => 0)];
  others.forEach((node, i) => {
    number[node] = i + 1;
  });
  const tree = {
    left: new Array<number>(size).fill(-1),
    right: new Array<number>(size).fill(-1),
    // What a leaf has here must not matter.
    feature: new Array<number>(size).fill(-2),
    threshold: new Array<number>(size).fill(Number.NaN),
    missingLeft: new Array<number>(size).fill(1),
    categorical: new Array<number>(size).fill(0),
    values: new Float64Array(size * leafColumns).fill(Number.NaN),
  };
  children.forEach((child, node) => {
    const to = number[node]!;
    const split = splitAt.get(node);
    if (split === undefined) {
      for (let column = 0; column < leafColumns; column++)
        tree.values[to * leafColumns + column] = pool[(node * 7 + column) % pool.length]!;
      return;
    }
    tree.left[to] = number[child]!;
    tree.right[to] = number[child + 1]!;
    tree.feature[to] = split.feature;
    tree.threshold[to] = split.set ?? split.threshold;
    tree.categorical[to] = split.set === null ? 0 : 1;
    tree.missingLeft[to] = split.missingLeft ? 1 : 0;
  });
  const covers = Float64Array.from({ length: size }, (_, i) => i);
  return { ...tree, covers, path };
}

const category = fc.oneof(fc.nat(70), fc.constantFrom(0, 31, 32, 63, 64, 255, 256, 1000));
const naiveSet: fc.Arbitrary<NaiveSet> = fc
  .record({
    left: fc.uniqueArray(category, { maxLength: 8 }),
    right: fc.uniqueArray(category, { maxLength: 8 }),
    unlisted: fc.constantFrom<NaiveSet['unlisted']>('left', 'right', 'missing'),
  })
  .map(({ left, right, unlisted }) => ({
    left: new Set(left),
    right: new Set(right.filter((value) => !left.includes(value))),
    unlisted,
  }));

/** The sets as bitsets, each as wide as it must be. */
export function packSets(sets: readonly NaiveSet[]): CategorySets | null {
  if (sets.length === 0) return null;
  const halves = sets.map(({ left, right }) => {
    const width = Math.max(1, ...[...left, ...right].map((value) => (value >> 5) + 1));
    const words = new Uint32Array(2 * width);
    for (const value of left) words[value >> 5]! |= 1 << (value & 31);
    for (const value of right) words[width + (value >> 5)]! |= 1 << (value & 31);
    return words;
  });
  const starts = [0];
  for (const words of halves) starts.push(starts[starts.length - 1]! + words.length);
  const unlisted = sets.map((set) => ['left', 'right', 'missing'].indexOf(set.unlisted));
  return {
    starts: Uint32Array.from(starts),
    words: Uint32Array.from(halves.flatMap((words) => Array.from(words))),
    unlisted: Uint8Array.from(unlisted),
    reading: null,
  };
}

export interface RandomForest {
  readonly trees: readonly SourceTree[];
  readonly sets: readonly NaiveSet[];
  readonly facts: TreeFacts;
}

export interface ForestShape {
  readonly categories: boolean;
  readonly most: { readonly trees: number; readonly splits: number };
}

export function randomForest({ categories, most }: ForestShape): fc.Arbitrary<RandomForest> {
  const sizes = fc.record({
    // Own children of leaves are on the feature after the last: 7 and 8 differ in its bits.
    features: fc.constantFrom(1, 2, 3, 7, 8),
    outputs: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 1, max: 3 }) },
      { weight: 1, arbitrary: fc.integer({ min: 4, max: 100 }) },
    ),
    perTree: fc.boolean(),
    count: fc.integer({ min: 1, max: most.trees }),
    sets: fc.array(naiveSet, { minLength: categories ? 1 : 0, maxLength: categories ? 4 : 0 }),
  });
  return sizes.chain(({ features, outputs, perTree, count, sets }) => {
    const leafColumns = perTree ? 1 : outputs;
    const tree = fc.record({
      splits: fc.array(splitOf(features, sets.length), { maxLength: most.splits, size: 'max' }),
      keys: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 9 }),
      pool: fc.array(leafValue, { minLength: 1, maxLength: 7 }),
    });
    const perTreeOf = <T>(value: fc.Arbitrary<T>) =>
      fc.array(value, { minLength: count, maxLength: count });
    return fc
      .record({
        trees: perTreeOf(tree),
        precision: fc.constantFrom<TreeFacts['precision']>('float32', 'float64'),
        aggregation: fc.constantFrom<TreeFacts['aggregation']>('sum', 'mean'),
        treeOutputs: perTreeOf(fc.nat(outputs - 1)),
        treeWeights: fc.option(perTreeOf(fc.constantFrom(0.1, 1, -0.7, 1e-9))),
        base: fc.option(fc.array(leafValue, { minLength: outputs, maxLength: outputs })),
      })
      .map(({ trees, precision, aggregation, treeOutputs, treeWeights, base }) => ({
        trees: trees.map(({ splits, keys, pool }, t) =>
          growTree(splits, keys, pool, leafColumns, `trees[${t}]`),
        ),
        sets,
        facts: {
          features,
          outputs,
          leafColumns,
          precision,
          nonFinite: 'any' as const,
          aggregation,
          treeOutputs: leafColumns === outputs ? null : Uint8Array.from(treeOutputs),
          treeWeights: treeWeights && Float64Array.from(treeWeights),
          base: base && Float64Array.from(base),
          categories: packSets(sets),
        },
      }));
  });
}

/**
 * Rows for a forest: values on its thresholds, one float32 and one float64 beside them, its categories, NaN where asked for,
 * and any others. `choices` decides, so that fast-check can shrink it.
 */
export function rowsFor(
  { trees, sets, facts }: RandomForest,
  choices: readonly number[],
  gaps: boolean,
): Float64Array {
  const values = [0, -0, 0.5, -1, 3e38, -3e38, 1e300, Number.MIN_VALUE];
  for (const tree of trees) {
    for (let i = 0; i < tree.left.length; i++) {
      if (tree.left[i] === -1 || tree.categorical?.[i] === 1) continue;
      const at = tree.threshold[i]!;
      const near = Math.fround(at);
      values.push(at, near);
      if (Number.isFinite(near)) values.push(stepFloat32(near, 1), stepFloat32(near, -1));
      if (Number.isFinite(at)) values.push(stepFloat64(at, 1), stepFloat64(at, -1));
    }
  }
  for (const { left, right } of sets)
    values.push(...left, ...right, 2, 33.9, 1e9, 2 ** 40, 2 ** 32 + 1, -1, -40);
  if (gaps) values.push(...new Array(1 + (values.length >> 2)).fill(Number.NaN));
  values.push(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  const rows = Math.ceil(choices.length / facts.features);
  return Float64Array.from({ length: rows * facts.features }, (_, i) => {
    return values[(choices[i % choices.length]! + i) % values.length]!;
  });
}
