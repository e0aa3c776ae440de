import type { Node, Uncertainty } from '../../src/ir/index.js';
import { densityOfFactors, densityOfPca, withDensity } from './component-density.js';
import type { Estimator } from './estimator.js';
import { gram, invert } from './invert.js';
import { assembleUnion } from './pipeline.js';
import { arithmetic, elementwise } from './preprocessing.js';
import {
  chain,
  type Floats,
  isSingle,
  type Matrix,
  projection,
  readMatrix,
  readVector,
  roundoff,
  transpose,
} from './projection.js';
import type { LoweringTable } from './table.js';

/** sklearn.decomposition: what projects rows on components */
export const decompositionTable: LoweringTable = {
  'sklearn.decomposition._pca.PCA': (pca) => {
    const transforming = lowerPca(pca);
    return withDensity(densityOfPca(pca), transforming);
  },
  'sklearn.decomposition._incremental_pca.IncrementalPCA': lowerIncrementalPca,
  'sklearn.decomposition._truncated_svd.TruncatedSVD': (svd) =>
    projection(svd, readComponents(svd)),
  'sklearn.decomposition._fastica.FastICA': lowerFastIca,
  'sklearn.decomposition._factor_analysis.FactorAnalysis': (analysis) => {
    const transforming = lowerFactorAnalysis(analysis);
    return withDensity(densityOfFactors(analysis), transforming);
  },
  'sklearn.decomposition._sparse_pca.SparsePCA': lowerSparsePca,
  'sklearn.decomposition._sparse_pca.MiniBatchSparsePCA': lowerSparsePca,
};

export const readComponents = (estimator: Estimator): Matrix =>
  readMatrix(estimator, 'components_', { columns: estimator.features() });

/** Subtracts an attribute [features]. The difference is float32 where rows and operand are, or where it is stored `inPlace` of such rows. */
export function subtract(estimator: Estimator, attribute: string, inPlace = false): Node {
  const features = estimator.features();
  const operands = readVector(estimator, attribute, features);
  const type = isSingle(operands) || inPlace ? null : 'float64';
  return elementwise(
    features,
    'refuse',
    [arithmetic('subtract', Float64Array.from(operands))],
    type,
  );
}

/** Rows with their zeros. */
const densify = (estimator: Estimator): readonly Node[] =>
  estimator.lowering.given.sparse
    ? [assembleUnion(estimator, [{ columns: null, node: null }], false)]
    : [];

/** IncrementalPCA gives sparse rows their zeros first, in every version. */
function lowerIncrementalPca(pca: Estimator): Node {
  return chain(...densify(pca), lowerPca(pca));
}

/** Up to 1.4 rows are centred and multiplied; since then they are multiplied and the products centred, in place. */
function lowerPca(pca: Estimator): Node {
  const components = readComponents(pca);
  const scaled = pca.flag('whiten') ? [whiten(pca, components)] : [];
  if (!pca.since(1, 5))
    return chain(subtract(pca, 'mean_'), projection(pca, components), ...scaled);
  const mean = readVector(pca, 'mean_', components.columns);
  const { values, uncertainty } = multiplyBy(components, mean);
  const { rows } = components;
  if (isSingle(components.values) === isSingle(mean)) {
    const intercepts = values.map((value) => -value);
    return chain(projection(pca, components, { intercepts, uncertainty }), ...scaled);
  }
  // float32 products stay float32 where a float64 mean is subtracted in place.
  const centre = elementwise(rows, 'any', [arithmetic('subtract', Float64Array.from(values))]);
  return chain(projection(pca, components, { uncertainty }), centre, ...scaled);
}

/** A vector times each of the matrix's rows, as Python finds it anew at each call. */
function multiplyBy(
  { values, rows, columns }: Matrix,
  vector: Floats,
): { values: Floats; uncertainty: Uncertainty } {
  const single = isSingle(values) && isSingle(vector);
  const products = new (single ? Float32Array : Float64Array)(rows);
  const sizes = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = 0; i < columns; i++) {
      const product = values[row * columns + i]! * vector[i]!;
      sum += product;
      sizes[row]! += Math.abs(product);
    }
    products[row] = sum;
  }
  const share = (8 + Math.sqrt(columns)) * roundoff(single);
  return {
    values: products,
    uncertainty: { coefficients: null, intercepts: sizes.map((size) => share * size) },
  };
}

/** Divides products by the roots of the variances, in place; since 1.5 not by less than a step of 1. */
function whiten(pca: Estimator, { rows }: Matrix): Node {
  const variances = readVector(pca, 'explained_variance_', rows);
  const step = isSingle(variances) ? 2 ** -23 : 2 ** -52;
  const least = pca.since(1, 5) ? step : 0;
  const scales = variances.map(Math.sqrt).map((scale) => Math.max(scale, least));
  return elementwise(rows, 'any', [arithmetic('divide', Float64Array.from(scales))]);
}

/** Rows are centred in place, where they are whitened. */
function lowerFastIca(ica: Estimator): Node {
  const whitened = ica.has('_whiten') ? ica.get('_whiten') : ica.get('whiten');
  const products = projection(ica, readComponents(ica));
  return whitened === false ? products : chain(subtract(ica, 'mean_', true), products);
}

/** The expected factors: products with the components divided by the noise, then with the inverse of what those make of the components. */
function lowerFactorAnalysis(analysis: Estimator): Node {
  const components = readComponents(analysis);
  const { values, rows, columns } = components;
  const noise = readVector(analysis, 'noise_variance_', columns);
  if (!noise.every((variance) => variance > 0))
    analysis.refuse('noise_variance_', 'expected positive numbers');
  const shares = { ...components, values: values.map((value, i) => value / noise[i % columns]!) };
  const { inverse, uncertainty } = invert(
    analysis,
    gram(analysis, shares, components, 1),
    columns,
    false,
  );
  return chain(
    subtract(analysis, 'mean_'),
    projection(analysis, { values: shares.values, rows, columns }),
    projection(analysis, inverse, { uncertainty }),
  );
}

/** A ridge regression of each row on the components; in the dual form where these are more than columns. */
function lowerSparsePca(pca: Estimator): Node {
  const components = readComponents(pca);
  const { rows, columns } = components;
  const single = isSingle(components.values);
  const alpha = pca.number('ridge_alpha');
  const penalty = single ? Math.fround(alpha) : alpha;
  const solveWith = (matrix: Matrix): Node => {
    const { inverse, uncertainty } = invert(
      pca,
      gram(pca, matrix, matrix, penalty),
      matrix.columns,
      single,
    );
    return projection(pca, inverse, { uncertainty });
  };
  const products = projection(pca, components);
  const centred = [
    subtract(pca, 'mean_'),
    // Targets take the type of the components.
    ...(single ? [elementwise(columns, 'any', [{ operation: 'positive' }], 'float32')] : []),
  ];
  return rows > columns
    ? chain(...centred, solveWith(transpose(components)), products)
    : chain(...centred, products, solveWith(components));
}
