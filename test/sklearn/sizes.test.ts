import { expect, test } from 'vitest';
import { importModel } from '../../formats/index.js';
import { NuthatchError } from '../../src/errors.js';
import { createModel } from '../../src/index.js';
import type { ModelDescription } from '../../src/ir/index.js';
import { document, type Json, ndarray, toBytes } from '../hostile/documents.js';
import { estimator, floats, importEstimator, objects } from './estimators.js';

/** Models that are large in one way: what is made of them is no larger, and does not take the square of it in time. */
const soon = 5000;

const matrix = (rows: number, columns: number): Json =>
  ndarray(
    Float64Array.from({ length: rows * columns }, (_, i) => i),
    [rows, columns],
  );

test('a PCA of many columns transforms, and has no density, whatever Python says of it', async () => {
  const importPca = (columns: number) => {
    const pca = estimator('sklearn.decomposition._pca.PCA', {
      n_features_in_: columns,
      whiten: false,
      components_: matrix(1, columns),
      mean_: ndarray(new Float64Array(columns)),
      explained_variance_: floats(2),
      noise_variance_: 1,
    });
    const golden = {
      name: 'rows',
      input: { type: 'matrix', value: matrix(2, columns) },
      outputs: { score_samples: floats(0, 0), transform: matrix(2, 1) },
    };
    return importModel(toBytes(document(pca, [golden])));
  };
  const methodsOf = (model: ModelDescription) => [
    createModel(model).methods,
    model.golden[0]!.outputs.map(({ method }) => method),
  ];
  const both = ['score_samples', 'transform'];
  expect(methodsOf(await importPca(1000))).toEqual([both, both]);
  expect(methodsOf(await importPca(3000))).toEqual([['transform'], ['transform']]);
});

test(
  'clusters of many subclusters',
  async () => {
    const count = 300_000;
    const birch = estimator('sklearn.cluster._birch.Birch', {
      n_features_in_: 1,
      subcluster_centers_: matrix(count, 1),
      subcluster_labels_: ndarray(
        BigInt64Array.from({ length: count }, (_, i) => BigInt(i % 60_000)),
      ),
    });
    await importEstimator(birch);
  },
  soon,
);

test(
  'a chain in a long order',
  async () => {
    const count = 200_000;
    const chain = estimator('sklearn.multioutput.RegressorChain', {
      n_features_in_: 1,
      estimators_: new Array(count).fill(null),
      order_: Array.from({ length: count }, (_, i) => count - i),
    });
    await expect(importEstimator(chain)).rejects.toThrow('expected an order of 200000 outputs');
  },
  soon,
);

const binarizer = estimator('sklearn.preprocessing._label.MultiLabelBinarizer', {
  classes: null,
  sparse_output: false,
  classes_: objects([1, 2]),
});
const withRows = (value: Json): Promise<unknown> =>
  importModel(
    toBytes(document(binarizer, [{ name: 'rows', input: { type: 'matrix', value }, outputs: {} }])),
  );

test(
  'many golden rows of items',
  async () => {
    await withRows(matrix(20_000, 4));
  },
  soon,
);

test('more golden rows without a cell than a file can hold', async () => {
  const empty = { $: 'ndarray', dtype: '<f8', shape: [2 ** 40, 0], order: 'C', data: '' };
  await expect(withRows(empty)).rejects.toThrow(NuthatchError);
});
