import {
  absent,
  every,
  type Fields,
  type Floats,
  fail,
  finite,
  float64s,
  floats,
  indices,
  integer,
  map,
  oneOf,
  optional,
  positive,
  type Reader,
  read,
  readAll,
  sized,
  tensor,
  type UintArray,
  uint32s,
  uintTypes,
  unique,
  within,
} from './fields.js';
import { denseOr, type NodeRules } from './rules.js';
import type { NonFinitePolicy, Own } from './value.js';

/** Stored rows, those of them that lie nearest to a row, and what is made of these: k-nearest neighbors and its kin. */
export interface Neighbors {
  readonly kind: 'neighbors';
  /** Columns of the input. */
  readonly features: number;
  readonly nonFinite: NonFinitePolicy;
  /** [stored rows × features], row after row. float32 only with float32 inputs gives float32 differences, as in numpy. */
  readonly rows: Floats;
  readonly metric: Metric;
  /** [1]: with `minkowski` alone, the power. */
  readonly power: Float64Array | null;
  /** [features], all above 0: with `minkowski`, what powers are multiplied by; with `seuclidean`, which needs them, what squares are divided by. */
  readonly scales: Float64Array | null;
  /** How many neighbours there are; null where a radius says it. */
  readonly nearest: number | null;
  /** [1]: rows at most so far are neighbours. */
  readonly radius: Float64Array | null;
  /** In which order stored rows are met; null: one after another. */
  readonly tree: NeighborTree | null;
  /** How closely the source's distances are those of the metric: it matters for comparisons alone. */
  readonly source: DistanceSource;
  readonly combine: NeighborCombination;
  /** Whether a neighbour counts 1, or 1 / its distance; neighbours at a distance of 0 then count 1 and others 0. */
  readonly weigh: 'uniform' | 'distance';
  /** With `shares`: how many classes each output has, [outputs]. */
  readonly widths: Uint32Array | null;
  /** With `shares`: the class of each stored row, [stored rows × outputs]. */
  readonly classes: UintArray | null;
  /** With `means` and `sums`, [stored rows × outputs]: targets; with `outlier-factor`, [stored rows × 2]: the distance to the last neighbour, and the density. */
  readonly targets: Floats | null;
  /**
   * [outputs]: what a row without neighbours gets, within a radius: with `means` the value, with `shares` the class, or −1 for none;
   * null: such rows are refused.
   */
  readonly empty: Float64Array | null;
}

/**
 * A tree of the stored rows, as scikit-learn builds it: node i has the children 2i + 1 and 2i + 2, which halve its rows (the first has the smaller half).
 * Where several rows lie as far away, those that it meets first are neighbours.
 */
export interface NeighborTree {
  /** Nodes are boxes (`kd`), or balls around the mean of their rows. */
  readonly form: 'kd' | 'ball';
  /** Levels of nodes; those on the last are leaves. */
  readonly levels: number;
  /** [stored rows]: the stored rows as the leaves have them, each once. */
  readonly order: Uint32Array;
}

/**
 * Differences d of the cells x and y make the distance, sums added in order:
 * * `euclidean`: √Σd²; `seuclidean`: √Σ(d² / scale); `manhattan`: Σ|d|; `chebyshev`: max |d|;
 * * `minkowski`: (Σ scale · |d|ᵖ)^(1/p);
 * * `canberra`: Σ |d| / (|x| + |y|), of those that are not 0/0; `braycurtis`: Σ|d| / Σ(|x| + |y|), 0 where that is 0/0;
 * * `cosine`: 1 − Σxy, at least 0 and at most 2: of rows of length 1.
 */
export const metrics = [
  'euclidean',
  'seuclidean',
  'manhattan',
  'chebyshev',
  'minkowski',
  'canberra',
  'braycurtis',
  'cosine',
] as const;
export type Metric = (typeof metrics)[number];

/**
 * * `exact`: by the metric's own formula;
 * * `products`: squares of distances from dot products, ‖x‖² − 2xy + ‖y‖²;
 * * `partition`: the same, and of rows that lie as far away any may be a neighbour.
 */
export const distanceSources = ['exact', 'products', 'partition'] as const;
export type DistanceSource = (typeof distanceSources)[number];

/**
 * * `shares`: of each class, the sum of its neighbours' weights, divided by all weights;
 * * `means`: of each target, the weighted mean; `sums`: of each target, the sum, without weights;
 * * `connectivity`: compressed rows, a column for each stored row: 1 for neighbours;
 * * `distances`: the same, with distances;
 * * `outlier-factor`: less the mean of neighbours' densities divided by the row's own (local outlier factor).
 */
export const neighborCombinations = [
  'shares',
  'means',
  'sums',
  'connectivity',
  'distances',
  'outlier-factor',
] as const;
export type NeighborCombination = (typeof neighborCombinations)[number];

export const neighborsRules: NodeRules<Neighbors> = {
  kind: 'neighbors',
  validate: validateNeighbors,
  gives: (node) => denseOr(isGraph(node.combine), neighborColumns(node)),
};

const sumOf = (values: Uint32Array): number => values.reduce((sum, value) => sum + value, 0);

const isGraph = (combine: NeighborCombination): boolean =>
  combine === 'connectivity' || combine === 'distances';

/** How many rows are stored. */
export const storedRows = ({ rows, features }: Pick<Neighbors, 'rows' | 'features'>): number =>
  rows.length / features;

/** Columns of the output. */
export function neighborColumns(node: Neighbors): number {
  if (node.widths) return sumOf(node.widths);
  if (node.combine === 'outlier-factor') return 1;
  return node.targets ? node.targets.length / storedRows(node) : storedRows(node);
}

function validateNeighbors(f: Fields, features: number): Own<Neighbors> {
  const rows = read(f, 'rows', sized(floats(), 1, 2 ** 31 - 1, features));
  const count = rows.length / features;
  const metric = read(f, 'metric', oneOf(...metrics));
  const combine = read(f, 'combine', oneOf(...neighborCombinations));
  const nearest = read(f, 'nearest', optional(integer(1, count)));
  const ofRadius = nearest === null;
  if (combine === 'outlier-factor' && ofRadius) fail(f, 'nearest', `${combine} needs it`);
  const widths = combine === 'shares' ? validateWidths(f) : null;
  const targets = read(f, 'targets', readTargets(f, combine, count));
  const outputs = widths?.length ?? (combine === 'means' ? targets!.length / count : 0);
  if (isGraph(combine)) within(f, 'rows', count, 1, f.limits.features);
  const scales = positive(finite(features));
  const node = {
    rows,
    metric,
    combine,
    nearest,
    widths,
    targets,
    ...readAll(f, {
      power: metric === 'minkowski' ? positive(finite(1)) : absent,
      scales: metric === 'seuclidean' ? scales : metric === 'minkowski' ? optional(scales) : absent,
      radius: ofRadius ? finite(1) : absent,
      tree: optional(map((tree) => validateTree(tree, metric, count))),
      source: oneOf(...distanceSources),
      weigh: oneOf('uniform', 'distance'),
      classes: widths
        ? every(
            tensor(uintTypes, count * widths.length),
            'a class of its output',
            (value, i) => value < widths[i % widths.length]!,
          )
        : absent,
      empty: ofRadius && outputs > 0 ? readEmpty(widths, outputs) : absent,
    }),
  };
  if (node.weigh === 'distance' && combine !== 'shares' && combine !== 'means')
    fail(f, 'weigh', `${combine} has no weights`);
  return node;
}

function validateWidths(f: Fields): Uint32Array {
  const { classes, features } = f.limits;
  const widths = read(
    f,
    'widths',
    every(
      sized(uint32s(), 1, classes),
      `1 to ${classes} classes`,
      (width) => width > 0 && width <= classes,
    ),
  );
  within(f, 'widths', sumOf(widths), 1, features);
  return widths;
}

const readTargets = (
  f: Fields,
  combine: NeighborCombination,
  count: number,
): Reader<Floats | null> =>
  combine === 'outlier-factor'
    ? floats(count * 2)
    : combine === 'means' || combine === 'sums'
      ? sized(floats(), 1, f.limits.classes, count)
      : absent;

const readEmpty = (widths: Uint32Array | null, outputs: number): Reader<Float64Array | null> =>
  widths
    ? optional(
        every(
          float64s(outputs),
          'a class of its output, or -1',
          (value, i) => Number.isInteger(value) && value >= -1 && value < widths[i]!,
        ),
      )
    : float64s(outputs);

/** Every leaf has a row: a small file must not make many nodes. */
function validateTree(f: Fields, metric: Metric, count: number): NeighborTree {
  const boxes: readonly Metric[] = ['euclidean', 'manhattan', 'chebyshev', 'minkowski'];
  const tree = readAll(f, {
    form: oneOf('kd', 'ball'),
    levels: integer(1, 32 - Math.clz32(count)),
    order: unique(indices(count, ['uint32'], count)),
  });
  if (metric === 'cosine' || (tree.form === 'kd' && !boxes.includes(metric)))
    fail(f, 'form', `not with ${metric}`);
  return tree;
}
