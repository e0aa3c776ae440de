import type { Node } from '../../src/ir/index.js';
import { readSparse } from './coefficients.js';
import { readComponents } from './decomposition.js';
import { type Estimator, isObject } from './estimator.js';
import { assembleUnion } from './pipeline.js';
import { projection } from './projection.js';
import type { LoweringTable } from './table.js';

/** sklearn.random_projection, and the components that neighbours are found with */
export const randomProjectionTable: LoweringTable = {
  'sklearn.random_projection.GaussianRandomProjection': lowerProjection,
  'sklearn.random_projection.SparseRandomProjection': lowerSparseProjection,
  'sklearn.neighbors._nca.NeighborhoodComponentsAnalysis': lowerProjection,
};

function lowerProjection(estimator: Estimator): Node {
  return projection(estimator, readComponents(estimator));
}

/** Products of sparse rows and sparse components are sparse, unless dense ones are asked for. */
function lowerSparseProjection(estimator: Estimator): Node {
  const components = estimator.get('components_');
  if (!isObject(components)) return lowerProjection(estimator);
  const { shape, values } = readSparse(estimator, 'components_', components);
  const [rows = 0, columns] = shape;
  if (columns !== estimator.features() || !values.every(Number.isFinite))
    estimator.refuse('components_', `expected finite numbers in ${estimator.features()} columns`);
  const products = projection(estimator, { values, rows, columns: columns! });
  return estimator.lowering.given.sparse && !estimator.flag('dense_output')
    ? assembleUnion(estimator, [{ columns: null, node: products }], true)
    : products;
}
