import { type ArrayOf, type Fields, type UintArray, uintTypes } from './fields.js';
import type { NodeRules } from './rules.js';
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

const floatTypes = ['float64', 'float32'] as const;
type Floats = ArrayOf<(typeof floatTypes)[number]>;

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
  gives: (node) => ({
    kind: isGraph(node.combine) ? 'sparse' : 'dense',
    columns: neighborColumns(node),
  }),
};

const isGraph = (combine: NeighborCombination): boolean =>
  combine === 'connectivity' || combine === 'distances';

/** How many rows are stored. */
export const storedRows = ({ rows, features }: Pick<Neighbors, 'rows' | 'features'>): number =>
  rows.length / features;

/** Columns of the output. */
export function neighborColumns(node: Neighbors): number {
  if (node.widths) return node.widths.reduce((sum, width) => sum + width, 0);
  if (node.combine === 'outlier-factor') return 1;
  return node.targets ? node.targets.length / storedRows(node) : storedRows(node);
}

function validateNeighbors(f: Fields, features: number): Own<Neighbors> {
  const rows = f.finite('rows', undefined, floatTypes);
  const count = f.within('rows', rows.length / features, 1, 2 ** 31 - 1);
  const metric = f.oneOf('metric', metrics);
  const scaled = metric === 'seuclidean' || metric === 'minkowski';
  const combine = f.oneOf('combine', neighborCombinations);
  const nearest = f.optional('nearest', f.integer, 1, count);
  const weigh = f.oneOf('weigh', ['uniform', 'distance']);
  if (weigh === 'distance' && combine !== 'shares' && combine !== 'means')
    f.fail('weigh', `${combine} has no weights`);
  if (combine === 'outlier-factor' && nearest === null) f.fail('nearest', `${combine} needs it`);
  const widths = combine === 'shares' ? validateWidths(f) : null;
  const targets = validateTargets(f, combine, count);
  const outputs = widths?.length ?? (combine === 'means' ? targets!.length / count : 0);
  if (isGraph(combine)) f.within('rows', count, 1, f.limits.features);
  return {
    rows,
    metric,
    power: metric === 'minkowski' ? positive(f, 'power', 1) : null,
    scales:
      metric === 'seuclidean' ||
      (scaled && f.get('scales') !== undefined && f.get('scales') !== null)
        ? positive(f, 'scales', features)
        : null,
    nearest,
    radius: nearest === null ? f.finite('radius', 1) : null,
    tree: f.optional('tree', (name) => validateTree(f.map(name), metric, count)),
    source: f.oneOf('source', distanceSources),
    combine,
    weigh,
    widths,
    classes: widths && validateClasses(f, widths, count),
    targets,
    empty: nearest === null && outputs > 0 ? validateEmpty(f, widths, outputs) : null,
  };
}

function positive(f: Fields, name: string, length: number): Float64Array {
  const values = f.finite(name, length);
  values.forEach((value, i) => {
    if (value <= 0) f.fail(`${name}[${i}]`, `expected a number above 0, found ${value}`);
  });
  return values;
}

function validateWidths(f: Fields): Uint32Array {
  const widths = f.notEmpty('widths', f.array('widths', ['uint32']));
  f.within('widths', widths.length, 1, f.limits.classes);
  let columns = 0;
  widths.forEach((width, i) => {
    columns += f.within(`widths[${i}]`, width, 1, f.limits.classes);
  });
  f.within('widths', columns, 1, f.limits.features);
  return widths;
}

function validateClasses(f: Fields, widths: Uint32Array, count: number): UintArray {
  const classes = f.array('classes', uintTypes, count * widths.length);
  for (let i = 0; i < classes.length; i++) {
    const width = widths[i % widths.length]!;
    if (classes[i]! >= width) f.fail(`classes[${i}]`, `${classes[i]} of ${width}`);
  }
  return classes;
}

function validateTargets(f: Fields, combine: NeighborCombination, count: number): Floats | null {
  if (combine === 'outlier-factor') return f.finite('targets', count * 2, floatTypes);
  if (combine !== 'means' && combine !== 'sums') return null;
  const targets = f.finite('targets', undefined, floatTypes);
  f.within('targets', targets.length / count, 1, f.limits.classes);
  return targets;
}

function validateEmpty(
  f: Fields,
  widths: Uint32Array | null,
  outputs: number,
): Float64Array | null {
  if (!widths) return f.array('empty', ['float64'], outputs);
  const empty = f.optional('empty', f.array<'float64'>, ['float64'], outputs);
  empty?.forEach((value, i) => {
    f.within(`empty[${i}]`, value, -1, widths[i]! - 1);
  });
  return empty;
}

/** Every leaf has a row: a small file must not make many nodes. */
function validateTree(f: Fields, metric: Metric, count: number): NeighborTree {
  const form = f.oneOf('form', ['kd', 'ball']);
  const boxes: readonly Metric[] = ['euclidean', 'manhattan', 'chebyshev', 'minkowski'];
  if (metric === 'cosine' || (form === 'kd' && !boxes.includes(metric)))
    f.fail('form', `not with ${metric}`);
  const levels = f.integer('levels', 1, 32 - Math.clz32(count));
  return { form, levels, order: f.unique('order', f.indices('order', count, ['uint32'], count)) };
}
