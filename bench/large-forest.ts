import { defaultLimits, type ModelDescription, validateModel } from '../src/ir/index.js';
import { packTrees, type SourceTree } from '../src/ir/pack-trees.js';
import { createRandom } from './random.js';

export interface LargeForestOptions {
  readonly trees: number;
  /** Splits of each tree; it has one leaf more. */
  readonly splits: number;
  readonly features: number;
  /** 0 for a regressor with a distinct value in every leaf; else a classifier grown full. */
  readonly classes: number;
  readonly seed: number;
}

/** A forest of random shape, for sizes and times that no committed fixture has. Its leaves split at random, as grown trees' do. */
export function makeLargeForest(options: LargeForestOptions): ModelDescription {
  const { trees, features, classes, seed } = options;
  const random = createRandom(seed);
  const sources = Array.from({ length: trees }, (_, t) => makeTree(options, random, `tree ${t}`));
  const columns = Math.max(classes, 1);
  const packed = packTrees(sources, {
    features,
    leafColumns: columns,
    precision: 'float32',
    categories: null,
    keepIds: false,
    keepCovers: false,
    limits: defaultLimits,
  });
  const labels = { dtype: 'int64', values: Float64Array.from({ length: classes }, (_, i) => i) };
  return validateModel({
    root: {
      kind: 'trees',
      ...packed,
      outputs: columns,
      nonFinite: 'nan',
      treeOutputs: null,
      treeWeights: null,
      base: null,
      aggregation: 'mean',
      divisor: null,
      isolation: null,
      paths: null,
      pathsMissing: null,
      pathsNonFinite: null,
      head:
        classes === 0
          ? { task: 'regressor', targets: 1, flat: true, link: 'identity' }
          : {
              task: 'classifier',
              labels: [labels],
              decide: 'argmax',
              probability: 'identity',
              decisionFunction: false,
              sums: null,
              scoreOffset: null,
              decisionOffset: null,
            },
    },
    input: { type: 'matrix', features, names: null },
    golden: [],
    provenance: {
      library: 'none',
      libraryVersion: '0',
      className: 'LargeForest',
      format: 'made',
      digest: null,
      time: null,
      nuthatch: '0',
      metadata: {},
    },
    reference: null,
  });
}

function makeTree(
  { splits, features, classes }: LargeForestOptions,
  random: () => number,
  path: string,
): SourceTree {
  const size = 2 * splits + 1;
  const left = new Int32Array(size).fill(-1);
  const right = new Int32Array(size).fill(-1);
  const leaves = [0];
  for (let next = 1; next < size; next += 2) {
    const pick = Math.floor(random() * leaves.length);
    const node = leaves[pick]!;
    left[node] = next;
    right[node] = next + 1;
    leaves[pick] = next;
    leaves.push(next + 1);
  }
  const columns = Math.max(classes, 1);
  const values = new Float64Array(size * columns);
  for (let node = 0; node < size; node++) {
    if (classes === 0) values[node] = random();
    else values[node * columns + Math.floor(random() * classes)] = 1;
  }
  return {
    left,
    right,
    feature: Int32Array.from({ length: size }, () => Math.floor(random() * features)),
    threshold: Float64Array.from({ length: size }, random),
    missingLeft: Uint8Array.from({ length: size }, () => Math.round(random())),
    categorical: null,
    values,
    covers: null,
    path,
  };
}
