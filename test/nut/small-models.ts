import { defaultLimits, type ModelDescription, validateModel } from '../../src/ir/index.js';
import { packTrees } from '../../src/ir/pack-trees.js';

/** Small models made by hand, to test files with; their answers are not the point. */

const provenance = {
  library: 'none',
  libraryVersion: '0',
  className: 'Small',
  format: 'test',
  digest: null,
  time: null,
  nuthatch: '0.1.0',
  metadata: { purpose: 'test' },
};

/** A classifier of one tree: x₀ ≤ 0.1 → a, else b. */
export function smallTree(): ModelDescription {
  const packed = packTrees(
    [
      {
        left: [1, -1, -1],
        right: [2, -1, -1],
        feature: [0, -2, -2],
        threshold: [0.1, -2, -2],
        missingLeft: [1, 0, 0],
        categorical: null,
        values: Float64Array.of(0.5, 0.5, 1, 0, 0, 1),
        covers: [2, 1, 1],
        path: 'tree',
      },
    ],
    {
      features: 2,
      leafColumns: 2,
      precision: 'float32',
      categories: null,
      keepIds: true,
      keepCovers: true,
      limits: defaultLimits,
    },
  );
  return validateModel({
    root: {
      kind: 'trees',
      ...packed,
      outputs: 2,
      nonFinite: 'nan',
      treeOutputs: null,
      treeWeights: null,
      base: null,
      aggregation: 'sum',
      divisor: null,
      isolation: null,
      paths: 'tree',
      pathsMissing: null,
      pathsNonFinite: null,
      head: {
        task: 'classifier',
        labels: [{ dtype: 'str', values: ['a', 'b'] }],
        decide: 'argmax',
        probability: 'identity',
        decisionFunction: false,
        sums: null,
        scoreOffset: null,
        decisionOffset: null,
        logProbability: null,
      },
    },
    input: { type: 'matrix', features: 2, names: ['__proto__', 'größe'] },
    golden: [],
    provenance,
    reference: { note: 'kept as it is', counts: Float64Array.of(1, 2, -0) },
  });
}

/** A regressor: 2·x₀ − x₁ + 1. */
export function smallLinear(): ModelDescription {
  return validateModel({
    root: {
      kind: 'linear',
      features: 2,
      outputs: 1,
      nonFinite: 'refuse',
      coefficients: Float64Array.of(2, -1),
      intercepts: Float64Array.of(1),
      deviation: null,
      head: { task: 'regressor', targets: 1, flat: true, link: 'identity' },
    },
    input: { type: 'matrix', features: 2, names: null },
    golden: [],
    provenance,
    reference: null,
  });
}
