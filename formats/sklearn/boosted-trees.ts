import { narrowest } from '../../src/ir/fields.js';
import type { Trees } from '../../src/ir/index.js';
import { packTrees, type SourceTree } from '../../src/ir/pack-trees.js';
import type { Estimator } from './estimator.js';

/** What boosting says of its trees beside the trees themselves. */
type Facts = Pick<
  Trees,
  | 'outputs'
  | 'precision'
  | 'nonFinite'
  | 'base'
  | 'categories'
  | 'paths'
  | 'pathsNonFinite'
  | 'head'
>;

/** Trees in stages, one for each output: each adds to its own. */
export function assembleStages(
  estimator: Estimator,
  sources: readonly SourceTree[],
  facts: Facts,
): Trees {
  const { limits, keepCovers, onProgress } = estimator.lowering;
  const { outputs, precision, categories } = facts;
  const packed = packTrees(sources, {
    features: estimator.features(),
    leafColumns: 1,
    precision,
    categories,
    keepIds: facts.paths !== null,
    keepCovers,
    limits,
    onProgress,
  });
  return {
    kind: 'trees',
    ...packed,
    ...facts,
    treeOutputs: outputs === 1 ? null : narrowest(sources.map((_, tree) => tree % outputs)),
    treeWeights: null,
    aggregation: 'sum',
    divisor: null,
    isolation: null,
    pathsMissing: null,
  };
}
