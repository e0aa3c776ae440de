import type {
  Arithmetic,
  Center,
  Elementwise,
  EncodeColumn,
  FunctionName,
  Node,
  NonFinitePolicy,
  Norm,
  Operation,
  Polynomial,
  ResultType,
  RowNorm,
} from '../../src/ir/index.js';
import { norms } from '../../src/ir/index.js';
import { dtypeName, toFloat64 } from './arrays.js';
import { type Estimator, isArray, sequenceItems } from './estimator.js';
import { describePython } from './python.js';
import type { LoweringTable } from './table.js';

export const functionTransformer =
  'sklearn.preprocessing._function_transformer.FunctionTransformer';

export const scalers = {
  standard: 'sklearn.preprocessing._data.StandardScaler',
  minMax: 'sklearn.preprocessing._data.MinMaxScaler',
  maxAbs: 'sklearn.preprocessing._data.MaxAbsScaler',
  robust: 'sklearn.preprocessing._data.RobustScaler',
} as const;

/** sklearn.preprocessing: what works on numbers */
export const preprocessingTable: LoweringTable = {
  [scalers.standard]: lowerStandardScaler,
  [scalers.minMax]: lowerMinMaxScaler,
  [scalers.maxAbs]: lowerMaxAbsScaler,
  [scalers.robust]: lowerRobustScaler,
  'sklearn.preprocessing._data.Normalizer': lowerNormalizer,
  'sklearn.preprocessing._data.KernelCenterer': lowerKernelCenterer,
  'sklearn.preprocessing._data.Binarizer': lowerBinarizer,
  'sklearn.preprocessing._polynomial.PolynomialFeatures': lowerPolynomialFeatures,
  'sklearn.preprocessing._discretization.KBinsDiscretizer': lowerKBinsDiscretizer,
  [functionTransformer]: lowerFunctionTransformer,
};

export function elementwise(
  features: number,
  nonFinite: NonFinitePolicy,
  operations: readonly Operation[],
  type: ResultType | null = null,
): Elementwise {
  return { kind: 'elementwise', features, nonFinite, type, operations };
}

/** Operands of an in-place operation of numpy's with an array: float32 cells are rounded after it only. */
export function arithmetic(
  operation: Arithmetic['operation'],
  operands: Float64Array,
  rounded = false,
): Arithmetic {
  return { operation, operands, rounded };
}

/** The same operand for every column, as a Python float: float32 cells meet it rounded to float32. */
export function constant(
  estimator: Estimator,
  operation: Arithmetic['operation'],
  value: number,
  features: number,
): Arithmetic {
  estimator.make(features);
  return arithmetic(operation, new Float64Array(features).fill(value), true);
}

/** A number that numpy treats as a Python one. A numpy scalar is treated so by numpy 1 alone. */
export function weakNumber(estimator: Estimator, attribute: string): number {
  const value = estimator.number(attribute);
  if (isArray(estimator.get(attribute)) && Math.fround(value) !== value)
    estimator.refuse(attribute, 'a numpy scalar rounds differently from version to version');
  return value;
}

/** An attribute [features]. */
export function operandsOf(scaler: Estimator, attribute: string): Float64Array {
  const { values } = scaler.numbers(attribute, 1);
  if (values.length !== scaler.features())
    scaler.refuse(attribute, `expected ${scaler.features()} numbers, found ${values.length}`);
  return values;
}

/** Dense rows are divided by the scale, sparse ones multiplied by what it is the reciprocal of. */
function scaleDown(scaler: Estimator, rounded = false): Arithmetic {
  const scale = operandsOf(scaler, 'scale_');
  return scaler.lowering.given.sparse
    ? arithmetic(
        'multiply',
        scale.map((value) => 1 / value),
      )
    : arithmetic('divide', scale, rounded);
}

export function lowerStandardScaler(scaler: Estimator): Elementwise {
  // From 1.8 the mean and the scale are cast to the rows' dtype first.
  const rounded = scaler.since(1, 8);
  const operations: Arithmetic[] = [];
  if (scaler.flag('with_mean'))
    operations.push(arithmetic('subtract', operandsOf(scaler, 'mean_'), rounded));
  if (scaler.flag('with_std')) operations.push(scaleDown(scaler, rounded));
  return elementwise(scaler.features(), 'nan', operations);
}

function lowerMinMaxScaler(scaler: Estimator): Elementwise {
  const features = scaler.features();
  const operations = [
    arithmetic('multiply', operandsOf(scaler, 'scale_')),
    arithmetic('add', operandsOf(scaler, 'min_')),
  ];
  if (scaler.flag('clip')) {
    const range = sequenceItems(scaler.get('feature_range'));
    if (range?.length !== 2 || !range.every((value) => typeof value === 'number'))
      return scaler.refuse('feature_range', 'expected two Python numbers');
    const [low, high] = range as [number, number];
    operations.push(
      constant(scaler, 'maximum', low, features),
      constant(scaler, 'minimum', high, features),
    );
  }
  return elementwise(features, 'nan', operations);
}

function lowerMaxAbsScaler(scaler: Estimator): Elementwise {
  const features = scaler.features();
  const operations = [scaleDown(scaler)];
  // A parameter since 1.8.
  if (scaler.since(1, 8) && scaler.flag('clip'))
    operations.push(
      constant(scaler, 'maximum', -1, features),
      constant(scaler, 'minimum', 1, features),
    );
  return elementwise(features, 'nan', operations);
}

function lowerRobustScaler(scaler: Estimator): Elementwise {
  const operations: Arithmetic[] = [];
  if (scaler.flag('with_centering'))
    operations.push(arithmetic('subtract', operandsOf(scaler, 'center_')));
  if (scaler.flag('with_scaling')) operations.push(scaleDown(scaler));
  return elementwise(scaler.features(), 'nan', operations);
}

function lowerNormalizer(normalizer: Estimator): RowNorm {
  const norm = normalizer.text('norm');
  if (!norms.some((known) => known === norm))
    normalizer.refuse('norm', `expected one of ${norms.join(', ')}`);
  const features = normalizer.features();
  return { kind: 'row-norm', features, nonFinite: 'refuse', norm: norm as Norm };
}

export function lowerKernelCenterer(centerer: Estimator): Center {
  const means = operandsOf(centerer, 'K_fit_rows_');
  const mean = Float64Array.of(centerer.number('K_fit_all_'));
  return { kind: 'center', features: means.length, nonFinite: 'refuse', means, mean };
}

function lowerBinarizer(binarizer: Estimator): Elementwise {
  refuseSmall(binarizer);
  const features = binarizer.features();
  const threshold = weakNumber(binarizer, 'threshold');
  return elementwise(features, 'refuse', [constant(binarizer, 'greater', threshold, features)]);
}

function refuseSmall(transformer: Estimator): void {
  if (transformer.lowering.given.small)
    transformer.refuse('', 'of integers or booleans of less than 32 bits is not supported');
}

function lowerPolynomialFeatures(transformer: Estimator): Polynomial {
  const features = transformer.features();
  const least = Math.max(1, transformer.integer('_min_degree'));
  const most = transformer.integer('_max_degree');
  const repeats = !transformer.flag('interaction_only');
  const starts = [0];
  const factors: number[] = [];
  const finish = (product: readonly number[]): void => {
    transformer.make(product.length + 1);
    factors.push(...product);
    starts.push(factors.length);
  };
  if (transformer.flag('include_bias')) finish([]);
  /** Products of `degree` more columns, the first of them `from` or later, in lexicographic order. */
  const extend = (product: readonly number[], from: number, degree: number): void => {
    if (degree === 0) {
      finish(product);
      return;
    }
    const last = repeats ? features - 1 : features - degree;
    for (let column = from; column <= last; column++)
      extend([...product, column], repeats ? column : column + 1, degree - 1);
  };
  // Degrees that no product of distinct columns has are without end in a hostile file.
  const highest = repeats ? most : Math.min(most, features);
  if (highest > transformer.lowering.limits.nesting)
    transformer.refuse('_max_degree', `above ${transformer.lowering.limits.nesting}`);
  for (let degree = least; degree <= highest; degree++) extend([], 0, degree);
  if (starts.length === 1) transformer.refuse('', 'gives no column');
  return {
    kind: 'polynomial',
    features,
    nonFinite: 'refuse',
    starts: Uint32Array.from(starts),
    factors: Uint32Array.from(factors),
  };
}

/** The number of inner edges that are not above a value, or its one-hot code. */
function lowerKBinsDiscretizer(discretizer: Estimator): Node {
  const features = discretizer.features();
  const edges = discretizer.items('bin_edges_').map((item, i) => {
    const values = isArray(item) ? toFloat64(item) : null;
    return values !== null && values.length >= 2
      ? values.subarray(1, -1)
      : discretizer.refuse(`bin_edges_[${i}]`, 'expected an array of at least two edges');
  });
  if (edges.length !== features)
    discretizer.refuse('bin_edges_', `expected the edges of ${features} columns`);
  const starts = new Uint32Array(features + 1);
  edges.forEach(({ length }, i) => {
    starts[i + 1] = starts[i]! + length;
  });
  const type = binType(discretizer);
  const all = Float64Array.from(edges.flatMap((inner) => [...inner]));
  const bin = elementwise(features, 'refuse', [{ operation: 'bin', starts, edges: all }], type);
  // Numbers are converted before they are compared.
  const cast = elementwise(features, 'refuse', [{ operation: 'positive' }], 'float32');
  const steps: Node[] = type === 'float32' ? [cast, bin] : [bin];
  const encode = discretizer.text('encode');
  if (encode === 'ordinal') return steps.length === 1 ? bin : { kind: 'pipeline', steps };
  if (encode !== 'onehot' && encode !== 'onehot-dense')
    return discretizer.refuse('encode', `unknown encoding ${describePython(encode)}`);
  const columns = edges.map(({ length }): EncodeColumn => {
    const marks = Int32Array.from({ length: length + 1 }, (_, code) => code);
    return {
      strings: null,
      numbers: Float64Array.from(marks),
      missing: false,
      unknown: false,
      width: marks.length,
      values: null,
      marks,
    };
  });
  steps.push({
    kind: 'encode',
    features,
    nonFinite: 'refuse',
    type,
    sparse: encode === 'onehot',
    columns,
  });
  return { kind: 'pipeline', steps };
}

/** What codes are stored as: the input's type, or the one asked for. */
function binType(discretizer: Estimator): ResultType | null {
  const dtype = discretizer.get('dtype');
  if (dtype === null) return null;
  const type = dtypeName(dtype);
  return type === 'float64' || type === 'float32'
    ? type
    : discretizer.refuse('dtype', 'expected None, float32 or float64');
}

/** numpy's functions, by the name that they are pickled with, and what they are in the IR; null for the identity. */
const numpyFunctions: Readonly<Record<string, FunctionName | null>> = {
  'builtins.abs': 'absolute',
  'numpy.absolute': 'absolute',
  'numpy.fabs': 'absolute',
  'numpy.negative': 'negative',
  'numpy.positive': null,
  'numpy.square': 'square',
  'numpy.sqrt': 'sqrt',
  'numpy.reciprocal': 'reciprocal',
  'numpy.sign': 'sign',
  'numpy.floor': 'floor',
  'numpy.ceil': 'ceil',
  'numpy.trunc': 'trunc',
  'numpy.rint': 'rint',
  'numpy.exp': 'exp',
  'numpy.expm1': 'expm1',
  'numpy.log': 'log',
  'numpy.log1p': 'log1p',
  'numpy.tanh': 'tanh',
};

/** What scipy's sparse matrices do element by element under numpy's name. */
const sparseFunctions: readonly FunctionName[] = [
  'absolute',
  'negative',
  'sqrt',
  'sign',
  'floor',
  'ceil',
  'trunc',
  'rint',
  'expm1',
  'log1p',
  'tanh',
];

function lowerFunctionTransformer(transformer: Estimator): Elementwise {
  const features = transformer.lowering.given.columns;
  // scikit-learn 1.1 has not counted columns that it did not validate.
  if (features === null)
    return transformer.refuse(
      '',
      'does not say how many columns it takes; export it with golden rows, or in a pipeline',
    );
  // Without validation whatever comes is handed to the function, NaN and infinity, too.
  const policy = transformer.flag('validate') ? 'refuse' : 'any';
  return applyFunction(transformer, 'func', 'kw_args', features, policy);
}

/** A function of numpy's that an attribute holds. */
export function applyFunction(
  transformer: Estimator,
  attribute: 'func' | 'inverse_func',
  argumentsName: 'kw_args' | 'inv_kw_args',
  features: number,
  policy: NonFinitePolicy,
): Elementwise {
  const func = transformer.get(attribute);
  if (func === null) return elementwise(features, policy, []);
  const name = typeof func === 'object' && func.type === 'global' ? func.name : null;
  if (name === null || !Object.hasOwn(numpyFunctions, name)) {
    const known = Object.keys(numpyFunctions).join(', ');
    return transformer.refuse(
      attribute,
      `${describePython(func)} is not supported; this release knows ${known}`,
    );
  }
  const options = transformer.maybe(argumentsName);
  const empty =
    options === null ||
    (typeof options === 'object' && options.type === 'dict' && options.entries.length === 0);
  if (!empty) transformer.refuse(argumentsName, 'arguments of a function are not supported');
  const operation = numpyFunctions[name]!;
  if (operation === null) return elementwise(features, policy, []);
  refuseSmall(transformer);
  if (transformer.lowering.given.sparse && !sparseFunctions.includes(operation))
    transformer.refuse(attribute, `${describePython(func)} of sparse rows is not supported`);
  return elementwise(features, policy, [{ operation }]);
}
