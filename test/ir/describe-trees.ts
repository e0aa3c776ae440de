import {
  defaultLimits,
  type Limits,
  type ModelDescription,
  type Node,
  type Trees,
  validateModel,
} from '../../src/ir/index.js';
import { packTrees, type SourceTree } from '../../src/ir/pack-trees.js';

/** What of `Trees` a test states; the rest follows from the source trees. */
export type TreeFacts = Pick<
  Trees,
  | 'features'
  | 'outputs'
  | 'leafColumns'
  | 'precision'
  | 'nonFinite'
  | 'aggregation'
  | 'treeOutputs'
  | 'treeWeights'
  | 'base'
  | 'categories'
>;

/** `wide` asks for the wide layout where the narrow one would do. */
export type WantedLayout = 'fitting' | 'wide';

/** Trees in the IR, with a regressor's head: their raw scores are what tests look at. */
export function describeTrees(
  sources: readonly SourceTree[],
  facts: TreeFacts,
  layout: WantedLayout = 'fitting',
  limits: Limits = defaultLimits,
): Trees {
  const { features, leafColumns, categories, outputs } = facts;
  // Packed as for float64 inputs, trees are wide and their thresholds as the source has them.
  const precision = layout === 'wide' ? 'float64' : facts.precision;
  const packed = packTrees(sources, {
    features,
    leafColumns,
    precision,
    categories,
    keepIds: true,
    keepCovers: true,
    limits,
  });
  return {
    kind: 'trees',
    ...packed,
    precision: facts.precision,
    outputs,
    nonFinite: facts.nonFinite,
    treeOutputs: facts.treeOutputs,
    treeWeights: facts.treeWeights,
    base: facts.base,
    aggregation: facts.aggregation,
    divisor: null,
    isolation: null,
    paths: 'forest',
    pathsMissing: null,
    pathsNonFinite: null,
    head: { task: 'regressor', targets: outputs, flat: outputs === 1, link: 'identity' },
  };
}

/** A model of nothing but this node. Throws where it is invalid. */
export function describeModel(root: Node, features: number): ModelDescription {
  return validateModel({
    root,
    input: { type: 'matrix', features, names: null },
    golden: [],
    provenance: {
      library: 'none',
      libraryVersion: '0',
      className: 'Test',
      format: 'test',
      digest: null,
      time: null,
      nuthatch: '0.1.0',
      metadata: {},
    },
    reference: null,
  });
}

/** Rows of a matrix, chosen by index; also more than there are. */
export function takeRows<T extends Float32Array | Float64Array>(
  data: T,
  cols: number,
  rows: readonly number[],
): T {
  const result = new (data.constructor as new (length: number) => T)(rows.length * cols);
  rows.forEach((row, i) => {
    result.set(data.subarray(row * cols, (row + 1) * cols), i * cols);
  });
  return result;
}
