import { quote } from '../../src/errors.js';
import type { Factorization, Node, Update } from '../../src/ir/index.js';
import { type Estimator, unwrapScalar } from './estimator.js';
import { chain, readMatrix } from './projection.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.decomposition: how much of each component is in a row, by steps that are repeated until it moves little */
export const factorizationTable: LoweringTable = {
  'sklearn.decomposition._lda.LatentDirichletAllocation': lowerDirichlet,
  'sklearn.decomposition._nmf.NMF': (factors) => {
    const solver = factors.text('solver');
    const losses = { cd: 'coordinates', mu: lossOf(factors, 'beta_loss') } as const;
    if (solver !== 'cd' && solver !== 'mu')
      return factors.refuse('solver', `expected cd or mu, found ${quote(solver)}`);
    if (solver === 'cd' && factors.flag('shuffle'))
      factors.refuse('shuffle', 'coordinates in random order are not supported');
    return lowerFactors(factors, losses[solver], 'max_iter');
  },
  'sklearn.decomposition._nmf.MiniBatchNMF': (factors) =>
    lowerFactors(factors, `${lossOf(factors, '_beta_loss')}-change`, '_transform_max_iter'),
};

/** The loss that steps make less. */
function lossOf(factors: Estimator, attribute: string): 'frobenius' | 'kullback-leibler' {
  const loss = unwrapScalar(factors.get(attribute));
  if (loss === 'frobenius' || loss === 2) return 'frobenius';
  if (loss !== 'kullback-leibler' && loss !== 1)
    return factors.refuse(
      attribute,
      `${describePython(loss)} is not supported; frobenius and kullback-leibler are`,
    );
  if (!factors.since(1, 3))
    factors.refuse(attribute, 'kullback-leibler is supported from scikit-learn 1.3 on');
  return 'kullback-leibler';
}

/**
 * How much of each component is in a row. scikit-learn ends steps where all rows that are asked together move little, and begins with their mean, so that an answer hangs
 * on the rows beside it: here each row gets what scikit-learn answers when it is asked alone.
 */
function lowerFactors(factors: Estimator, update: Update, iterations: string): Factorization {
  const own = readComponents(factors, 'components_');
  const { features } = own;
  if (own.components instanceof Float32Array)
    factors.refuse('components_', 'float32 components are not supported');
  const alpha = expectAtLeast(factors, 'alpha_W', factors.number('alpha_W'), 0);
  const ratio = factors.number('l1_ratio');
  if (
    alpha === 0 &&
    typeof unwrapScalar(factors.maybe('alpha')) === 'number' &&
    factors.number('alpha') !== 0
  )
    factors.refuse('alpha', 'is not supported; alpha_W is');
  const penalty = features * alpha * ratio;
  if (update === 'kullback-leibler' && penalty > 0)
    factors.refuse('l1_ratio', 'scikit-learn adds this penalty again in each step');
  return {
    ...own,
    update,
    penalties: Float64Array.of(penalty, features * alpha * (1 - ratio)),
    iterations: readSteps(factors, iterations),
    tolerance: readTolerance(factors, 'tol'),
  };
}

/** Topics of a document, whose shares add up to 1. */
function lowerDirichlet(allocation: Estimator): Node {
  const { components, ...own } = readComponents(allocation, 'exp_dirichlet_component_');
  const prior = allocation.number('doc_topic_prior_');
  const shares: Factorization = {
    ...own,
    components,
    update: 'variational',
    penalties: Float64Array.of(expectAtLeast(allocation, 'doc_topic_prior_', prior, 2 ** -19)),
    iterations: readSteps(allocation, 'max_doc_update_iter'),
    tolerance: readTolerance(allocation, 'mean_change_tol'),
  };
  return chain(shares, {
    kind: 'row-norm',
    features: own.outputs,
    nonFinite: 'any',
    norm: 'l1',
  });
}

function readComponents(estimator: Estimator, attribute: string) {
  const { values, rows, columns } = readMatrix(estimator, attribute, {
    columns: estimator.features(),
  });
  if (rows > 1024)
    estimator.refuse(attribute, `${rows} components are too many, at most 1024 are supported`);
  if (!values.every((value) => value >= 0))
    estimator.refuse(attribute, 'expected no numbers below 0');
  const nonFinite = 'refuse' as const;
  return {
    kind: 'factorization' as const,
    features: columns,
    outputs: rows,
    nonFinite,
    components: values,
  };
}

function readSteps(estimator: Estimator, attribute: string): number {
  const steps = estimator.integer(attribute);
  return steps >= 0 && steps <= 10_000
    ? steps
    : estimator.refuse(attribute, `expected 0 to 10000, found ${steps}`);
}

const readTolerance = (estimator: Estimator, attribute: string): Float64Array =>
  Float64Array.of(expectAtLeast(estimator, attribute, estimator.number(attribute), 0));

const expectAtLeast = (
  estimator: Estimator,
  attribute: string,
  value: number,
  least: number,
): number =>
  value >= least && value < Infinity
    ? value
    : estimator.refuse(attribute, `expected a number from ${least}, found ${value}`);
