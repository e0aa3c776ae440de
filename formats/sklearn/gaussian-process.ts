import type { GaussianProcess, Head, Kernel, KernelStep, Node } from '../../src/ir/index.js';
import { headOf } from '../../src/ir/index.js';
import { classifierHead } from '../classifier-head.js';
import { toFloats } from './arrays.js';
import { type Estimator, isArray, unwrapScalar } from './estimator.js';
import { compareWith, readMatrix, transpose } from './kernels.js';
import { withHead } from './members.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

/** The classifier of two classes inside of every other one. */
const binaryClass = 'sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace';

/** sklearn.gaussian_process */
export const gaussianProcessTable: LoweringTable = {
  'sklearn.gaussian_process._gpr.GaussianProcessRegressor': lowerRegressor,
  'sklearn.gaussian_process._gpc.GaussianProcessClassifier': lowerClassifier,
  [binaryClass]: lowerBinary,
};

function lowerRegressor(estimator: Estimator): Node {
  const kernel = lowerCovariance(estimator);
  const count = kernel.references.length / kernel.features;
  const { shape, values } = readMatrix(estimator, 'alpha_');
  const outputs = shape.length === 1 ? 1 : shape[1]!;
  if (shape[0] !== count || shape.length > 2 || outputs < 1)
    return estimator.refuse('alpha_', `expected ${count} rows, found [${shape.join(', ')}]`);
  const head: Head = { task: 'regressor', targets: outputs, flat: outputs === 1, link: 'identity' };
  return assemble(estimator, kernel, {
    outputs,
    coefficients: transpose(Float64Array.from(values), outputs),
    scales: readEach(estimator, '_y_train_std', outputs),
    offsets: readEach(estimator, '_y_train_mean', outputs),
    weights: null,
    head,
  });
}

/** One of two classes, or several of these under one roof. */
function lowerClassifier(estimator: Estimator): Node {
  const labels = estimator.labels(estimator.get('classes_'), 'classes_');
  const isPairwise = estimator.get('multi_class') === 'one_vs_one' && labels.values.length > 2;
  const node = estimator.lowerPart(
    estimator.get('base_estimator_'),
    'base_estimator_',
    estimator.lowering.given,
  );
  if (headOf(node)?.task !== 'classifier')
    return estimator.refuse('base_estimator_', 'expected a classifier');
  return withHead(node, (head) => ({
    ...(head as Extract<Head, { task: 'classifier' }>),
    labels: [labels],
    ...(isPairwise && { probability: null }),
    decisionFunction: false,
    logProbability: isPairwise ? null : 'none',
  }));
}

function lowerBinary(estimator: Estimator): Node {
  const kernel = lowerCovariance(estimator);
  const labels = estimator.labels(estimator.get('classes_'), 'classes_');
  if (labels.values.length !== 2) estimator.refuse('classes_', 'expected two classes');
  const ofRows = (attribute: string) =>
    readEach(estimator, attribute, kernel.references.length / kernel.features);
  const known = ofRows('y_train_');
  const expected = ofRows('pi_');
  return assemble(estimator, kernel, {
    outputs: 1,
    coefficients: known.map((label, i) => label - expected[i]!),
    scales: Float64Array.of(1),
    offsets: Float64Array.of(0),
    weights: ofRows('W_sr_'),
    head: classifierHead([labels], {
      decide: 'positive',
      probability: 'own',
      logProbability: 'none',
    }),
  });
}

function assemble(
  estimator: Estimator,
  kernel: Kernel,
  own: Omit<GaussianProcess, 'kind' | 'features' | 'factor'>,
): Node {
  const count = kernel.references.length / kernel.features;
  const { shape, values } = readMatrix(estimator, 'L_');
  if (`${shape}` !== `${[count, count]}`)
    estimator.refuse('L_', `expected [${count}, ${count}], found [${shape.join(', ')}]`);
  const factor = new Float64Array((count * (count + 1)) / 2);
  for (let i = 0, at = 0; i < count; i++)
    for (let j = 0; j <= i; j++) factor[at++] = values[i * count + j]!;
  const features = count + 1;
  return {
    kind: 'pipeline',
    steps: [kernel, { kind: 'gaussian-process', features, factor, ...own }],
  };
}

/** A number for each of `count`, or one for all. */
function readEach(estimator: Estimator, attribute: string, count: number): Float64Array {
  const value = unwrapScalar(estimator.get(attribute));
  const values = typeof value === 'number' ? [value] : isArray(value) ? toFloats(value) : null;
  if (
    values === null ||
    (values.length !== count && values.length !== 1) ||
    !values.every(Number.isFinite)
  )
    return estimator.refuse(attribute, `expected ${count} finite numbers`);
  return Float64Array.from({ length: count }, (_, i) => values[values.length === 1 ? 0 : i]!);
}

/** The fitted kernel with the training rows, and the variance of each row itself. */
function lowerCovariance(estimator: Estimator): Kernel {
  const { shape, values } = readMatrix(estimator, 'X_train_');
  const features = shape[1]!;
  if (shape.length !== 2 || shape[0]! < 1 || features < 1)
    return estimator.refuse('X_train_', `expected rows, found [${shape.join(', ')}]`);
  if (values instanceof Float32Array)
    estimator.refuse('X_train_', 'float32 rows are scaled differently from version to version');
  const steps: KernelStep[] = [];
  const operands: number[] = [];
  addKernel(estimator.child('kernel_'), features, steps, operands);
  if (steps.length > 256) estimator.refuse('kernel_', 'more than 256 operations');
  return compareWith(values, features, steps, operands, true);
}

const prefix = 'sklearn.gaussian_process.kernels.';

/** Adds the steps of a kernel, in scikit-learn's own order of operations. */
function addKernel(
  kernel: Estimator,
  features: number,
  steps: KernelStep[],
  operands: number[],
): void {
  // Kernels may stand in each other without end.
  if (steps.length > 256) kernel.refuse('', 'more than 256 operations');
  const number = (attribute: string): number => {
    const value = unwrapScalar(kernel.get(attribute));
    return typeof value === 'number' && Number.isFinite(value)
      ? value
      : kernel.refuse(attribute, `expected a number, found ${describePython(value)}`);
  };
  const add = (step: KernelStep, ...own: number[]): void => {
    steps.push(step);
    operands.push(...own);
  };
  const inside = (attribute: string): void =>
    addKernel(kernel.child(attribute), features, steps, operands);
  const differences = (scales: ArrayLike<number>): void => {
    kernel.make(features);
    steps.push('squared-differences');
    for (let i = 0; i < features; i++) operands.push(scales[scales.length === 1 ? 0 : i]!);
  };
  const lengths = (): void => {
    const scales = readScales(kernel, features);
    if (scales.includes(0)) kernel.refuse('length_scale', '0');
    differences(scales);
  };
  const { className } = kernel.object;
  switch (className.startsWith(prefix) ? className.slice(prefix.length) : '') {
    case 'ConstantKernel':
      add('constant', number('constant_value'));
      break;
    case 'WhiteKernel':
      add('noise', number('noise_level'));
      break;
    case 'RBF':
      lengths();
      add('multiply', -0.5);
      add('exp');
      break;
    case 'Matern':
      addMatern(kernel, lengths, add);
      break;
    case 'RationalQuadratic': {
      const alpha = number('alpha');
      const length = number('length_scale');
      differences([1]);
      add('divide', 2 * alpha * (length * length));
      add('add', 1);
      add('power', -alpha);
      break;
    }
    case 'ExpSineSquared':
      differences([1]);
      add('sqrt');
      add('multiply', Math.PI / number('periodicity'));
      add('sin');
      add('divide', number('length_scale'));
      add('square');
      add('multiply', -2);
      add('exp');
      break;
    case 'DotProduct': {
      const sigma = number('sigma_0');
      add('dot');
      add('add', sigma * sigma);
      break;
    }
    case 'Sum':
    case 'Product':
      inside('k1');
      inside('k2');
      add(className.endsWith('Sum') ? 'sum' : 'product');
      break;
    case 'Exponentiation':
      inside('kernel');
      add('power', number('exponent'));
      break;
    default:
      kernel.refuse('', `the kernel ${describePython(className)} is not supported`);
  }
}

/** Matérn's kernels of half a number have no Bessel functions; the one of infinity is a Gaussian. */
function addMatern(
  kernel: Estimator,
  lengths: () => void,
  add: (step: KernelStep, ...own: number[]) => void,
): void {
  const nu = unwrapScalar(kernel.get('nu'));
  lengths();
  add('sqrt');
  if (nu === 0.5) {
    add('multiply', -1);
    add('exp');
  } else if (nu === 1.5) {
    add('multiply', Math.sqrt(3));
    add('matern-3/2');
  } else if (nu === 2.5) {
    add('multiply', Math.sqrt(5));
    add('matern-5/2');
  } else if (nu === Number.POSITIVE_INFINITY) {
    add('square');
    add('multiply', -0.5);
    add('exp');
  } else kernel.refuse('nu', `${describePython(nu)} is not supported: 0.5, 1.5, 2.5 and inf are`);
}

/** One length for all columns, or one each. */
function readScales(
  kernel: Estimator,
  features: number,
): ArrayLike<number> & { includes(value: number): boolean } {
  const value = unwrapScalar(kernel.get('length_scale'));
  if (typeof value === 'number') return [value];
  const values = isArray(value) ? toFloats(value) : null;
  if (
    values === null ||
    (values.length !== features && values.length !== 1) ||
    !values.every(Number.isFinite)
  )
    return kernel.refuse(
      'length_scale',
      `expected ${features} numbers, found ${describePython(value)}`,
    );
  return values;
}
