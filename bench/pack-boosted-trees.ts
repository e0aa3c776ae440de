import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNut } from '../formats/nut/index.js';
import { defaultLimits, validateModel } from '../src/ir/index.js';
import { packTrees, type SourceTree } from '../src/ir/pack-trees.js';
import { version } from '../src/version.js';

/**
 * Packs the arrays of a boosted regressor, as bench/train.py writes them to a folder, into model.nut: a workload that no importer reads
 * yet.
 */
interface BoostedTrees {
  readonly sizes: readonly number[];
  readonly features: number;
  readonly base: number;
  readonly weight: number;
  readonly library_version: string;
}

const folder = process.argv[2];
if (folder === undefined) throw new Error('expected the folder of a workload');
const about = JSON.parse(readFileSync(join(folder, 'trees.json'), 'utf8')) as BoostedTrees;
writeFileSync(join(folder, 'model.nut'), writeNut(describeBoostedTrees(folder, about)));

function describeBoostedTrees(
  folder: string,
  { sizes, features, base, weight, library_version }: BoostedTrees,
) {
  const read = (field: string) =>
    Uint8Array.from(readFileSync(join(folder, `trees.${field}`))).buffer;
  const left = new Int32Array(read('left'));
  const right = new Int32Array(read('right'));
  const feature = new Int32Array(read('feature'));
  const threshold = new Float64Array(read('threshold'));
  const values = new Float64Array(read('values'));
  let end = 0;
  const sources = sizes.map((size, t): SourceTree => {
    const start = end;
    end += size;
    return {
      left: left.subarray(start, end),
      right: right.subarray(start, end),
      feature: feature.subarray(start, end),
      threshold: threshold.subarray(start, end),
      missingLeft: null,
      categorical: null,
      values: values.subarray(start, end),
      covers: null,
      path: `tree ${t}`,
    };
  });
  const packed = packTrees(sources, {
    features,
    leafColumns: 1,
    precision: 'float32',
    categories: null,
    keepIds: false,
    keepCovers: false,
    limits: defaultLimits,
  });
  return validateModel({
    root: {
      kind: 'trees',
      ...packed,
      outputs: 1,
      nonFinite: 'refuse',
      treeOutputs: null,
      treeWeights: new Float64Array(sizes.length).fill(weight),
      base: Float64Array.of(base),
      aggregation: 'sum',
      isolation: null,
      paths: null,
      pathsMissing: null,
      pathsNonFinite: null,
      head: { task: 'regressor', targets: 1, flat: true, link: 'identity' },
    },
    input: { type: 'matrix', features, names: null },
    golden: [],
    provenance: {
      library: 'scikit-learn',
      libraryVersion: library_version,
      className: 'GradientBoostingRegressor',
      format: 'arrays',
      digest: null,
      time: null,
      nuthatch: version,
      metadata: {},
    },
    reference: null,
  });
}
