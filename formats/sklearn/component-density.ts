import type { Gaussian, Node } from '../../src/ir/index.js';
import { log } from '../../src/math/log.js';
import { readNumber } from './deviation.js';
import type { Estimator } from './estimator.js';
import { constantsOf, sumOfLogs, type Term, term } from './gaussian.js';
import { factorOf, gram, mostProducts } from './invert.js';
import {
  type Floats,
  isSingle,
  type Matrix,
  readMatrix,
  readVector,
  roundoff,
} from './projection.js';

/** What transforms, and beside it the density that `score_samples` says; alone where that has no answer. */
export const withDensity = (density: Node | null, transforming: Node): Node =>
  density === null ? transforming : { kind: 'pipeline', steps: [density], beside: transforming };

/**
 * The density of a PCA: Gaussian, with the noise's variance σ² but along the components. There it is vᵢ = σ² + dᵢ, dᵢ being what is explained less the noise; of a
 * PCA that whitens, what is explained times that instead. Null where scikit-learn's own inverse is not finite or rounding is all of it, as of columns
 * that depend on each other, where rows are compressed, or columns are many.
 *
 * scikit-learn inverts a matrix at each call, whose condition says how far its precision is from ours: by no more than that share of 1/σ² in any direction.
 */
export function densityOfPca(pca: Estimator): Node | null {
  const components = readMatrix(pca, 'components_', { columns: pca.features() });
  const { rows, columns } = components;
  const explained = readVector(pca, 'explained_variance_', rows);
  const noise = readNumber(pca, 'noise_variance_')[0]!;
  const whitens = pca.flag('whiten');
  const scales = explained.map((variance) => (whitens ? variance : 1));
  const differences = explained.map((variance) => variance - noise);
  const along = Float64Array.from(differences, (difference, i) => noise + scales[i]! * difference);
  const across = rows < columns ? noise : Number.POSITIVE_INFINITY;
  const least = along.reduce((all, variance) => Math.min(all, variance), across);
  const most = along.reduce((all, variance) => Math.max(all, variance), 0);
  if (pca.lowering.given.sparse || !differences.every((one) => one > 0) || !(least > 0))
    return null;
  if (noise === 0 && rows < columns) return null;
  const sizes = Array.from(differences, (one, i) => scales[i]! / noise + 1 / one);
  const condition = noise === 0 ? most / least : Math.max(...sizes) / Math.min(...sizes);
  const single = isSingle(components.values);
  const share = 4 * (8 + Math.sqrt(columns)) * roundoff(single) * (1 + condition);
  const uncertainty = columns * most * (share / least);
  if (!(uncertainty < 1) || !isSmall(pca, components)) return null;
  const base = noise === 0 ? 0 : 1 / noise;
  const precision = combine(
    components,
    along.map((variance) => 1 / variance - base),
    new Float64Array(columns).fill(base),
  );
  const spread = new Float64Array(columns).fill(share / least);
  const logs = sumOfLogs([along], -1);
  return density(pca, precision, {
    single: single && isSingle(readVector(pca, 'mean_', columns)),
    determinant: logs.values[0]! - (rows < columns ? (columns - rows) * log(noise) : 0),
    uncertainty,
    spread,
  });
}

/**
 * The density of a factor analysis, whose precision is Ψ⁻¹ − Sᵀ · M⁻¹ · S, S being the components divided by the noise Ψ and M the identity and S times the
 * components: its inverse is off by no more than M's condition, which is at most its trace. Null where columns are many.
 */
export function densityOfFactors(analysis: Estimator): Node | null {
  const components = readMatrix(analysis, 'components_', { columns: analysis.features() });
  const { rows, columns } = components;
  if (!isSmall(analysis, components)) return null;
  const noise = Float64Array.from(readVector(analysis, 'noise_variance_', columns));
  const shares = Float64Array.from(components.values, (value, i) => value / noise[i % columns]!);
  const matrix = gram(analysis, { ...components, values: shares }, components, 1);
  const factor = factorOf(analysis, matrix);
  // L⁻¹ · S, so that the precision is a difference of squares.
  const solved = Float64Array.from(shares);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < columns; i++) {
      let sum = solved[row * columns + i]!;
      for (let k = 0; k < row; k++) sum -= factor[row * rows + k]! * solved[k * columns + i]!;
      solved[row * columns + i] = sum / factor[row * rows + row]!;
    }
  const precision = combine(
    { values: solved, rows, columns },
    new Float64Array(rows).fill(-1),
    noise.map((variance) => 1 / variance),
  );
  const diagonal = Float64Array.from({ length: rows }, (_, k) => factor[k * rows + k]!);
  let trace = 0;
  for (let k = 0; k < rows; k++) trace += matrix.values[k * rows + k]!;
  const variances = noise.map((variance, i) => variance + columnSquares(components, i));
  // Of as many factors as columns the covariance itself is inverted.
  const whole = analysis.maybe('n_components') === columns;
  const least = noise.reduce((all, variance) => Math.min(all, variance), Number.POSITIVE_INFINITY);
  const total = variances.reduce((sum, variance) => sum + variance, 0);
  const share = 4 * (8 + Math.sqrt(columns)) * roundoff(false);
  const spread = noise.map(
    (variance, i) =>
      share *
      (1 / variance +
        columns * trace * columnSquares({ ...components, values: shares }, i) +
        (whole ? total / (least * least) : 0)),
  );
  const logs = [sumOfLogs([noise], -1), sumOfLogs([diagonal], -2)];
  return density(analysis, precision, {
    single: false,
    determinant: logs.reduce((sum, { values }) => sum + values[0]!, 0),
    uncertainty: variances.reduce((sum, variance, i) => sum + variance * spread[i]!, 0),
    spread,
  });
}

/** Whether a precision matrix is soon made: those who project many columns on few components ask for no density. */
const isSmall = (estimator: Estimator, { rows, columns }: Matrix): boolean =>
  rows * columns * columns <= mostProducts && estimator.mayMake(columns * columns);

interface Facts {
  /** Whether float32 rows have float32 densities. */
  readonly single: boolean;
  /** The logarithm of the precision's determinant, and how far it may be off. */
  readonly determinant: number;
  readonly uncertainty: number;
  readonly spread: Float64Array;
}

function density(
  estimator: Estimator,
  precision: Float64Array,
  { single, determinant, uncertainty, spread }: Facts,
): Gaussian {
  const features = estimator.features();
  const type = single ? Float32Array : Float64Array;
  const own: Term = {
    values: Float64Array.of(-0.5 * (features * log(2 * Math.PI) - determinant)),
    errors: Float64Array.of(0.5 * uncertainty),
  };
  return {
    kind: 'gaussian',
    features,
    outputs: 1,
    nonFinite: 'refuse',
    means: type.from(readVector(estimator, 'mean_', features) as Float64Array),
    distance: 'precision',
    scales: type.from(precision),
    ...constantsOf([term([0]), own], single),
    spread,
    rounded: null,
    expanded: false,
    head: { task: 'density' },
  };
}

/** A diagonal, and the product of each of some rows with itself, times a factor. */
function combine(
  { values, rows, columns }: Matrix,
  factors: Float64Array,
  diagonal: Float64Array,
): Float64Array {
  const sums = new Float64Array(columns * columns);
  for (let i = 0; i < columns; i++)
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? diagonal[i]! : 0;
      for (let k = 0; k < rows; k++)
        sum += factors[k]! * values[k * columns + i]! * values[k * columns + j]!;
      sums[i * columns + j] = sum;
      sums[j * columns + i] = sum;
    }
  return sums;
}

/** The sum of the squares of a column. */
function columnSquares(
  {
    values,
    rows,
    columns,
  }: { readonly values: Floats; readonly rows: number; readonly columns: number },
  column: number,
): number {
  let sum = 0;
  for (let k = 0; k < rows; k++)
    sum += values[k * columns + column]! * values[k * columns + column]!;
  return sum;
}
