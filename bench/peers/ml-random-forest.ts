import { load } from '../../src/index.js';
import { batchTimer } from '../batches.js';
import { type NestedNode, nestTrees } from '../nested-trees.js';
import type { Absence, Answers, Peer, Subject } from '../subject.js';
import { checkedBatch, plainRows, type Workload } from '../workload.js';
import { requirePeer } from './installed.js';

const name = 'ml-random-forest';

/** It means or votes in its own way; votes of trees grown full differ from means only where classes are equal. */
const tolerance = 1e-9;
/** Each node is an object with its own options, each leaf of a classifier a matrix: more do not fit the memory. */
const nodeLimit = 500_000;

interface Forest {
  predict(rows: readonly (readonly number[])[]): number[];
}
interface Library {
  readonly RandomForestClassifier: { load(model: object): Forest };
  readonly RandomForestRegression: { load(model: object): Forest };
}

/** The library's own evaluation of the very same trees, which its way of loading a model takes. It cannot read other models. */
export const mlRandomForest: Peer = {
  name,
  async open(workload) {
    const found = requirePeer<Library>(name);
    if ('absent' in found) return found;
    if (!workload.estimator.startsWith('RandomForest')) return { absent: 'it has only forests' };
    if (workload.nodes > nodeLimit)
      return { absent: `${workload.nodes} nodes take more memory than there is` };
    return openForest(workload, found.library, found.version);
  },
};

function openForest(workload: Workload, library: Library, version: string): Subject | Absence {
  const { root } = load(workload.model).description;
  if (root.kind !== 'trees') return { absent: 'it has only forests' };
  const kind = workload.classes === null ? 'regression' : 'classifier';
  const options = { kind };
  const columns = Array.from({ length: workload.features }, (_, i) => i);
  const trees = nestTrees(root);
  const baseModel = {
    isClassifier: kind === 'classifier',
    nEstimators: trees.length,
    n: workload.features,
    indexes: trees.map(() => columns),
    estimators: trees.map((tree) => ({
      name: kind === 'classifier' ? 'DTClassifier' : 'DTRegression',
      options,
      root: convert(tree, kind),
    })),
  };
  const forest =
    kind === 'classifier'
      ? library.RandomForestClassifier.load({ name: 'RFClassifier', baseModel })
      : library.RandomForestRegression.load({
          name: 'RFRegression',
          selectionMethod: 'mean',
          baseModel,
        });
  return {
    name,
    version,
    tolerance,
    async answer(): Promise<Answers> {
      const predicted = forest.predict(plainRows(checkedBatch(workload)));
      return kind === 'classifier'
        ? { labels: Int32Array.from(predicted), scores: null }
        : { labels: null, scores: Float64Array.from(predicted) };
    },
    time: batchTimer(workload, plainRows, (rows) => forest.predict(rows)[rows.length - 1]!),
  };
}

function convert(node: NestedNode, kind: 'classifier' | 'regression'): object {
  if ('leaf' in node)
    return { distribution: kind === 'classifier' ? [Array.from(node.leaf)] : node.leaf[0] };
  return {
    splitColumn: node.feature,
    // It goes left where x < splitValue: for float32 rows the same as x ≤ threshold with the next float32.
    splitValue: nextFloat32(node.threshold),
    left: convert(node.left, kind),
    right: convert(node.right, kind),
  };
}

const float32 = new Float32Array(1);
const bits = new Int32Array(float32.buffer);

function nextFloat32(value: number): number {
  if (value === 0) return 1.401298464324817e-45;
  float32[0] = value;
  bits[0]! += value > 0 ? 1 : -1;
  return float32[0]!;
}
