import { narrowest, type UintArray } from '../../src/ir/fields.js';
import {
  type ClassifierHead,
  type Gaussian,
  type Labels,
  labelCount,
  type Metric,
  type Neighbors,
  type NeighborTree,
  type Node,
  neighborColumns,
  type Pipeline,
  type RegressorHead,
} from '../../src/ir/index.js';
import { classifierHead } from '../classifier-head.js';
import { numericType, toFloat64, toFloats, toStrings } from './arrays.js';
import { type Estimator, isArray, sequenceItems, unwrapScalar } from './estimator.js';
import { constantsOf, rowsOf, sumOfLogs, term } from './gaussian.js';
import { outlierHead } from './heads.js';
import { readMatrix } from './kernels.js';
import { type Floats, readVector } from './projection.js';
import { describePython, type PyArray, type PyValue } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.neighbors */
export const neighborsTable: LoweringTable = {
  'sklearn.neighbors._classification.KNeighborsClassifier': (estimator) =>
    lowerClassifier(estimator, readNearest(estimator)),
  'sklearn.neighbors._regression.KNeighborsRegressor': (estimator) =>
    lowerRegressor(estimator, readNearest(estimator)),
  'sklearn.neighbors._classification.RadiusNeighborsClassifier': (estimator) =>
    lowerClassifier(estimator, readRadius(estimator)),
  'sklearn.neighbors._regression.RadiusNeighborsRegressor': (estimator) =>
    lowerRegressor(estimator, readRadius(estimator)),
  'sklearn.neighbors._graph.KNeighborsTransformer': (estimator) => {
    const mode = readMode(estimator);
    // The row itself is not counted where distances are asked.
    const more = mode === 'distances' ? 1 : 0;
    return lowerGraph(estimator, mode, readNearest(estimator, more));
  },
  'sklearn.neighbors._graph.RadiusNeighborsTransformer': (estimator) =>
    lowerGraph(estimator, readMode(estimator), readRadius(estimator)),
  'sklearn.neighbors._lof.LocalOutlierFactor': lowerOutlierFactor,
  'sklearn.neighbors._nearest_centroid.NearestCentroid': lowerNearestCentroid,
};

/** What of a node does not hang on what is made of neighbours. */
type Stored = Pick<
  Neighbors,
  | 'kind'
  | 'features'
  | 'nonFinite'
  | 'rows'
  | 'metric'
  | 'power'
  | 'scales'
  | 'tree'
  | 'source'
  | 'widths'
  | 'classes'
  | 'targets'
  | 'empty'
>;
type Reach = Pick<Neighbors, 'nearest' | 'radius'>;

const readNearest = (estimator: Estimator, more = 0): Reach => ({
  nearest: estimator.integer('n_neighbors') + more,
  radius: null,
});

const readRadius = (estimator: Estimator): Reach => ({
  nearest: null,
  radius: Float64Array.of(estimator.number('radius')),
});

/** The names that scikit-learn and SciPy have for metrics. */
const metricNames: Readonly<Record<string, Metric>> = {
  euclidean: 'euclidean',
  l2: 'euclidean',
  seuclidean: 'seuclidean',
  manhattan: 'manhattan',
  cityblock: 'manhattan',
  l1: 'manhattan',
  chebyshev: 'chebyshev',
  infinity: 'chebyshev',
  minkowski: 'minkowski',
  p: 'minkowski',
  canberra: 'canberra',
  braycurtis: 'braycurtis',
  cosine: 'cosine',
};

/** The rows that were fitted, and how far others are from them. */
function readStored(estimator: Estimator, reach: Reach): Stored & Reach {
  const { values: rows, shape } = readMatrix(estimator, '_fit_X');
  const [count = 0, features = 0] = shape;
  if (shape.length !== 2 || count < 1)
    return estimator.refuse('_fit_X', 'expected a matrix of finite numbers');
  if (features !== estimator.features())
    estimator.refuse('_fit_X', `expected ${estimator.features()} columns, found ${features}`);
  if (reach.nearest !== null && !(reach.nearest >= 1 && reach.nearest <= count))
    estimator.refuse('n_neighbors', `expected 1 to ${count}, found ${reach.nearest}`);
  const metric = readMetric(estimator, features);
  const tree = readTree(estimator, count);
  return {
    kind: 'neighbors',
    features,
    nonFinite: 'refuse',
    rows,
    ...metric,
    ...reach,
    tree,
    source: tree ? 'exact' : sourceOf(estimator, metric.metric),
    widths: null,
    classes: null,
    targets: null,
    empty: null,
  };
}

function readMetric(
  estimator: Estimator,
  features: number,
): Pick<Neighbors, 'metric' | 'power' | 'scales'> {
  const name = estimator.get('effective_metric_');
  const known = typeof name === 'string' && Object.hasOwn(metricNames, name);
  if (!known)
    return estimator.refuse(
      'effective_metric_',
      `the metric ${describePython(name)} is not supported`,
    );
  const metric = metricNames[name as string]!;
  const parameters = estimator.get('effective_metric_params_');
  const entries =
    parameters !== null && typeof parameters === 'object' && parameters.type === 'dict'
      ? parameters.entries.filter(([, value]) => value !== null)
      : [];
  const given = new Map(entries);
  const numbers = (key: string, length: number): Float64Array | null => {
    const value = given.get(key);
    given.delete(key);
    if (value === undefined) return null;
    const array = isArray(value) ? toFloat64(value) : null;
    const items = array ?? sequenceItems(value)?.map(unwrapScalar) ?? [unwrapScalar(value)];
    const found = Float64Array.from(items as ArrayLike<number>);
    return found.length === length && found.every((one) => one > 0 && Number.isFinite(one))
      ? found
      : estimator.refuse(
          `effective_metric_params_.${key}`,
          `expected ${length} numbers above 0, found ${describePython(value)}`,
        );
  };
  const power = metric === 'minkowski' ? numbers('p', 1) : null;
  const key = { minkowski: 'w', seuclidean: 'V' }[metric as string];
  const scales = key ? numbers(key, features) : null;
  // Without it, scikit-learn makes one of all rows that are asked at once.
  if (metric === 'seuclidean' && scales === null)
    estimator.refuse('effective_metric_params_', `${metric} needs V`);
  if (metric === 'minkowski' && power === null)
    estimator.refuse('effective_metric_params_', `${metric} needs p`);
  for (const other of given.keys())
    estimator.refuse(
      'effective_metric_params_',
      `the parameter ${describePython(other)} is not supported`,
    );
  return { metric, power, scales };
}

/** A tree is searched by the metric's own formula; without one, scikit-learn takes squares apart where it can, and sorts in parts where it cannot reduce. */
function sourceOf(estimator: Estimator, metric: Metric): Neighbors['source'] {
  const rows = estimator.get('_fit_X');
  // Compressed rows are none.
  const type = isArray(rows) ? numericType(rows.dtype) : null;
  // Counts are often as far away as others, and which of these numpy's partition chooses is not reproduced.
  if (type !== 'float64' && type !== 'float32' && metric !== 'cosine')
    estimator.refuse(
      '_fit_X',
      'integers and compressed rows are supported in trees, and by cosine',
    );
  const reduces = type === 'float64' || (type === 'float32' && estimator.since(1, 2));
  if (!reduces || metric === 'cosine') return 'partition';
  return metric === 'euclidean' ? 'products' : 'exact';
}

export const treeClasses = {
  kd_tree: ['kd', ['sklearn.neighbors._kd_tree.KDTree', 'sklearn.neighbors._kd_tree.KDTree64']],
  ball_tree: [
    'ball',
    ['sklearn.neighbors._ball_tree.BallTree', 'sklearn.neighbors._ball_tree.BallTree64'],
  ],
} as const;

function readTree(estimator: Estimator, count: number): NeighborTree | null {
  const method = estimator.text('_fit_method');
  if (method === 'brute') return null;
  if (method !== 'kd_tree' && method !== 'ball_tree')
    return estimator.refuse('_fit_method', `unknown method ${describePython(method)}`);
  const [form, classNames] = treeClasses[method];
  const tree = estimator.child('_tree', classNames);
  const items = sequenceItems(tree.object.state);
  const order = items?.[1] === undefined || !isArray(items[1]) ? null : toFloat64(items[1]);
  const levels = items?.[5];
  const isKnown =
    order?.length === count &&
    order.every((row) => row >= 0 && row < count) &&
    typeof levels === 'number';
  return isKnown
    ? { form, levels, order: Uint32Array.from(order) }
    : estimator.refuse('_tree', `expected a tree of ${count} rows`);
}

/** Whether weights are the distances' inverses. */
export function readWeigh(estimator: Estimator): Neighbors['weigh'] {
  const weights = estimator.maybe('weights');
  if (weights === null || weights === 'uniform') return 'uniform';
  return weights === 'distance'
    ? weights
    : estimator.refuse('weights', `expected uniform or distance, found ${describePython(weights)}`);
}

/** What the rows were fitted with: a column for each output. */
function readOutputs(estimator: Estimator, count: number): { array: PyArray; columns: number } {
  const array = estimator.array('_y');
  const [rows = 0, columns = 1] = array.shape;
  return rows === count && (array.shape.length === 1 || array.shape.length === 2) && columns >= 1
    ? { array, columns }
    : estimator.refuse('_y', `expected ${count} rows, found [${array.shape.join(', ')}]`);
}

/** The class of the nearest of some rows. */
export function lowerNearest(
  rows: Neighbors['rows'],
  features: number,
  classes: UintArray,
  width: number,
  source: Neighbors['source'],
  head: ClassifierHead,
  metric: Metric = 'euclidean',
): Pipeline<Node> {
  const node: Neighbors = {
    kind: 'neighbors',
    features,
    nonFinite: 'refuse',
    rows,
    metric,
    power: null,
    scales: null,
    nearest: 1,
    radius: null,
    tree: null,
    source,
    combine: 'shares',
    weigh: 'uniform',
    widths: Uint32Array.of(width),
    classes,
    targets: null,
    empty: null,
  };
  return { kind: 'pipeline', steps: [node, { kind: 'scores', features: width, head }] };
}

/** The sums of what the neighbours of a `NearestNeighbors` have, [rows × width]. */
export function lowerSums(
  neighbors: Estimator,
  targets: Float64Array,
  width: number,
  features: number,
  head: ClassifierHead,
): Node {
  const stored = readStored(neighbors, readNearest(neighbors));
  if (stored.features !== features || stored.rows.length * width !== targets.length * features)
    neighbors.refuse('_fit_X', `expected ${targets.length / width} rows of ${features} numbers`);
  return answering({ ...stored, combine: 'sums', weigh: 'uniform', targets }, head);
}

function lowerNearestCentroid(estimator: Estimator): Node {
  const labels = estimator.labels(estimator.get('classes_'), 'classes_');
  const features = estimator.features();
  const { values, shape } = estimator.numbers('centroids_', 2);
  const count = labelCount(labels);
  if (`${shape}` !== `${[count, features]}` || !values.every(Number.isFinite))
    estimator.refuse('centroids_', `expected ${count} rows of ${features} finite numbers`);
  const name = estimator.text('metric');
  if (name !== 'euclidean' && name !== 'manhattan')
    estimator.refuse('metric', `expected euclidean or manhattan, found ${describePython(name)}`);
  const places = narrowest(Uint32Array.from({ length: count }, (_, i) => i));
  const source = name === 'euclidean' ? 'products' : 'exact';
  const metric = metricNames[name]!;
  const head = classifierHead([labels]);
  const nearest = lowerNearest(values, features, places, count, source, head, metric);
  if (!estimator.since(1, 6)) return nearest;
  const priors = readVector(estimator, 'class_prior_', count);
  // numpy's isclose.
  const near = (prior: number) => Math.abs(prior - 1 / count) <= 1e-8 + 1e-5 / count;
  const areAlike = priors.every(near);
  if (name === 'manhattan')
    return areAlike
      ? nearest
      : estimator.refuse('class_prior_', 'priors that are not all the same, by manhattan');
  const scores = lowerCentroidScores(estimator, values, labels, priors);
  return areAlike ? { kind: 'pipeline', steps: [scores], chooser: nearest } : scores;
}

/** Since 1.6, less the squared distance to each centroid, of columns in units of their deviations within classes, and the logarithm of a prior twice. */
function lowerCentroidScores(
  estimator: Estimator,
  means: Float64Array,
  labels: Labels,
  priors: Floats,
): Gaussian {
  const features = estimator.features();
  const outputs = labelCount(labels);
  if (estimator.lowering.given.sparse) estimator.refuse('', 'compressed rows are not supported');
  if (!priors.every((prior) => prior > 0))
    estimator.refuse('class_prior_', 'expected positive numbers');
  const deviations = readVector(estimator, 'within_class_std_dev_', features);
  // Half a variance: a score is half of what is added up.
  const halves = Float64Array.from(deviations, (one) => (one === 0 ? 0.5 : (one * one) / 2));
  if (!halves.every((half) => half > 0 && half < Infinity))
    estimator.refuse('within_class_std_dev_', 'expected squares that are neither 0 nor infinite');
  const scales = new Float64Array(means.length);
  for (let at = 0; at < scales.length; at += features) scales.set(halves, at);
  const none = term(new Float64Array(outputs));
  return {
    kind: 'gaussian',
    features,
    outputs,
    nonFinite: 'refuse',
    means,
    distance: 'variances',
    scales,
    ...constantsOf([none, sumOfLogs(rowsOf(priors, outputs), 2)], false),
    rounded: null,
    expanded: true,
    head: classifierHead([labels], {
      probability: 'softmax-log-max',
      decisionFunction: true,
      logProbability: 'scores',
      ...(outputs === 2 && { folded: true as const }),
    }),
  };
}

/** Neighbours, and what their answers are to others. */
function answering(node: Neighbors, head: ClassifierHead | RegressorHead): Node {
  const last: Node = { kind: 'scores', features: neighborColumns(node), head };
  return { kind: 'pipeline', steps: [...prepared(node), last] };
}

/** Neighbours of rows as they are, or, by their angle, of rows of length 1. */
function prepared(node: Neighbors): Node[] {
  if (node.metric !== 'cosine') return [node];
  const { features, nonFinite } = node;
  const rows = Float64Array.from(node.rows);
  for (let at = 0; at < rows.length; at += features) {
    const row = rows.subarray(at, at + features);
    const length = Math.sqrt(row.reduce((sum, cell) => sum + cell * cell, 0));
    // scikit-learn leaves rows near 0 as they are.
    if (length >= 10 * 2 ** -52) for (let i = 0; i < features; i++) row[i]! /= length;
  }
  return [
    { kind: 'row-norm', features, nonFinite, norm: 'l2' },
    { ...node, rows },
  ];
}

function lowerClassifier(estimator: Estimator, reach: Reach): Node {
  const stored = readStored(estimator, reach);
  const count = stored.rows.length / stored.features;
  const several = estimator.flag('outputs_2d_');
  const labels = several
    ? estimator.items('classes_').map((item, i) => estimator.labels(item, `classes_[${i}]`))
    : [estimator.labels(estimator.get('classes_'), 'classes_')];
  const { array, columns } = readOutputs(estimator, count);
  const classes = toFloat64(array);
  const widths = Uint32Array.from(labels, labelCount);
  const isKnown = classes?.every((one, i) => one >= 0 && one < widths[i % columns]!);
  if (columns !== labels.length || !isKnown)
    return estimator.refuse('_y', 'expected positions of classes, a column for each output');
  const weigh = readWeigh(estimator);
  const outliers = reach.nearest === null ? readOutliers(estimator, labels) : null;
  const counts = countsWithin(estimator, stored, weigh, several);
  const node: Neighbors = {
    ...stored,
    // Rows are not checked then: a distance that is no number is within no radius.
    nonFinite: outliers && counts ? 'any' : stored.nonFinite,
    combine: 'shares',
    weigh,
    widths,
    classes: narrowest(classes!),
    empty: outliers && placesOfOutliers(estimator, labels, outliers, counts),
  };
  return answering(
    node,
    classifierHead(labels, {
      probability: 'identity',
      logProbability: 'none',
      ...(outliers && { outlierLabels: outliers }),
    }),
  );
}

/** The label of rows without neighbours, for each output; null where there is none and they are refused. */
function readOutliers(estimator: Estimator, labels: readonly Labels[]): Labels[] | null {
  const value = estimator.get('outlier_label_');
  if (value === null) return null;
  const found =
    isArray(value) && value.shape.length === 1 ? splitArray(value) : sequenceItems(value);
  if (found?.length !== labels.length)
    return estimator.refuse(
      'outlier_label_',
      `expected ${labels.length} labels, found ${describePython(value)}`,
    );
  return labels.map(({ dtype }, k): Labels => {
    const label = unwrapScalar(found[k]!);
    if (dtype === 'str' || dtype === 'object') {
      if (typeof label === 'string') return { dtype, values: [label] };
    } else if (dtype === 'bool') {
      if (typeof label === 'boolean') return { dtype, values: Uint8Array.of(Number(label)) };
    } else if (typeof label === 'number') return { dtype, values: Float64Array.of(label) };
    return estimator.refuse(`outlier_label_[${k}]`, `expected a label of type ${dtype}`);
  });
}

/** The items of an array, as scalars. */
function splitArray(array: PyArray): PyValue[] {
  return array.objects ?? toStrings(array) ?? Array.from(toFloat64(array) ?? []);
}

/** Whether scikit-learn counts the votes within a radius while rows are met. */
const countsWithin = (
  estimator: Estimator,
  { tree, source, metric }: Stored,
  weigh: Neighbors['weigh'],
  several: boolean,
): boolean =>
  estimator.since(1, 4) &&
  weigh === 'uniform' &&
  tree === null &&
  source === 'exact' &&
  metric !== 'euclidean' &&
  !several &&
  estimator.featureNames() === null;

/**
 * The class that such rows get in each output, or −1. Where scikit-learn counts votes while rows are met, it compares the parameter as it was given with the
 * classes as integers, from 1.9 on with their positions.
 */
function placesOfOutliers(
  estimator: Estimator,
  labels: readonly Labels[],
  outliers: readonly Labels[],
  counts: boolean,
): Float64Array {
  if (!counts)
    return Float64Array.from(labels, ({ values }, k) =>
      Array.from<unknown>(values).indexOf(outliers[k]!.values[0]),
    );
  const label = unwrapScalar(estimator.get('outlier_label'));
  const places = Array.from<string | number, number>(labels[0]!.values, (one, place) =>
    estimator.since(1, 9) ? place : Math.trunc(Number(one)),
  );
  return Float64Array.of(places.lastIndexOf(label as number));
}

function lowerRegressor(estimator: Estimator, reach: Reach): Node {
  const stored = readStored(estimator, reach);
  const { array, columns } = readOutputs(estimator, stored.rows.length / stored.features);
  const targets = toFloats(array);
  if (!targets?.every(Number.isFinite)) return estimator.refuse('_y', 'expected finite numbers');
  const node: Neighbors = {
    ...stored,
    combine: 'means',
    weigh: readWeigh(estimator),
    targets,
    empty: reach.nearest === null ? emptyMeans(estimator, array, columns) : null,
  };
  const flat = array.shape.length === 1;
  return answering(node, { task: 'regressor', targets: columns, flat, link: 'identity' });
}

/** NaN, as the type of the targets has it. */
function emptyMeans(estimator: Estimator, { dtype }: PyArray, columns: number): Float64Array {
  const type = numericType(dtype);
  const value = { float64: NaN, float32: NaN, int64: -(2 ** 63), int32: -(2 ** 31) }[
    type as string
  ];
  return value === undefined
    ? estimator.refuse('_y', `targets of type ${describePython(type)} are not supported`)
    : new Float64Array(columns).fill(value);
}

function readMode(estimator: Estimator): 'connectivity' | 'distances' {
  const mode = estimator.text('mode');
  if (mode === 'distance') return 'distances';
  return mode === 'connectivity'
    ? mode
    : estimator.refuse('mode', `unknown mode ${describePython(mode)}`);
}

const lowerGraph = (estimator: Estimator, combine: Neighbors['combine'], reach: Reach): Node => {
  const steps = prepared({ ...readStored(estimator, reach), combine, weigh: 'uniform' });
  return steps.length === 1 ? steps[0]! : { kind: 'pipeline', steps };
};

function lowerOutlierFactor(estimator: Estimator): Node {
  if (!estimator.flag('novelty'))
    estimator.refuse('novelty', 'False: such a model answers for the rows it was fitted on alone');
  const nearest = estimator.integer('n_neighbors_');
  const stored = readStored(estimator, { nearest, radius: null });
  const count = stored.rows.length / stored.features;
  const distances = estimator.numbers('_distances_fit_X_', 2);
  const densities = toFloats(estimator.array('_lrd'));
  if (`${distances.shape}` !== `${[count, nearest]}` || densities?.length !== count)
    return estimator.refuse('_distances_fit_X_', `expected ${nearest} for each of ${count} rows`);
  const targets = new (densities instanceof Float32Array ? Float32Array : Float64Array)(2 * count);
  for (let i = 0; i < count; i++) {
    targets[2 * i] = distances.values[(i + 1) * nearest - 1]!;
    targets[2 * i + 1] = densities[i]!;
  }
  const node: Neighbors = { ...stored, combine: 'outlier-factor', weigh: 'uniform', targets };
  const inDoubles = !estimator.since(1, 2);
  if (inDoubles && stored.source === 'partition' && stored.rows instanceof Float32Array)
    estimator.refuse('_fit_X', 'float32 rows without a tree are not supported before 1.2');
  const answer = answering(
    node,
    outlierHead({ decisionOffset: Float64Array.of(estimator.number('offset_')) }),
  );
  if (!inDoubles) return answer;
  const { features } = stored;
  const operations = [{ operation: 'positive' }] as const;
  // Only from 1.2 on distances of float32 rows are rounded.
  const widen: Node = {
    kind: 'elementwise',
    features,
    nonFinite: 'any',
    type: 'float64',
    operations,
  };
  return { kind: 'pipeline', steps: [widen, answer] };
}
