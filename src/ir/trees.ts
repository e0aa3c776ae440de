import {
  absent,
  every,
  type Fields,
  fail,
  finite,
  indices,
  integer,
  map,
  oneOf,
  optional,
  read,
  readAll,
  readOutputs,
  sized,
  starts,
  tensor,
  type UintArray,
  uint32s,
  uintTypes,
  within,
} from './fields.js';
import { type Head, readHead } from './head.js';
import { type NodeRules, scores } from './rules.js';
import { slotWords, type TreeLayout, wideFeatureBits } from './tree-layout.js';
import { validateNodeIds, validateStructure } from './tree-structure.js';
import type { NonFinitePolicy, Own } from './value.js';

/**
 * An ensemble of decision trees: single trees, forests, boosting, isolation forests, and every gradient boosting library.
 *
 * Trees are stored one after another in `nodes`, in the layout that the kernels walk. A tree occupies the slots
 * `starts[t]` to `starts[t + 1] - 1`; its root is the first. The two children of a node are neighbours and come after it,
 * so that a step is `child + (x > threshold)`, and one pass over the slots proves that every node is reached exactly once.
 * Whether a child is a leaf is said by its parent: a walk ends without reading the leaf.
 *
 * A slot of the `narrow` layout is two uint32 words, of the `wide` layout four:
 *
 * | layout | first            | then                                                                              |
 * | ------ | ---------------- | --------------------------------------------------------------------------------- |
 * | narrow | float32 operand  | bits 0–3 flags, then `featureBits` bits feature, the rest child                   |
 * | wide   | float64 operand  | word 2: bits 0–3 flags, bits 4–31 feature; word 3: child                          |
 *
 * `child` is the left child's slot relative to the root; the right child follows it. Flags: see `nodeFlags`. The operand of
 * a split is its threshold (go left where x ≤ threshold), or, where `categorical` is set, the index of its category set.
 *
 * A leaf's slot holds its value: where leaves have one column, a float64 over the first two words; else the index of its
 * vector in `leaves` as operand (a uint32 in `narrow`, a float64 in `wide`), and the later words make it its own child on the feature
 * after the last: in a row padded with NaN a walk may stay on it.
 */
export interface Trees {
  readonly kind: 'trees';
  /** Columns of the input. */
  readonly features: number;
  /** Columns of the raw scores. */
  readonly outputs: number;
  /** Inputs are rounded to this before they are compared with thresholds. */
  readonly precision: 'float32' | 'float64';
  readonly nonFinite: NonFinitePolicy;
  readonly layout: TreeLayout;
  /** Width of the feature field in a narrow slot; 28 in the wide layout. */
  readonly featureBits: number;
  /** Slots of all trees: uint32 [slots × 2 or 4]. */
  readonly nodes: Uint32Array;
  /** First slot of each tree, and the number of slots: uint32 [trees + 1]. */
  readonly starts: Uint32Array;
  /** Edges between each root and its deepest leaf: [trees]. */
  readonly depths: UintArray;
  /** Columns of a leaf's value: 1, or `outputs`. */
  readonly leafColumns: number;
  /** Distinct leaf vectors, float64 [vectors × leafColumns]; null where leaves have one column. */
  readonly leaves: Float64Array | null;
  /** The column of the raw scores that each tree adds to, [trees]; null where leaves have all columns. */
  readonly treeOutputs: UintArray | null;
  /** What each tree's leaf is multiplied by before it is added, float64 [trees]; null for 1. */
  readonly treeWeights: Float64Array | null;
  /** What the sums start from, float64 [outputs]; null for 0 with `mean` and for −0, which changes nothing, with `sum`. */
  readonly base: Float64Array | null;
  /** Leaves are added in the order of the trees; then `mean` divides the sums by the number of trees, and `isolation` is a score of them. */
  readonly aggregation: 'sum' | 'mean' | 'isolation';
  /** Set with `sum` alone, where sums are float32: so are the base, and each sum when a leaf has been added. */
  readonly sums?: 'float32';
  /** [1], with `mean` alone: what sums are divided by instead of the number of trees; null for that. */
  readonly divisor: Float64Array | null;
  /** [1], with `isolation` alone: what a sum s of path lengths is divided by. The score is −2 to the power of −s/this, −1/2 where this is 0. */
  readonly isolation: Float64Array | null;
  readonly categories: CategorySets | null;
  /** The source's own id of each slot's node, for `apply` and `decisionPath`; null where nodes are numbered in preorder. */
  readonly nodeIds: UintArray | null;
  /** Weighted number of training rows that reached each slot's node, float64 [slots]; null when not kept. */
  readonly covers: Float64Array | null;
  /** Whether `apply` and `decisionPath` exist, and whether `apply` gives one column a tree (`forest`) or a vector (`tree`); of `stages`, `apply` alone does. */
  readonly paths: 'forest' | 'tree' | 'stages' | null;
  /** Where `decisionPath` takes NaN, if not where the walk does: scikit-learn 1.3 to 1.7 always went right there. */
  readonly pathsMissing: 'right' | null;
  /** What `apply` takes, if not what the other methods do: scikit-learn's gradient boosting gives leaves of rows with gaps, but no scores. */
  readonly pathsNonFinite: 'nan' | null;
  readonly head: Head;
}

export const categoryReadings = ['byte', 'positive-byte', 'positive'] as const;
export type CategoryReading = (typeof categoryReadings)[number];

/** Sets of categories that splits refer to. A category is the truncated, non-negative value of a feature. */
export interface CategorySets {
  /** First word of each set in `words`, and the number of words: uint32 [sets + 1]. A set has an even number of words. */
  readonly starts: Uint32Array;
  /** Bitsets: the first half of a set's words marks the categories that go left, the second half those that go right. */
  readonly words: Uint32Array;
  /** Where categories go that a set marks nowhere: 0 left, 1 right, 2 where NaN goes. [sets] */
  readonly unlisted: Uint8Array;
  /**
   * How a value becomes a category: truncated (null), or as scikit-learn's histograms read it. `byte` is the low byte of the truncated value
   * as an integer of 32 bits, 0 where it is none: 256 is 0, −1 is 255. `positive-byte` is the same, but values below 0 are in no set, as
   * with `positive`, which truncates.
   */
  readonly reading: CategoryReading | null;
}

export const treeCount = (trees: Trees): number => trees.starts.length - 1;

export const slotCount = (trees: Trees): number => trees.nodes.length / slotWords(trees.layout);

export const treesRules: NodeRules<Trees> = {
  kind: 'trees',
  validate: validateTrees,
  gives: scores,
};

function validateTrees(f: Fields, features: number): Own<Trees> {
  const outputs = readOutputs(f);
  const layout = read(f, 'layout', oneOf('narrow', 'wide'));
  const words = slotWords(layout);
  const nodes = read(f, 'nodes', sized(uint32s(), 0, f.limits.nodes, words));
  const slots = nodes.length / words;
  const treeStarts = read(f, 'starts', starts(1, f.limits.trees, slots, 1));
  const count = treeStarts.length - 1;
  const leafColumns = read(f, 'leafColumns', integer(1, outputs));
  if (leafColumns !== 1) within(f, 'leafColumns', leafColumns, outputs);
  const narrow = layout === 'narrow';
  const trees: Own<Trees> = {
    outputs,
    layout,
    nodes,
    starts: treeStarts,
    leafColumns,
    ...readAll(
      f,
      {
        precision: oneOf<'float32' | 'float64'>('float32', ...(narrow ? [] : ['float64' as const])),
        featureBits: integer(narrow ? 1 : wideFeatureBits, wideFeatureBits),
        depths: tensor(uintTypes, count),
        leaves: leafColumns === 1 ? absent : sized(finite(), 1, Infinity, leafColumns),
        treeOutputs: leafColumns === outputs ? absent : indices(outputs, uintTypes, count),
        treeWeights: optional(finite(count)),
        base: optional(finite(outputs)),
        aggregation: oneOf('sum', 'mean', 'isolation'),
        divisor: optional(finite(1)),
        isolation: optional(finite(1)),
        categories: optional(map(validateCategories)),
        nodeIds: optional(tensor(uintTypes, slots)),
        covers: optional(finite(slots)),
        paths: optional(oneOf('forest', 'tree', 'stages')),
        pathsMissing: optional(oneOf('right')),
        pathsNonFinite: optional(oneOf('nan')),
        head: readHead(outputs, true),
      },
      { sums: oneOf('float32') },
    ),
  };
  const { aggregation, divisor, head } = trees;
  if (features >= 2 ** trees.featureBits)
    fail(f, 'featureBits', `too few for ${features} features`);
  if ((trees.isolation !== null) !== (aggregation === 'isolation'))
    fail(f, 'isolation', 'exactly with aggregation isolation');
  if (trees.sums && aggregation !== 'sum') fail(f, 'sums', 'only of a sum');
  if (divisor && (aggregation !== 'mean' || divisor[0] === 0))
    fail(f, 'divisor', 'only of a mean, and not 0');
  if (head.task === 'classifier' && head.logProbability === 'parts') {
    if (leafColumns !== outputs || aggregation !== 'mean' || head.labels.length > 1)
      fail(f, 'head.logProbability', 'leaves are no probabilities');
  }
  if (trees.paths === 'tree') within(f, 'paths', count, 1);
  validateStructure(f, { ...trees, features });
  if (trees.nodeIds) validateNodeIds(f, treeStarts, trees.nodeIds);
  return trees;
}

function validateCategories(f: Fields): CategorySets {
  const words = read(f, 'words', uint32s());
  const sets = read(
    f,
    'starts',
    every(starts(1, words.length, words.length, 2), 'an even number', (start) => start % 2 === 0),
  );
  return {
    starts: sets,
    words,
    ...readAll(f, {
      unlisted: indices(3, ['uint8'], sets.length - 1),
      reading: optional(oneOf(...categoryReadings)),
    }),
  };
}
