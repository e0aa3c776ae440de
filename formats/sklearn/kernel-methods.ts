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
import { lowerKernelCenterer } from './preprocessing.js';
import type { PyDict, PyValue } from './python.js';
import type { LoweringTable } from './table.js';

/** KernelRidge, Nystroem and KernelPCA: products of scikit-learn's own kernels. */
export const kernelMethodTable: LoweringTable = {
  'sklearn.kernel_ridge.KernelRidge': lowerKernelRidge,
  'sklearn.kernel_approximation.Nystroem': lowerNystroem,
  'sklearn.decomposition._kernel_pca.KernelPCA': lowerKernelPca,
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

/** Similarities, centred as those of the fitted rows are, times eigenvectors divided by the roots of their eigenvalues, where these are not 0. */
function lowerKernelPca(estimator: Estimator): Node {
  const features = estimator.features();
  const references = readReferences(estimator, 'X_fit_', features);
  // `gamma_` is the number that was used, from 1.3 on.
  const kernel = lowerPairwise(estimator, references, features, (name) =>
    estimator.maybe(name === 'gamma' && estimator.has('gamma_') ? 'gamma_' : name),
  );
  const count = references.length / features;
  const { shape, values } = readMatrix(estimator, 'eigenvectors_');
  const { values: eigenvalues } = readMatrix(estimator, 'eigenvalues_');
  const outputs = eigenvalues.length;
  if (outputs < 1 || `${shape}` !== `${[count, outputs]}`)
    return estimator.refuse(
      'eigenvectors_',
      `expected [${count}, ${outputs}], found [${shape.join(', ')}]`,
    );
  const scaled = values.map((value, i) => {
    const eigenvalue = eigenvalues[i % outputs]!;
    const root =
      values instanceof Float32Array ? Math.fround(Math.sqrt(eigenvalue)) : Math.sqrt(eigenvalue);
    return eigenvalue === 0 ? 0 : value / root;
  });
  if (!scaled.every(Number.isFinite)) estimator.refuse('eigenvalues_', 'negative');
  const { steps } = weigh(kernel, transpose(scaled, outputs), zerosLike(values, outputs), null);
  const centerer = estimator.child('_centerer', ['sklearn.preprocessing._data.KernelCenterer']);
  const center = lowerKernelCenterer(centerer);
  if (center.features !== count) estimator.refuse('_centerer', `expected ${count} columns`);
  // What is not finite there was found, not given.
  return { kind: 'pipeline', steps: [steps[0]!, { ...center, nonFinite: 'any' }, steps[1]!] };
}

/** What a dict has at a name; null where it has nothing. */
function entryOf(value: PyValue, name: string): PyValue {
  if (value === null || typeof value !== 'object' || value.type !== 'dict') return null;
  return (value as PyDict).entries.find(([key]) => key === name)?.[1] ?? null;
}
