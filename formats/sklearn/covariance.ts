import type { Node } from '../../src/ir/index.js';
import type { Estimator } from './estimator.js';
import { outlierHead } from './heads.js';
import { readMatrix, readVector } from './projection.js';
import type { LoweringTable } from './table.js';

/** sklearn.covariance */
export const covarianceTable: LoweringTable = {
  'sklearn.covariance._elliptic_envelope.EllipticEnvelope': lowerEllipticEnvelope,
};

/** Outliers lie farther from the location than the offset says, by their squared distance, which SciPy finds in float64. */
function lowerEllipticEnvelope(envelope: Estimator): Node {
  const features = envelope.features();
  if (envelope.maybe('precision_') === null)
    envelope.refuse('precision_', 'is not stored; fit with store_precision=True');
  const precision = readMatrix(envelope, 'precision_', { rows: features, columns: features });
  return {
    kind: 'gaussian',
    features,
    outputs: 1,
    nonFinite: 'refuse',
    means: Float64Array.from(readVector(envelope, 'location_', features)),
    distance: 'precision',
    // Scores are half of that.
    scales: Float64Array.from(precision.values, (value) => 2 * value),
    constants: Float64Array.of(0),
    rounded: null,
    expanded: false,
    uncertainty: null,
    head: outlierHead({ decisionOffset: Float64Array.of(envelope.number('offset_')) }),
  };
}
