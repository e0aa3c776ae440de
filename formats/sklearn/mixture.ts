import type { ClassifierHead, Gaussian, Node } from '../../src/ir/index.js';
import { digamma } from '../../src/math/digamma.js';
import { log } from '../../src/math/log.js';
import { pairwiseSum } from '../../src/math/pairwise-sum.js';
import { classifierHead } from '../classifier-head.js';
import { toFloats } from './arrays.js';
import { readNumber } from './deviation.js';
import type { Estimator } from './estimator.js';
import { isArray, sequenceItems } from './estimator.js';
import { constantsOf, rowsOf, sumOfLogs, type Term, term } from './gaussian.js';
import { type Floats, isSingle, readMatrix, readVector } from './projection.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.mixture: a component is a class, and its score the logarithm of its weighted density */
export const mixtureTable: LoweringTable = {
  'sklearn.mixture._gaussian_mixture.GaussianMixture': (mixture) => lowerMixture(mixture, []),
  'sklearn.mixture._bayesian_mixture.BayesianGaussianMixture': lowerBayesian,
};

/** `more`: terms of all components beside the density's own; the logarithms of weights come last. */
function lowerMixture(mixture: Estimator, more: readonly Term[], weights?: Term): Node {
  const features = mixture.features();
  const { values: means, rows: outputs } = readMatrix(mixture, 'means_', { columns: features });
  const type = mixture.text('covariance_type');
  const own = weights ?? sumOfLogs(rowsOf(readVector(mixture, 'weights_', outputs), outputs));
  const components = { features, outputs, means };
  const parts =
    type === 'full' || type === 'tied'
      ? readFull(mixture, components, type === 'tied')
      : type === 'diag' || type === 'spherical'
        ? readDiagonal(mixture, components, type === 'spherical')
        : mixture.refuse('covariance_type', `unknown type ${describePython(type)}`);
  if (!own.values.every(Number.isFinite))
    mixture.refuse('weights_', 'a component without weight is not supported');
  const { determinants, ...density } = parts;
  const single = [means, density.means, density.scales].every(isSingle) && weights === undefined;
  const constant = term(new Float64Array(outputs).fill(features * log(2 * Math.PI)));
  return {
    kind: 'gaussian',
    features,
    outputs,
    nonFinite: 'refuse',
    ...density,
    ...constantsOf([constant, determinants, ...more, own], single),
    expanded: true,
    head: headOf(outputs),
  };
}

const headOf = (components: number): ClassifierHead =>
  classifierHead(
    [
      {
        dtype: 'int64',
        values: Float64Array.from({ length: components }, (_, component) => component),
      },
    ],
    { probability: 'softmax-log', logProbability: 'none', joint: 'sum' },
  );

interface Components {
  readonly features: number;
  readonly outputs: number;
  readonly means: Floats;
}

type Density = Pick<Gaussian, 'means' | 'distance' | 'scales' | 'rounded'> & {
  /** Half the logarithm of each precision's determinant. */
  readonly determinants: Term;
};

/**
 * Factors of precisions, one for all components if `tied`: upper triangular, so that their columns are what rows are multiplied with. Since 1.7
 * distances are stored in the type of the rows.
 */
function readFull(
  mixture: Estimator,
  { features, outputs, means }: Components,
  tied: boolean,
): Density {
  const size = features * features;
  const factors = readFactors(mixture, tied ? [features, features] : [outputs, features, features]);
  mixture.make(outputs * size);
  const type = isSingle(factors) ? Float32Array : Float64Array;
  const scales = new type(outputs * size);
  for (let at = 0; at < scales.length; at++) {
    const within = at % size;
    const column = Math.floor(within / features);
    const first = tied ? 0 : at - within;
    scales[at] = factors[first + (within % features) * features + column]!;
  }
  const diagonals = rowsOf(scales, outputs).map((own) =>
    own.filter((_, i) => i % (features + 1) === 0),
  );
  return {
    means,
    distance: 'factors',
    scales,
    rounded: mixture.since(1, 7) ? 'distance' : null,
    determinants: sumOfLogs(diagonals),
  };
}

/** Roots of precisions: of each column, or one for all columns of a component. */
function readDiagonal(
  mixture: Estimator,
  { features, outputs, means }: Components,
  spherical: boolean,
): Density {
  const factors = readFactors(mixture, spherical ? [outputs] : [outputs, features]);
  mixture.make(outputs * features);
  const variances = factors.map((factor) => 1 / (factor * factor));
  const scales = means.map((_, at) => variances[spherical ? Math.floor(at / features) : at]!);
  const type = isSingle(factors) ? Float32Array : Float64Array;
  return {
    means,
    distance: 'variances',
    scales: type.from(scales),
    // Rounded with the logarithm of 2π, in this version alone.
    rounded: mixture.since(1, 7) && !mixture.since(1, 8) ? 'constant' : null,
    determinants: sumOfLogs(rowsOf(factors, outputs), spherical ? features : 1),
  };
}

function readFactors(mixture: Estimator, shape: readonly number[]): Floats {
  const value = mixture.get('precisions_cholesky_');
  const values = isArray(value) && `${value.shape}` === `${shape}` ? toFloats(value) : null;
  return values?.every(Number.isFinite)
    ? values
    : mixture.refuse('precisions_cholesky_', `expected finite numbers [${shape.join(', ')}]`);
}

/** Weights and scales are expected ones: digammas of concentrations and of degrees of freedom. */
function lowerBayesian(mixture: Estimator): Node {
  const features = mixture.features();
  const { rows: outputs } = readMatrix(mixture, 'means_', { columns: features });
  const tied = mixture.text('covariance_type') === 'tied';
  const freedom = tied
    ? new Float64Array(outputs).fill(readNumber(mixture, 'degrees_of_freedom_')[0]!)
    : readVector(mixture, 'degrees_of_freedom_', outputs);
  const precision = readVector(mixture, 'mean_precision_', outputs);
  if (!freedom.every((degrees) => degrees > features - 1))
    mixture.refuse('degrees_of_freedom_', `expected more than ${features - 1}`);
  if (!precision.every((one) => one > 0))
    mixture.refuse('mean_precision_', 'expected positive numbers');
  mixture.make(outputs * features);
  const scales = rowsOf(freedom, outputs).map(([degrees]) => {
    const each = Float64Array.from({ length: features }, (_, i) => digamma(0.5 * (degrees! - i)));
    return expected(each);
  });
  const more: Term[] = [
    sumOfLogs(rowsOf(freedom, outputs), -0.5 * features),
    {
      values: Float64Array.from(
        scales,
        ({ sum }, k) => 0.5 * (features * log(2) + sum - features / precision[k]!),
      ),
      errors: Float64Array.from(scales, ({ error }) => 0.5 * error),
    },
  ];
  return lowerMixture(mixture, more, readWeights(mixture, outputs));
}

/** A sum of digammas, SciPy's own being a few steps off. */
function expected(values: Float64Array): { sum: number; error: number } {
  const sizes = values.map((value) => Math.abs(value) + 1);
  return {
    sum: pairwiseSum(values, 0, values.length),
    error: 2 ** -49 * pairwiseSum(sizes, 0, sizes.length),
  };
}

/** Expected logarithms of weights. */
function readWeights(mixture: Estimator, outputs: number): Term {
  const type = mixture.text('weight_concentration_prior_type');
  const errorOf = (values: Iterable<number>) => {
    const error = expected(Float64Array.from(values)).error;
    return new Float64Array(outputs).fill(error);
  };
  if (type === 'dirichlet_distribution') {
    const concentration = readVector(mixture, 'weight_concentration_', outputs);
    const own = Float64Array.from(concentration, digamma);
    const all = digamma(pairwiseSum(Float64Array.from(concentration), 0, outputs));
    return { values: own.map((value) => value - all), errors: errorOf([...own, all]) };
  }
  if (type !== 'dirichlet_process')
    mixture.refuse('weight_concentration_prior_type', `unknown type ${describePython(type)}`);
  const pair = sequenceItems(mixture.get('weight_concentration_')) ?? [];
  const [ones, others] = pair.map((item) => (isArray(item) ? toFloats(item) : null));
  if (ones?.length !== outputs || others?.length !== outputs)
    return mixture.refuse('weight_concentration_', `expected two arrays of ${outputs} numbers`);
  let before = 0;
  const values = new Float64Array(outputs);
  const sizes: number[] = [];
  for (let k = 0; k < outputs; k++) {
    const sum = digamma(ones[k]! + others[k]!);
    const [a, b] = [digamma(ones[k]!), digamma(others[k]!)];
    values[k] = a - sum + before;
    before += b - sum;
    sizes.push(a, b, sum);
  }
  return { values, errors: errorOf(sizes) };
}
