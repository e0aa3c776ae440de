import type { SourceTree } from '../../src/ir/pack-trees.js';
import type { TreeFacts } from './describe-trees.js';

/** What happens to categories at one split, as sets of numbers. */
export interface NaiveSet {
  readonly left: ReadonlySet<number>;
  readonly right: ReadonlySet<number>;
  readonly unlisted: 'left' | 'right' | 'missing';
}

/** The nodes that a row passes, as plainly as can be: over the source's own arrays, thresholds untouched. */
export function naivePath(
  tree: SourceTree,
  row: ArrayLike<number>,
  precision: 'float32' | 'float64',
  sets: readonly NaiveSet[],
): number[] {
  const path = [0];
  for (let node = 0; tree.left[node] !== -1; path.push(node)) {
    const value = row[tree.feature[node]!]!;
    const x = precision === 'float32' ? Math.fround(value) : value;
    const missingLeft = (tree.missingLeft?.[node] ?? 0) !== 0;
    const set = tree.categorical?.[node] ? sets[tree.threshold[node]!]! : null;
    let left = x <= tree.threshold[node]!;
    if (set !== null) {
      const listed = set.left.has(Math.trunc(x)) || set.right.has(Math.trunc(x));
      left = listed ? set.left.has(Math.trunc(x)) : set.unlisted === 'left';
      if (!listed && set.unlisted === 'missing') left = missingLeft;
    }
    if (Number.isNaN(x)) left = missingLeft;
    node = (left ? tree.left : tree.right)[node]!;
  }
  return path;
}

/** Raw scores of one row from the leaf that it reaches in each tree. */
export function naiveScores(
  trees: readonly SourceTree[],
  leaves: readonly number[],
  facts: TreeFacts,
): number[] {
  const { outputs, leafColumns, aggregation } = facts;
  const start = aggregation === 'sum' ? -0 : 0;
  const scores = Array.from({ length: outputs }, (_, k) => facts.base?.[k] ?? start);
  leaves.forEach((leaf, t) => {
    for (let column = 0; column < leafColumns; column++) {
      const output = facts.treeOutputs === null ? column : facts.treeOutputs[t]!;
      const value = trees[t]!.values[leaf * leafColumns + column]!;
      scores[output]! += (facts.treeWeights?.[t] ?? 1) * value;
    }
  });
  return aggregation === 'mean' ? scores.map((score) => score / trees.length) : scores;
}
