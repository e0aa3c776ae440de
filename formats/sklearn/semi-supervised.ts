import type { Linear, Node } from '../../src/ir/index.js';
import { labelCount } from '../../src/ir/index.js';
import { classifierHead } from '../classifier-head.js';
import type { Estimator } from './estimator.js';
import { lowerPairwise, readReferences } from './kernels.js';
import { lowerSums } from './neighbors.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.semi_supervised: labels that spread to the rows they are near */
export const labelSpreadingTable: LoweringTable = {
  'sklearn.semi_supervised._label_propagation.LabelPropagation': lowerPropagation,
  'sklearn.semi_supervised._label_propagation.LabelSpreading': lowerPropagation,
};

/** The distributions of the rows that were fitted, each as often as it is similar to the row at hand. */
function lowerPropagation(estimator: Estimator): Node {
  const features = estimator.features();
  const labels = estimator.labels(estimator.get('classes_'), 'classes_');
  const classes = labelCount(labels);
  const { values, shape } = estimator.numbers('label_distributions_', 2);
  const [count = 0] = shape;
  if (shape[1] !== classes || count < 1 || !values.every(Number.isFinite))
    estimator.refuse('label_distributions_', `expected finite numbers of ${classes} classes`);
  const head = classifierHead([labels], { probability: 'normalize-nan', logProbability: 'none' });
  const kernel = estimator.text('kernel');
  if (kernel === 'knn')
    return lowerSums(estimator.child('nn_fit'), values, classes, features, head);
  if (kernel !== 'rbf')
    return estimator.refuse('kernel', `expected rbf or knn, found ${describePython(kernel)}`);
  const references = readReferences(estimator, 'X_', features);
  if (references.length !== count * features)
    estimator.refuse('X_', `expected ${count} rows of ${features} numbers`);
  const products: Linear = {
    kind: 'linear',
    features: count,
    outputs: classes,
    nonFinite: 'any',
    coefficients: Float64Array.from(
      values,
      (_, i) => values[(i % count) * classes + Math.floor(i / count)]!,
    ),
    intercepts: new Float64Array(classes),
    deviation: null,
    head,
  };
  const similar = lowerPairwise(estimator, references, features, (name) => estimator.get(name));
  return { kind: 'pipeline', steps: [similar, products] };
}
