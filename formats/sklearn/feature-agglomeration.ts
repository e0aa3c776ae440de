import type { Node } from '../../src/ir/index.js';
import type { Estimator } from './estimator.js';
import { arithmetic, elementwise } from './preprocessing.js';
import { chain, projection } from './projection.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.cluster: clusters of columns */
export const featureAgglomerationTable: LoweringTable = {
  'sklearn.cluster._agglomerative.FeatureAgglomeration': lowerFeatureAgglomeration,
};

/** The means of clusters of columns. Cells of compressed rows are added one after another: so are scikit-learn's, in float64. */
function lowerFeatureAgglomeration(agglomeration: Estimator): Node {
  const features = agglomeration.features();
  const func = agglomeration.get('pooling_func');
  if (
    func === null ||
    typeof func !== 'object' ||
    func.type !== 'global' ||
    func.name !== 'numpy.mean'
  )
    agglomeration.refuse('pooling_func', `expected numpy.mean, found ${describePython(func)}`);
  const { values: labels } = agglomeration.numbers('labels_', 1);
  const clusters = labels.reduce((most, label) => Math.max(most, label), -1) + 1;
  const sizes = new Float64Array(Math.min(clusters, features));
  agglomeration.make(clusters * features);
  const values = new Float64Array(clusters * features);
  labels.forEach((label, column) => {
    if (!Number.isInteger(label) || label < 0)
      agglomeration.refuse('labels_', `no cluster ${label}`);
    values[label * features + column] = 1;
    sizes[label]!++;
  });
  if (labels.length !== features || clusters > features || sizes.includes(0))
    agglomeration.refuse('labels_', `expected the clusters of ${features} columns`);
  return chain(
    elementwise(features, 'refuse', []),
    { kind: 'union', features, parts: [{ columns: null, node: null }], sparse: true },
    projection(agglomeration, { values, rows: clusters, columns: features }),
    elementwise(clusters, 'any', [arithmetic('divide', sizes)]),
  );
}
