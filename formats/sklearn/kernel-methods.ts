import type { Node } from '../../src/ir/index.js';
import type { Estimator } from './estimator.js';
import {
  lowerPairwise,
  readMatrix,
  readReferences,
  transpose,
  weigh,
  zerosLike,
} from './kernels.js';
import type { PyDict, PyValue } from './python.js';
import type { LoweringTable } from './table.js';

/** sklearn.kernel_ridge and sklearn.kernel_approximation's Nystroem: products of scikit-learn's own kernels. */
export const kernelMethodTable: LoweringTable = {
  'sklearn.kernel_ridge.KernelRidge': lowerKernelRidge,
  'sklearn.kernel_approximation.Nystroem': lowerNystroem,
};

function lowerKernelRidge(estimator: Estimator): Node {
  const features = estimator.features();
  const references = readReferences(estimator, 'X_fit_', features);
  const kernel = lowerPairwise(estimator, references, features, (name) => estimator.maybe(name));
  const { shape, values } = readMatrix(estimator, 'dual_coef_');
  const count = references.length / features;
  const targets = shape.length === 1 ? 1 : shape[1]!;
  if (shape[0] !== count || shape.length > 2 || targets < 1)
    return estimator.refuse('dual_coef_', `expected ${count} rows, found [${shape.join(', ')}]`);
  return weigh(kernel, transpose(values, targets), zerosLike(values, targets), {
    task: 'regressor',
    targets,
    flat: shape.length === 1,
    link: 'identity',
  });
}

function lowerNystroem(estimator: Estimator): Node {
  const features = estimator.features();
  const references = readReferences(estimator, 'components_', features);
  const kernel = lowerPairwise(
    estimator,
    references,
    features,
    (name) => estimator.maybe(name) ?? entryOf(estimator.maybe('kernel_params'), name),
  );
  const { shape, values } = readMatrix(estimator, 'normalization_');
  const count = references.length / features;
  if (`${shape}` !== `${[count, count]}`)
    return estimator.refuse(
      'normalization_',
      `expected [${count}, ${count}], found [${shape.join(', ')}]`,
    );
  return weigh(kernel, values, zerosLike(values, count), null);
}

/** What a dict has at a name; null where it has nothing. */
function entryOf(value: PyValue, name: string): PyValue {
  if (value === null || typeof value !== 'object' || value.type !== 'dict') return null;
  return (value as PyDict).entries.find(([key]) => key === name)?.[1] ?? null;
}
