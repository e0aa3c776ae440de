import { narrowest } from '../../src/ir/fields.js';
import type { RegressorHead, RegressorLink, Trees } from '../../src/ir/index.js';
import { packTrees, type SourceTree } from '../../src/ir/pack-trees.js';
import type { ImportOptions } from '../format.js';

/** What a library says of its trees beside the trees themselves. */
export interface Boosting
  extends Pick<Trees, 'outputs' | 'precision' | 'nonFinite' | 'base' | 'categories' | 'head'> {
  readonly features: number;
  /** The output that each tree adds to; null where leaves have all of them. */
  readonly treeOutputs: readonly number[] | null;
  /** What sums are divided by; null for sums. */
  readonly divisor: number | null;
  readonly sums?: 'float32';
}

/** Trees that are added up, as gradient boosting libraries have them. */
export function assembleBoosting(
  sources: readonly SourceTree[],
  { features, treeOutputs, divisor, ...facts }: Boosting,
  { limits, keepCovers, onProgress }: ImportOptions,
): Trees {
  const { outputs, precision, categories } = facts;
  const packed = packTrees(sources, {
    features,
    leafColumns: treeOutputs ? 1 : outputs,
    precision,
    categories,
    keepIds: false,
    keepCovers,
    limits,
    onProgress,
  });
  return {
    kind: 'trees',
    ...packed,
    ...facts,
    treeOutputs: treeOutputs && outputs > 1 ? narrowest(treeOutputs) : null,
    treeWeights: null,
    aggregation: divisor === null ? 'sum' : 'mean',
    divisor: divisor === null ? null : Float64Array.of(divisor),
    isolation: null,
    paths: null,
    pathsMissing: null,
    pathsNonFinite: null,
  };
}

/** What a booster's `predict` makes of scores: numbers, not labels, also where the objective is one of classes. */
export const boosterHead = (outputs: number, link: RegressorLink, factor = 1): RegressorHead => ({
  task: 'regressor',
  targets: outputs,
  flat: outputs === 1,
  link,
  ...(factor !== 1 && { factor: Float64Array.of(factor) }),
});

/** A tree of one leaf. */
export const constantTree = (values: ArrayLike<number>, path: string): SourceTree => ({
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
