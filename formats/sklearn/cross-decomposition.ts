import type { Node } from '../../src/ir/index.js';
import { subtract } from './decomposition.js';
import type { Estimator } from './estimator.js';
import { arithmetic, elementwise } from './preprocessing.js';
import { chain, projection, readMatrix, readVector, transpose } from './projection.js';
import type { LoweringTable } from './table.js';

/** sklearn.cross_decomposition */
export const crossDecompositionTable: LoweringTable = {
  'sklearn.cross_decomposition._pls.PLSRegression': lowerPartialLeastSquares,
  'sklearn.cross_decomposition._pls.PLSCanonical': lowerPartialLeastSquares,
  'sklearn.cross_decomposition._pls.CCA': lowerPartialLeastSquares,
  'sklearn.cross_decomposition._pls.PLSSVD': lowerSingularValues,
};

/** Predicts from centred rows, up to 1.4 from scaled ones; transforms scaled rows. All of it is done in place. */
function lowerPartialLeastSquares(pls: Estimator): Node {
  const columns = pls.features();
  const centre = subtract(pls, '_x_mean', true);
  const scale = divide(pls);
  const rotations = transpose(readMatrix(pls, 'x_rotations_', { rows: columns }));
  const coefficients = readMatrix(pls, pls.since(1, 3) ? 'coef_' : '_coef_', { columns });
  const intercepts = readVector(pls, 'intercept_', coefficients.rows);
  const targets = coefficients.rows;
  const flat = pls.since(1, 3) && pls.flag('_predict_1d');
  if (flat && targets !== 1) pls.refuse('_predict_1d', `of ${targets} targets`);
  return {
    kind: 'pipeline',
    steps: [
      centre,
      ...(pls.since(1, 5) ? [] : [scale]),
      {
        ...projection(pls, coefficients, { intercepts }),
        head: { task: 'regressor', targets, flat, link: 'identity' },
      },
    ],
    beside: chain(centre, scale, projection(pls, rotations)),
  };
}

function lowerSingularValues(pls: Estimator): Node {
  const weights = transpose(readMatrix(pls, 'x_weights_', { rows: pls.features() }));
  // Rows are float64 from the first on.
  return chain(subtract(pls, '_x_mean'), divide(pls), projection(pls, weights));
}

function divide(pls: Estimator): Node {
  const features = pls.features();
  const scales = Float64Array.from(readVector(pls, '_x_std', features));
  return elementwise(features, 'any', [arithmetic('divide', scales)]);
}
