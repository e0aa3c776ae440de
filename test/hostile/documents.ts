import type { SourceTree } from '../../src/ir/pack-trees.js';
import { drawTree } from './models.js';
import { Random } from './random.js';

/** Small sklearn-json documents, written by hand as SPEC.md of that format says the exporter writes them. */

export type Json = unknown;

type Numbers = Float64Array | Float32Array | BigInt64Array | Int32Array | Uint8Array;
const dtypes: Readonly<Record<string, string>> = {
  Float64Array: '<f8',
  Float32Array: '<f4',
  BigInt64Array: '<i8',
  Int32Array: '<i4',
  Uint8Array: '|b1',
};

export function base64(bytes: ArrayBufferView): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

export function ndarray(values: Numbers, shape: readonly number[] = [values.length]): Json {
  const dtype = dtypes[values.constructor.name];
  return { $: 'ndarray', dtype, shape, order: 'C', data: base64(values) };
}

export function strings(values: readonly string[]): Json {
  return { $: 'ndarray', dtype: '|O', shape: [values.length], order: 'C', data: values };
}

/** numpy's fixed-width strings. */
export function fixedStrings(values: readonly string[]): Json {
  const width = Math.max(1, ...values.map((value) => value.length));
  const points = new Uint32Array(values.length * width);
  for (const [i, value] of values.entries())
    for (let j = 0; j < value.length; j++) points[i * width + j] = value.charCodeAt(j);
  return {
    $: 'ndarray',
    dtype: `<U${width}`,
    shape: [values.length],
    order: 'C',
    data: base64(points),
  };
}

export const scalar = (value: number): Json => ({
  $: 'scalar',
  dtype: '<f8',
  data: base64(Float64Array.of(value)),
});

export function object(name: string, attributes: readonly (readonly [string, Json])[]): Json {
  return { $: 'object', class: name, state: { $: 'dict', items: attributes } };
}

const nodeFields = [
  ['left_child', '<i8', 0],
  ['right_child', '<i8', 8],
  ['feature', '<i8', 16],
  ['threshold', '<f8', 24],
  ['impurity', '<f8', 32],
  ['n_node_samples', '<i8', 40],
  ['weighted_n_node_samples', '<f8', 48],
  ['missing_go_to_left', '|u1', 56],
] as const;
export const nodeSize = 64;
export const nodeOffset = Object.fromEntries(
  nodeFields.map(([name, , offset]) => [name, offset]),
) as Record<(typeof nodeFields)[number][0], number>;

/** `tree_` of a decision tree. */
export function treeObject(
  tree: SourceTree,
  features: number,
  classes: readonly number[],
  valuesShape: readonly [number, number],
): Json {
  const count = tree.left.length;
  const nodes = new DataView(new ArrayBuffer(count * nodeSize));
  for (let i = 0; i < count; i++) {
    const at = i * nodeSize;
    const leaf = tree.left[i] === -1;
    nodes.setBigInt64(at, BigInt(tree.left[i]!), true);
    nodes.setBigInt64(at + 8, BigInt(tree.right[i]!), true);
    nodes.setBigInt64(at + 16, BigInt(leaf ? -2 : tree.feature[i]!), true);
    nodes.setFloat64(at + 24, leaf ? -2 : tree.threshold[i]!, true);
    nodes.setBigInt64(at + 40, 1n, true);
    nodes.setFloat64(at + 48, tree.covers![i]!, true);
    nodes.setUint8(at + 56, tree.missingLeft![i]!);
  }
  return {
    $: 'object',
    class: 'sklearn.tree._tree.Tree',
    callable: 'sklearn.tree._tree.Tree',
    args: [features, ndarray(BigInt64Array.from(classes, BigInt)), classes.length],
    state: {
      $: 'dict',
      items: [
        ['max_depth', 3],
        ['node_count', count],
        [
          'nodes',
          {
            $: 'ndarray',
            dtype: {
              names: nodeFields.map(([name]) => name),
              formats: nodeFields.map(([, format]) => format),
              offsets: nodeFields.map(([, , offset]) => offset),
              itemsize: nodeSize,
            },
            shape: [count],
            order: 'C',
            data: base64(nodes),
          },
        ],
        ['values', ndarray(tree.values, [count, ...valuesShape])],
      ],
    },
  };
}

export interface Document {
  readonly format: string;
  readonly version: string;
  readonly environment: Readonly<Record<string, Json>>;
  readonly model: Json;
  readonly golden?: Json;
}

export function document(model: Json, golden?: Json): Document {
  return {
    format: 'nuthatch/sklearn-json',
    version: '1.0',
    environment: {
      python: '3.11.7',
      platform: 'linux',
      'scikit-learn': '1.9.1',
      numpy: '2.4.6',
      cpu_features: ['X86_V2', 'X86_V3'],
    },
    model,
    ...(golden !== undefined && { golden }),
  };
}

const common = [
  ['criterion', 'gini'],
  ['splitter', 'best'],
  ['max_depth', null],
  ['monotonic_cst', null],
] as const;
const version = ['_sklearn_version', '1.9.1'] as const;

function decisionTree(
  name: string,
  seed: number,
  features: number,
  extra: readonly (readonly [string, Json])[],
  classes: readonly number[],
  splits = 4,
): Json {
  const width = Math.max(...classes);
  const tree = drawTree(new Random(seed), {
    features,
    leafColumns: classes.length * width,
    splits,
  });
  return object(`sklearn.tree._classes.${name}`, [
    ...common,
    ['n_features_in_', features],
    ['n_outputs_', classes.length],
    ...extra,
    ['tree_', treeObject(tree, features, classes, [classes.length, width])],
    version,
  ]);
}

/** A golden set with rows and answers that nothing here checks against the model. */
function golden(rows: number, columns: number): Json {
  return [
    {
      name: 'made',
      input: {
        type: 'matrix',
        value: ndarray(
          Float64Array.from({ length: rows * columns }, (_, i) => i / 7),
          [rows, columns],
        ),
      },
      outputs: {
        predict: ndarray(new Float64Array(rows)),
        apply: ndarray(new BigInt64Array(rows)),
        predict_proba: [ndarray(new Float64Array(rows * 2), [rows, 2])],
      },
      numerics: { blas_threads: 1, n_jobs: 1, avx512: false },
    },
  ];
}

/** One document for every way an estimator is lowered. */
export const documents: Readonly<Record<string, () => Document>> = {
  'tree classifier with names': () =>
    document(
      decisionTree(
        'DecisionTreeClassifier',
        1,
        3,
        [
          ['classes_', fixedStrings(['no', 'maybe', 'yes'])],
          ['n_classes_', scalar(3)],
          ['feature_names_in_', strings(['__proto__', 'größe', ''])],
        ],
        [3],
      ),
      golden(2, 3),
    ),
  'tree classifier with two outputs': () =>
    document(
      decisionTree(
        'ExtraTreeClassifier',
        2,
        2,
        [
          ['classes_', [ndarray(BigInt64Array.of(3n, 5n)), ndarray(BigInt64Array.of(1n, 2n, 9n))]],
          ['n_classes_', ndarray(BigInt64Array.of(2n, 3n))],
        ],
        [2, 3],
      ),
    ),
  'tree regressor': () => document(decisionTree('DecisionTreeRegressor', 3, 4, [], [1], 6)),
  'forest classifier': () =>
    document(
      object('sklearn.ensemble._forest.RandomForestClassifier', [
        [
          'estimator',
          {
            $: 'object',
            id: 0,
            class: 'sklearn.tree._classes.DecisionTreeClassifier',
            state: { $: 'dict', items: [...common] },
          },
        ],
        ['n_estimators', 3],
        ['estimator_params', { $: 'tuple', items: ['criterion', 'max_depth'] }],
        ['n_features_in_', 3],
        ['n_outputs_', 1],
        ['classes_', ndarray(Uint8Array.of(0, 1))],
        ['n_classes_', 2],
        ['estimator_', { $: 'ref', id: 0 }],
        [
          'estimators_',
          [4, 5, 6].map((seed) =>
            decisionTree(
              'DecisionTreeClassifier',
              seed,
              3,
              [['classes_', ndarray(Float64Array.of(0, 1))]],
              [2],
              3,
            ),
          ),
        ],
        version,
      ]),
    ),
  'logistic regression of three classes': () =>
    document(
      object('sklearn.linear_model._logistic.LogisticRegression', [
        ['solver', 'lbfgs'],
        ['n_features_in_', 2],
        ['classes_', ndarray(BigInt64Array.of(-1n, 0n, 7n))],
        [
          'coef_',
          {
            ...(ndarray(Float64Array.of(1, -1, 0.5, 2, -0.5, 0.25), [3, 2]) as object),
            order: 'F',
          },
        ],
        ['intercept_', ndarray(Float64Array.of(0.1, 0, -0.1))],
        version,
      ]),
      golden(3, 2),
    ),
  'logistic regression of an older version': () =>
    document(
      object('sklearn.linear_model._logistic.LogisticRegression', [
        ['solver', 'liblinear'],
        ['multi_class', 'ovr'],
        ['n_features_in_', 2],
        ['classes_', strings(['a', 'b'])],
        ['coef_', ndarray(Float32Array.of(1, -1), [1, 2])],
        ['intercept_', ndarray(Float32Array.of(0.5))],
        ['_sklearn_version', '1.5.2'],
      ]),
    ),
  'linear regression': () =>
    document(
      object('sklearn.linear_model._base.LinearRegression', [
        ['fit_intercept', true],
        ['n_features_in_', 3],
        ['coef_', ndarray(Float64Array.of(1, 2, -3))],
        ['intercept_', scalar(0.25)],
        version,
      ]),
    ),
  'regression with standard deviations': () =>
    document(
      object('sklearn.linear_model._bayes.ARDRegression', [
        ['threshold_lambda', 10.5],
        ['n_features_in_', 3],
        ['coef_', ndarray(Float64Array.of(1, 0, -3))],
        ['intercept_', scalar(0.25)],
        ['lambda_', ndarray(Float64Array.of(1, 20, 2))],
        ['X_offset_', ndarray(Float64Array.of(0.5, 0, -0.5))],
        ['sigma_', ndarray(Float64Array.of(2, 0.5, 0.5, 1), [2, 2])],
        ['alpha_', scalar(4)],
        version,
      ]),
    ),
  'regression of inliers': () =>
    document(
      object('sklearn.linear_model._ransac.RANSACRegressor', [
        ['n_features_in_', 2],
        [
          'estimator_',
          object('sklearn.linear_model._glm.glm.TweedieRegressor', [
            ['link', 'auto'],
            ['power', 1.5],
            ['n_features_in_', 2],
            ['coef_', ndarray(Float64Array.of(0.5, -0.25))],
            ['intercept_', scalar(0.125)],
            version,
          ]),
        ],
        version,
      ]),
    ),
  'classifier with sparse coefficients': () =>
    document(
      object('sklearn.linear_model._stochastic_gradient.SGDClassifier', [
        ['loss', 'modified_huber'],
        ['n_features_in_', 3],
        ['classes_', strings(['a', 'b', 'c'])],
        [
          'coef_',
          object('scipy.sparse._csr.csr_matrix', [
            ['_shape', { $: 'tuple', items: [3, 3] }],
            ['indptr', ndarray(Int32Array.of(0, 2, 2, 3))],
            ['indices', ndarray(Int32Array.of(2, 0, 1))],
            ['data', ndarray(Float64Array.of(1.5, -0.5, 2))],
          ]),
        ],
        ['intercept_', ndarray(Float64Array.of(0.1, 0, -0.1))],
        version,
      ]),
    ),
  'classifier of several labels': () =>
    document(
      object('sklearn.linear_model._ridge.RidgeClassifier', [
        ['n_features_in_', 2],
        ['coef_', ndarray(Float64Array.of(1, -1, 0.5, 2), [2, 2])],
        ['intercept_', 0.25],
        [
          '_label_binarizer',
          object('sklearn.preprocessing._label.LabelBinarizer', [
            ['y_type_', 'multilabel-indicator'],
            ['classes_', ndarray(BigInt64Array.of(0n, 1n))],
          ]),
        ],
        version,
      ]),
    ),
  'outlier detector': () =>
    document(
      object('sklearn.linear_model._stochastic_gradient.SGDOneClassSVM', [
        ['n_features_in_', 2],
        ['coef_', ndarray(Float64Array.of(1, -1))],
        ['offset_', ndarray(Float64Array.of(0.5))],
        version,
      ]),
    ),
};

export function toBytes(value: Json): Uint8Array {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
}
