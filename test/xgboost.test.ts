import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importModel, writeNut } from '../formats/index.js';
import {
  asClassifier,
  createModel,
  type ErrorCode,
  load,
  type ModelDescription,
  NuthatchError,
  webAssembly,
} from '../src/index.js';
import type { Trees } from '../src/ir/index.js';
import { ask, mostSteps, stepsApart } from './boosting/answers.js';
import { hasCorpus, readAnswers, readCorpus, readRows, toRows } from './boosting/corpus.js';

interface CorpusCase {
  readonly model: string;
  readonly rows: string;
  readonly columns: number;
  readonly answers: string;
  readonly method: 'predict' | 'raw';
  /** Steps of float32 that answers may be off. */
  readonly most: number;
  /** The trees that were asked, the first ones. */
  readonly trees?: number;
}

const agaricus = { rows: 'agaricus_test.libsvm', columns: 127 };
const linear = { ...agaricus, model: 'xgblin_agaricus.model' };

/** Files of XGBoost before 1.0, and what it answered. */
const cases: readonly CorpusCase[] = [
  {
    ...agaricus,
    model: 'xgagaricus.model',
    answers: 'xgagaricus_true_predictions.txt',
    method: 'predict',
    most: mostSteps,
  },
  {
    ...agaricus,
    model: 'xg_dart_agaricus.model',
    answers: 'xg_dart_agaricus_true_predictions.txt',
    method: 'raw',
    most: 0,
    trees: 10,
  },
  {
    model: 'xgdermatology.model',
    rows: 'dermatology_test.libsvm',
    columns: 33,
    answers: 'xgdermatology_true_predictions.txt',
    method: 'raw',
    most: 0,
  },
  // Products are added up in another order: margins are of about ten products of one size.
  { ...linear, answers: 'xgblin_agaricus_true_raw_predictions.txt', method: 'raw', most: 8 },
  { ...linear, answers: 'xgblin_agaricus_true_predictions.txt', method: 'predict', most: 40 },
];

/** A model of some of the trees. */
function withTrees(description: ModelDescription, count: number): ModelDescription {
  const trees = description.root as Trees;
  const starts = trees.starts.slice(0, count + 1);
  const nodes = trees.nodes.slice(0, 2 * starts[count]!);
  return {
    ...description,
    root: { ...trees, starts, nodes, depths: trees.depths.slice(0, count) },
  };
}

if (!hasCorpus) console.log('files of old versions are skipped: their folder is not here');

// The files are a public project's, and not in this one.
describe.skipIf(!hasCorpus)('files of old versions', () => {
  test.each(cases)(
    '$model, $method',
    async ({ model, rows, columns, answers, method, most, trees }) => {
      // DMatrix takes what a file in libsvm's format leaves out for missing.
      const X = toRows(readRows(rows, { columns, absent: Number.NaN }));
      const wanted = readAnswers(answers);
      const imported = await importModel(readCorpus(model));
      const description = trees === undefined ? imported : withTrees(imported, trees);
      const written = writeNut(description);
      for (const one of [createModel(description), load(written, { accelerator: webAssembly })]) {
        const found = ask(one, method, X);
        expect(found.length).toBe(wanted.length);
        const steps = found.map((value, i) => stepsApart(value, wanted[i]!, true));
        expect(Math.max(...steps)).toBeLessThanOrEqual(most);
      }
    },
  );
});

const folder = fileURLToPath(new URL('../fixtures/boosting/', import.meta.url));
const read = (path: string): Uint8Array => readFileSync(`${folder}${path}`);
const text = Buffer.from(
  read('xgboost-3.2.0/binary-logistic-base-score-json/model.json'),
).toString();
const categories = Buffer.from(
  read('xgboost-3.2.0/reg-squarederror-categories-json/model.json'),
).toString();

const X = toRows([
  [0.5, -3, 0.01, 2, 1],
  [-0.5, Number.NaN, 0.1, -2, 0],
]);

test('the estimators for scikit-learn predict with the best rounds, boosters with all', async () => {
  const attributed = (attributes: string) =>
    importModel(Buffer.from(changed('"attributes":{}', `"attributes":{${attributes}}`)));
  const best = '"best_iteration":"1"';
  const all = (await importModel(Buffer.from(text))).root as Trees;
  const ofBooster = (await attributed(best)).root as Trees;
  const ofEstimator = (await attributed(`${best},"scikit_learn":"{}"`)).root as Trees;
  expect(all.depths).toHaveLength(4);
  expect(ofBooster).toEqual(all);
  expect(ofEstimator.depths).toEqual(all.depths.slice(0, 2));
});

test.each(['reg-squarederror-pruned', 'multi-softprob-forest', 'two-targets-vectors'])(
  '%s: sums are float32 in WebAssembly, too',
  async (name) => {
    const description = await importModel(read(`xgboost-3.2.0/${name}-ubj/model.ubj`));
    const portable = createModel(description);
    const faster = createModel(description, { accelerator: webAssembly });
    let state = 1;
    const draw = () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    };
    // Rows alone, by eights, and split as trees split them.
    for (const [rows, gaps] of [
      ...[[200, 0.1] as const, [1, 0] as const, [13, 0] as const, [900, 0] as const],
      ...[[1, 0.3] as const, [21, 0.1] as const, [900, 0.1] as const],
    ]) {
      const data = Float64Array.from({ length: rows * 5 }, () =>
        draw() < gaps ? Number.NaN : 12 * draw() - 6,
      );
      const batch = { data, rows, cols: 5 };
      expect(ask(faster, 'raw', batch)).toEqual(ask(portable, 'raw', batch));
    }
  },
);

describe('a file that an estimator for scikit-learn wrote', () => {
  const written = (said: Record<string, unknown>) =>
    importModel(
      Buffer.from(
        changed(
          '"attributes":{}',
          `"attributes":{"scikit_learn":${JSON.stringify(JSON.stringify(said))}}`,
        ),
      ),
    );
  const classifier = async (said: Record<string, unknown>) =>
    asClassifier(createModel(await written(said)));

  test('answers labels and probabilities, of a classifier', async () => {
    const probabilities = ask(createModel(await importModel(Buffer.from(text))), 'predict', X);
    const model = await classifier({ _estimator_type: 'classifier' });
    expect(ask(model, 'predictProba', X)).toEqual(
      probabilities.flatMap((p) => [Math.fround(1 - p), p]),
    );
    expect(ask(model, 'predict', X)).toEqual(probabilities.map((p) => Number(p > 0.5)));
  });

  test('has the labels of an older one', async () => {
    const said = { type: 'XGBClassifier', n_classes_: 2, _le: { classes_: ['no', 'yes'] } };
    const model = await classifier(said);
    expect(model.classes).toEqual(['no', 'yes']);
    await expect(written({ ...said, _le: { classes_: ['no'] } })).rejects.toThrow(/1 labels/);
    await expect(written({ ...said, _le: { classes_: [[]] } })).rejects.toThrow(/classes_/);
    await expect(written({ ...said, n_classes_: 7 })).rejects.toThrow(/7 classes/);
  });

  test('takes its number for missing', async () => {
    const model = createModel(await written({ type: 'XGBRegressor', missing: -7.1 }));
    const row = [...X.data.subarray(0, X.cols)];
    const first = (value: number) =>
      ask(model, 'predict', {
        data: Float64Array.from([value, ...row.slice(1)]),
        rows: 1,
        cols: X.cols,
      });
    expect(first(-7.1)).toEqual(first(Number.NaN));
  });

  test('is refused where that is no JSON', async () => {
    const broken = changed('"attributes":{}', '"attributes":{"scikit_learn":"{"}');
    await expect(importModel(Buffer.from(broken))).rejects.toBeInstanceOf(NuthatchError);
  });
});

test('names are those of the file', async () => {
  const named = changed('"feature_names":[]', '"feature_names":["a","b","c","d","e"]');
  expect((await importModel(Buffer.from(named))).input).toMatchObject({
    names: ['a', 'b', 'c', 'd', 'e'],
  });
});

test('JSON with spaces, and with the version first', async () => {
  const { root } = await importModel(Buffer.from(text));
  const { learner, version } = JSON.parse(text) as Record<string, unknown>;
  const spaced = JSON.stringify({ version, learner }, null, 2);
  expect((await importModel(Buffer.from(spaced))).root).toEqual(root);
});

test('some binary files begin with a word', async () => {
  const bytes = read('xgboost-0.90/multi-softprob-model/model.model');
  const { root } = await importModel(bytes);
  expect((await importModel(Buffer.concat([Buffer.from('binf'), bytes]))).root).toEqual(root);
});

test('infinite numbers are no input: XGBoost makes no matrix of them', async () => {
  const model = createModel(await importModel(Buffer.from(text)));
  expect(ask(model, 'predict', X)).toHaveLength(2);
  const data = X.data.slice();
  data[1] = Infinity;
  expect(() => ask(model, 'predict', { ...X, data })).toThrow(/row 0/);
});

function changed(from: string | RegExp, to: string, all = text): string {
  const result = all.replace(from, to);
  expect(result).not.toBe(all);
  return result;
}

/** What is refused, why, and where. */
const refused: Readonly<Record<string, readonly [string | Uint8Array, ErrorCode, RegExp]>> = {
  'a version of the future': [
    changed('"version":[3,2,0]', '"version":[3,3,0]'),
    'unsupported-version',
    /3\.3\.0/,
  ],
  'an objective that is not known': [
    changed('"name":"binary:logistic"', '"name":"best"'),
    'unsupported',
    /best/,
  ],
  'a booster that is not known': [
    changed('"name":"gbtree"', '"name":"gbmoon"'),
    'unsupported',
    /gbmoon/,
  ],
  'a model without trees': [
    changed(/"num_trees":"\d"/, '"num_trees":"0"').replace(/"trees":\[.*?\]\}\]/, '"trees":[]'),
    'malformed',
    /num_trees|trees/,
  ],
  'a base score that is none': [
    changed(/"base_score":"[^"]*"/, '"base_score":"half"'),
    'malformed',
    /base_score/,
  ],
  'two base scores of one output': [
    changed(/"base_score":"[^"]*"/, '"base_score":"[1,2]"'),
    'malformed',
    /base_score/,
  ],
  'a tree for an output that is not there': [
    changed(/"tree_info":\[0/, '"tree_info":[1'),
    'malformed',
    /tree_info/,
  ],
  'a child that is its parent': [
    changed(/"left_children":\[1/, '"left_children":[0'),
    'invalid-model',
    /node 0/,
  ],
  'a child of two': [
    changed(/"right_children":\[2/, '"right_children":[1'),
    'invalid-model',
    /another parent/,
  ],
  'nodes that are deleted and not said to be': [
    changed('"num_deleted":"0"', '"num_deleted":"1"'),
    'invalid-model',
    /deleted/,
  ],
  'a feature that is not there': [
    changed(/"split_indices":\[\d/, '"split_indices":[5'),
    'invalid-model',
    /feature 5 of 5/,
  ],
  'a threshold that is no number': [
    changed(/"split_conditions":\[[^,]*/, '"split_conditions":[null'),
    'invalid-model',
    /threshold/,
  ],
  'a list that is shorter': [
    changed(/"default_left":\[\d,/, '"default_left":['),
    'malformed',
    /default_left/,
  ],
  'a category of 2²⁴': [
    changed(/"categories":\[\d+/, '"categories":[16777216', categories),
    'malformed',
    /category/,
  ],
  'half a category': [
    changed(/"categories":\[\d+/, '"categories":[0.5', categories),
    'malformed',
    /category/,
  ],
  'categories of another node': [
    changed(/"categories_nodes":\[\d+/, '"categories_nodes":[3', categories),
    'malformed',
    /split_type|categories_nodes/,
  ],
  'more categories than there are': [
    changed(/"categories_sizes":\[\d+/, '"categories_sizes":[999', categories),
    'malformed',
    /categories_sizes/,
  ],
};

test.each(Object.keys(refused))('refused: %s', async (name) => {
  const [model, code, message] = refused[name]!;
  const error = await importModel(Buffer.from(model as string)).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(NuthatchError);
  expect(error).toMatchObject({ code });
  expect((error as NuthatchError).message).toMatch(message);
});

describe('UBJSON that asks for much', () => {
  const long = (value: number) => {
    const bytes = Buffer.alloc(9);
    bytes.write('L');
    bytes.writeBigInt64BE(BigInt(value), 1);
    return bytes;
  };
  const key = Buffer.concat([Buffer.from('{'), long(7), Buffer.from('learner')]);
  const bombs: Readonly<Record<string, readonly [Buffer, ErrorCode]>> = {
    'numbers that are not there': [
      Buffer.concat([key, Buffer.from('{'), long(1), Buffer.from('x[$d#'), long(2 ** 40)]),
      'truncated',
    ],
    'a text that is not there': [
      Buffer.concat([key, Buffer.from('{'), long(2 ** 50)]),
      'truncated',
    ],
    'a negative length': [Buffer.concat([key, Buffer.from('{'), long(-1)]), 'malformed'],
    'values without bytes': [
      Buffer.concat([key, Buffer.from('{'), long(1), Buffer.from('x[$Z#'), long(2 ** 40)]),
      'malformed',
    ],
    'a hundred thousand levels': [
      Buffer.concat([key, Buffer.from('{'), long(1), Buffer.from(`x${'['.repeat(1e5)}`)]),
      'limit-exceeded',
    ],
    'bytes after the end': [
      Buffer.concat([read('xgboost-3.2.0/count-poisson-ubj/model.ubj'), Buffer.from('x')]),
      'malformed',
    ],
    'a key twice': [
      Buffer.concat([
        key,
        Buffer.from('{'),
        long(1),
        Buffer.from('xZ'),
        long(1),
        Buffer.from('xZ}}'),
      ]),
      'malformed',
    ],
  };
  test.each(Object.keys(bombs))('%s', async (name) => {
    const [bytes, code] = bombs[name]!;
    await expect(importModel(bytes)).rejects.toMatchObject({ code });
  });
});

test('sets of large categories end before they fill the memory', async () => {
  const sets = 300;
  const document = JSON.parse(categories) as {
    learner: { gradient_booster: { model: { trees: Record<string, unknown>[] } } };
  };
  const [tree] = document.learner.gradient_booster.model.trees;
  const nodes = 2 * sets + 1;
  const list = (value: (node: number) => number) =>
    Array.from({ length: nodes }, (_, node) => value(node));
  Object.assign(tree!, {
    ...{
      left_children: list((node) => (node < sets ? 2 * node + 1 : -1)),
      right_children: list((node) => (node < sets ? 2 * node + 2 : -1)),
    },
    ...{
      split_indices: list(() => 4),
      split_conditions: list(() => 0),
      default_left: list(() => 0),
    },
    ...{ split_type: list((node) => Number(node < sets)), sum_hessian: list(() => 1) },
    categories: Array.from({ length: sets }, () => 2 ** 20 - 1),
    categories_nodes: Array.from({ length: sets }, (_, i) => i),
    categories_segments: Array.from({ length: sets }, (_, i) => i),
    categories_sizes: Array.from({ length: sets }, () => 1),
    tree_param: {
      num_nodes: `${nodes}`,
      num_deleted: '0',
      size_leaf_vector: '1',
      num_feature: '5',
    },
  });
  await expect(importModel(Buffer.from(JSON.stringify(document)))).rejects.toMatchObject({
    code: 'limit-exceeded',
  });
});
