import { narrowest } from '../../src/ir/fields.js';
import type { Kernel, Labels, Linear, Node, Trees } from '../../src/ir/index.js';
import { packTrees } from '../../src/ir/pack-trees.js';
import { classifierHead } from '../classifier-head.js';
import { toFloat64, toFloats } from './arrays.js';
import { type Estimator, unwrapScalar } from './estimator.js';
import { compareWith, readReferences } from './kernels.js';
import { lowerNearest } from './neighbors.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.cluster: clusters with centers, which new rows are nearest to */
export const clusterTable: LoweringTable = {
  'sklearn.cluster._kmeans.KMeans': lowerKMeans,
  'sklearn.cluster._kmeans.MiniBatchKMeans': lowerKMeans,
  'sklearn.cluster._bisect_k_means.BisectingKMeans': lowerBisectingKMeans,
  'sklearn.cluster._birch.Birch': lowerBirch,
  'sklearn.cluster._mean_shift.MeanShift': lowerCenters,
  'sklearn.cluster._affinity_propagation.AffinityPropagation': lowerCenters,
};

type Floats = Float64Array | Float32Array;

const sameType = (values: Floats, made: ArrayLike<number>): Floats =>
  values instanceof Float32Array ? Float32Array.from(made) : Float64Array.from(made);

/** 2x·c − ‖c‖² of each center c: the largest where the distance is the smallest. */
function lowerProducts(centers: Floats, features: number, head: Linear['head']): Linear {
  const outputs = centers.length / features;
  const norms = new Float64Array(outputs);
  centers.forEach((cell, i) => {
    norms[Math.floor(i / features)]! -= cell * cell;
  });
  return {
    kind: 'linear',
    features,
    outputs,
    nonFinite: 'refuse',
    coefficients: centers.map((cell) => 2 * cell) as Floats,
    intercepts: sameType(centers, norms),
    deviation: null,
    head,
  };
}

/** Numbers of clusters. */
const clusters = (count: number): Labels => ({
  dtype: 'int32',
  values: Float64Array.from({ length: count }, (_, i) => i),
});

/** What `transform` gives: how far the centers are. */
const distances = (centers: Floats, features: number): Kernel =>
  compareWith(centers, features, ['squared-distance', 'sqrt'], []);

function lowerKMeans(estimator: Estimator): Node {
  const features = estimator.features();
  const centers = readReferences(estimator, 'cluster_centers_', features);
  const head = classifierHead([clusters(centers.length / features)]);
  return {
    kind: 'pipeline',
    steps: [lowerProducts(centers, features, head)],
    beside: distances(centers, features),
  };
}

/** A tree of pairs of centers, of which each row goes to the nearer one until it is at a cluster. */
function lowerBisectingKMeans(estimator: Estimator): Node {
  const features = estimator.features();
  const centers = readReferences(estimator, 'cluster_centers_', features);
  const count = centers.length / features;
  estimator.make(count * count);
  const pairs: Floats[] = [];
  const tree = { left: [-1], right: [-1], feature: [0], labels: [0] };
  const add = (): number => {
    for (const list of [tree.left, tree.right]) list.push(-1);
    for (const list of [tree.feature, tree.labels]) list.push(0);
    return tree.left.length - 1;
  };
  const mean = estimator.has('_X_mean') ? estimator.numbers('_X_mean', 1).values : null;
  const centerOf = (node: Estimator): Floats => {
    const center = toFloats(node.array('center'));
    if (center?.length !== features || !center.every(Number.isFinite))
      return node.refuse('center', `expected ${features} finite numbers`);
    return center.map((cell, i) => cell + (mean?.[i] ?? 0)) as Floats;
  };
  const className = 'sklearn.cluster._bisect_k_means._BisectingTree';
  // Not by calling itself: a tree may be as deep as there are clusters.
  const waiting = [{ node: estimator.child('_bisecting_tree', [className]), at: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, at } = next;
    if (node.maybe('left') === null) {
      const label = unwrapScalar(node.get('label'));
      if (typeof label !== 'number' || !Number.isInteger(label) || label < 0 || label >= count)
        return node.refuse('label', `expected a cluster, found ${describePython(label)}`);
      tree.labels[at] = label;
      continue;
    }
    if (pairs.length >= 2 * count - 2)
      return estimator.refuse('_bisecting_tree', `expected ${count} clusters`);
    const children = [node.child('left', [className]), node.child('right', [className])];
    tree.feature[at] = pairs.length / 2;
    pairs.push(...children.map(centerOf));
    const [left, right] = [add(), add()];
    tree.left[at] = left;
    tree.right[at] = right;
    waiting.push({ node: children[0]!, at: left }, { node: children[1]!, at: right });
  }
  const splits = pairs.length / 2;
  const head = classifierHead([clusters(count)]);
  const beside = distances(centers, features);
  if (splits === 0)
    return { kind: 'pipeline', steps: [lowerProducts(centers, features, head)], beside };
  const all = new (centers instanceof Float32Array ? Float32Array : Float64Array)(
    pairs.length * features,
  );
  pairs.forEach((center, i) => {
    all.set(center, i * features);
  });
  const products = lowerProducts(all, features, null);
  // The right center's less the left one's: above 0 where it is nearer.
  const differences = new Float64Array(splits * pairs.length);
  for (let i = 0; i < splits; i++) {
    differences[i * pairs.length + 2 * i] = -1;
    differences[i * pairs.length + 2 * i + 1] = 1;
  }
  const margins: Linear = {
    ...products,
    features: pairs.length,
    outputs: splits,
    coefficients: sameType(all, differences),
    intercepts: sameType(all, new Float64Array(splits)),
  };
  const values = new Float64Array(tree.labels.length * count);
  tree.labels.forEach((label, i) => {
    values[i * count + label] = 1;
  });
  const source = {
    ...tree,
    threshold: new Float64Array(tree.labels.length),
    missingLeft: null,
    categorical: null,
    values,
    covers: null,
    path: `${estimator.path}._bisecting_tree`,
  };
  const packed = packTrees([source], {
    features: splits,
    leafColumns: count,
    precision: 'float32',
    categories: null,
    keepIds: false,
    keepCovers: false,
    limits: estimator.lowering.limits,
  });
  const trees: Trees = {
    kind: 'trees',
    ...packed,
    outputs: count,
    nonFinite: 'any',
    base: null,
    aggregation: 'sum',
    divisor: null,
    isolation: null,
    treeOutputs: null,
    treeWeights: null,
    paths: null,
    pathsMissing: null,
    pathsNonFinite: null,
    head,
  };
  return { kind: 'pipeline', steps: [products, margins, trees], beside };
}

/** Several subclusters may be of one cluster. */
function lowerBirch(estimator: Estimator): Node {
  const features = estimator.features();
  const centers = readReferences(estimator, 'subcluster_centers_', features);
  const labels = estimator.array('subcluster_labels_');
  const found = toFloat64(labels);
  if (found?.length !== centers.length / features)
    return estimator.refuse('subcluster_labels_', 'expected a label for each center');
  const known = [...new Set(found)].sort((a, b) => a - b);
  const placeOf = new Map(known.map((label, place) => [label, place]));
  const places = narrowest(found.map((label) => placeOf.get(label)!));
  const head = classifierHead([{ dtype: 'int64', values: Float64Array.from(known) }]);
  const nearest = lowerNearest(centers, features, places, known.length, 'products', head);
  return { ...nearest, beside: distances(centers, features) };
}

function lowerCenters(estimator: Estimator): Node {
  const features = estimator.features();
  const centers = readReferences(estimator, 'cluster_centers_', features);
  const count = centers.length / features;
  const head = classifierHead([{ ...clusters(count), dtype: 'int64' } as Labels]);
  const places = narrowest(Uint32Array.from({ length: count }, (_, i) => i));
  return lowerNearest(centers, features, places, count, 'products', head);
}
