import type { Factorization, Node } from '../../src/ir/index.js';
import type { Estimator } from './estimator.js';
import { chain, readMatrix } from './projection.js';
import type { LoweringTable } from './table.js';

/** sklearn.decomposition: how much of each component is in a row, by steps that are repeated until it moves little */
export const factorizationTable: LoweringTable = {
  'sklearn.decomposition._lda.LatentDirichletAllocation': lowerDirichlet,
};

/** Topics of a document, whose shares add up to 1. */
function lowerDirichlet(allocation: Estimator): Node {
  const { components, ...own } = readComponents(allocation, 'exp_dirichlet_component_');
  const prior = allocation.number('doc_topic_prior_');
  const shares: Factorization = {
    ...own,
    components,
    update: 'variational',
    prior: Float64Array.of(expectAtLeast(allocation, 'doc_topic_prior_', prior, 2 ** -19)),
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
