import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importModel, writeNut } from '../formats/index.js';
import { createModel, type ErrorCode, load, NuthatchError, webAssembly } from '../src/index.js';
import { expit } from '../src/math/expit.js';
import { ulpDistance } from '../src/math/ulp.js';
import { ask, mostSteps } from './boosting/answers.js';
import { hasCorpus, readAnswers, readCorpus, readRows, toRows } from './boosting/corpus.js';

interface CorpusCase {
  readonly model: string;
  readonly rows: string;
  readonly columns?: number;
  /** The column of the first feature; a label stands before. */
  readonly first?: number;
  readonly answers: string;
  readonly method: 'predict' | 'raw';
}

const dart = {
  rows: 'breast_cancer_test.tsv',
  answers: 'lg_dart_breast_cancer_true_predictions.txt',
};
const multiclass = { model: 'lgmulticlass.model', rows: 'multiclass_test.tsv', first: 1 };

/** Files of LightGBM 2 and 3, and what these answered. */
const cases: readonly CorpusCase[] = [
  { ...multiclass, answers: 'lgmulticlass_true_predictions.txt', method: 'predict' },
  { ...multiclass, answers: 'lgmulticlass_true_raw_predictions.txt', method: 'raw' },
  {
    model: 'lg_rf_iris.model',
    rows: 'iris_test.libsvm',
    columns: 4,
    answers: 'lg_rf_iris_true_predictions.txt',
    method: 'predict',
  },
  { model: 'lg_dart_breast_cancer.model', ...dart, method: 'predict' },
  {
    model: 'lg_kddcup99.model',
    rows: 'kddcup99_test.tsv',
    answers: 'lg_kddcup99_true_predictions.txt',
    method: 'raw',
  },
  ...['gamma_AvgClaimAmount', 'poisson_Frequency', 'tweedie_PurePremium'].map((name) => ({
    model: `genlin_fmtp_${name}.model`,
    rows: `genlin_fmtp_${name}_features.tsv`,
    answers: `genlin_fmtp_${name}_true_predictions.txt`,
    method: 'predict' as const,
  })),
];

if (!hasCorpus) console.log('files of old versions are skipped: their folder is not here');

// The files are a public project's, and not in this one.
describe.skipIf(!hasCorpus)('files of old versions', () => {
  test.each(cases)('$model, $method', async ({ model, rows, answers, method, ...where }) => {
    const X = toRows(readRows(rows, where));
    const wanted = readAnswers(answers);
    const description = await importModel(readCorpus(model));
    const written = writeNut(description);
    for (const one of [createModel(description), load(written, { accelerator: webAssembly })]) {
      const found = ask(one, method, X);
      expect(found.length).toBe(wanted.length);
      const steps = found.map((value, i) => ulpDistance(value, wanted[i]!));
      expect(Math.max(...steps)).toBeLessThanOrEqual(method === 'raw' ? 0 : mostSteps);
    }
  });

  test('a dump of version 2, which holds the scores alone', async () => {
    const wanted = readAnswers(dart.answers);
    const model = createModel(await importModel(readCorpus('lg_dart_breast_cancer.json')));
    const found = ask(model, 'predict', toRows(readRows(dart.rows, {}))).map((s) => expit(s));
    expect(found.length).toBe(wanted.length);
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(wanted[i]!, 15);
  });

  test('a small dump with categories', async () => {
    const model = createModel(await importModel(readCorpus('lg_1tree.json')));
    const X = toRows([
      [0.14, 10],
      [0.14, 11],
      [0.14, Number.NaN],
      [0.15, 10],
      [Number.NaN, 100],
      [-1, 100.9],
    ]);
    expect(ask(model, 'predict', X)).toEqual([0.4703, 0.4242, 0.4242, 1.1111, 0.4703, 0.4703]);
  });

  test('names that are not as many as the features', async () => {
    await expect(importModel(readCorpus('lg_1tree_1leaf.json'))).rejects.toThrow(/feature_names/);
  });
});

const read = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../fixtures/boosting/${path}`, import.meta.url)), 'utf8');
const text = read('lightgbm-4.7.0/binary-categories-txt/model.txt');
const zeros = read('lightgbm-4.7.0/regression-zeros-are-missing-categories-txt/model.txt');
const dump = read('lightgbm-4.7.0/binary-categories-json/model.json');

const linear = read('lightgbm-4.7.0/linear-categories-txt/model.txt');
const linearDump = read('lightgbm-4.7.0/linear-multiclass-json/model.json');

test('the names that LightGBM makes up are none, others are', async () => {
  const named = text.replaceAll('Column_', 'feature ');
  expect((await importModel(Buffer.from(text))).input).toMatchObject({ names: null });
  await expect(importModel(Buffer.from(named))).rejects.toThrow(/feature_names/);
  const { input } = await importModel(Buffer.from(text.replaceAll('Column_', 'x')));
  expect(input).toMatchObject({ names: ['x0', 'x1', 'x2', 'x3', 'x4'] });
});

test('lines may end as on Windows', async () => {
  const { root } = await importModel(Buffer.from(text));
  expect((await importModel(Buffer.from(text.replaceAll('\n', '\r\n')))).root).toEqual(root);
});

const changed = (from: string | RegExp, to: string, all = text) => {
  expect(all.replace(from, to)).not.toBe(all);
  return all.replace(from, to);
};

/** What is refused, why, and where. */
const refused: Readonly<Record<string, readonly [string, ErrorCode, RegExp]>> = {
  'a linear tree without models': [
    changed('is_linear=0', 'is_linear=1'),
    'malformed',
    /Tree=0.*num_features/,
  ],
  'a model with more products than there are': [
    changed(/^num_features=\d/m, 'num_features=5', linear),
    'malformed',
    /Tree=0.leaf_features/,
  ],
  'a model of a feature that is not there': [
    changed(/^leaf_features=( *)\d/m, 'leaf_features=$15', linear),
    'malformed',
    /Tree=\d.leaf_features\[0\]/,
  ],
  'a coefficient that is not finite': [
    changed(/^leaf_coeff=( *)\S+/m, 'leaf_coeff=$1inf', linear),
    'invalid-model',
    /coefficients\[0\]/,
  ],
  'a dump with the constant of a model alone': [
    changed('"leaf_value"', '"leaf_const": 1, "leaf_value"', dump),
    'malformed',
    /tree_info\[0\], leaf \d.*leaf_features/,
  ],
  'a dump with a model in one leaf of a tree': [
    changed(
      '"leaf_value"',
      '"leaf_const": 1, "leaf_features": [], "leaf_coeff": [], "leaf_value"',
      dump,
    ),
    'malformed',
    /tree_info\[0\].*1 of \d leaves/,
  ],
  'a dump with a feature more than coefficients': [
    changed(/"leaf_coeff": \[[^,\]]+,? ?/, '"leaf_coeff": [', linearDump),
    'malformed',
    /leaf \d.*coefficients/,
  ],
  'a format of the future': [changed('version=v4', 'version=v5'), 'unsupported-version', /v5/],
  'an objective that is not known': [
    changed('objective=binary', 'objective=best'),
    'unsupported',
    /header\.objective.*best/,
  ],
  'a steepness of 0': [changed('sigmoid:1', 'sigmoid:0'), 'unsupported', /sigmoid:0/],
  'a tree less than announced': [changed(/Tree=1$/m, 'Tree=2'), 'malformed', /Tree=1/],
  'zeros that are missing in some splits of a feature': [
    zeros.replace(/^decision_type=.*$/m, (line) => line.replaceAll('4', '8').replaceAll('6', '10')),
    'unsupported',
    /its zeros are missing in some/,
  ],
  'bits of a split that mean nothing': [
    changed(/^decision_type=\d+/m, 'decision_type=12'),
    'malformed',
    /decision_type/,
  ],
  'a child that is another split’s leaf': [
    changed(/^left_child=\S+/m, 'left_child=5'),
    'malformed',
    /left_child/,
  ],
  'a set that is not there': [changed(/^num_cat=\d$/m, 'num_cat=5'), 'malformed', /cat_boundaries/],
  'a leaf that is not finite': [
    changed(/^leaf_value=\S+/m, 'leaf_value=inf'),
    'invalid-model',
    /./,
  ],
  'a number in hexadecimal': [
    changed(/^threshold=\S+/m, 'threshold=0x1'),
    'malformed',
    /threshold/,
  ],
  'a model without an end': [text.slice(0, text.indexOf('end of trees')), 'truncated', /Tree/],
};

test.each(Object.keys(refused))('refused: %s', async (name) => {
  const [model, code, message] = refused[name]!;
  const error = await importModel(Buffer.from(model)).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(NuthatchError);
  expect(error).toMatchObject({ code });
  expect((error as NuthatchError).message).toMatch(message);
});

test('a forest of version 2 whose leaves may be scores or what exp makes of them', async () => {
  const forest = text
    .replace('version=v4', 'version=v2')
    .replace(/objective=.*/, 'objective=poisson\naverage_output');
  await expect(importModel(Buffer.from(forest))).rejects.toThrow(/average_output.*save it again/);
});

test('a linear model takes numbers that are nearly 0 for 0', async () => {
  // Of each leaf that has one, the last coefficient is large.
  const steep = linear.replace(/^leaf_coeff=.*$/gm, (line) =>
    line.replaceAll(/\S+(?= {2})/g, (word) => (word.startsWith('leaf') ? word : '1e40')),
  );
  const model = createModel(await importModel(Buffer.from(steep)));
  const score = (cell: number) => ask(model, 'raw', toRows([[cell, cell, cell, cell, 0]]));
  const [zero] = score(0);
  expect(Number.isFinite(zero)).toBe(true);
  for (const cell of [-0, 1e-36, -1e-36, Math.fround(1e-35)]) expect(score(cell)).toEqual([zero]);
  expect(score(1.1e-35)).not.toEqual([zero]);
});

test('rows of a batch choose the models that they choose alone', async () => {
  const model = createModel(await importModel(Buffer.from(linearDump)));
  const [rows, cols] = [2000, 5];
  const data = Float64Array.from({ length: rows * cols }, (_, i) =>
    i % 17 === 0 ? Number.NaN : Math.sin(i) * (i % cols === 4 ? 40 : 3),
  );
  const alone = Array.from({ length: rows }, (_, row) =>
    ask(model, 'raw', { data: data.slice(row * cols, (row + 1) * cols), rows: 1, cols }),
  );
  expect(ask(model, 'raw', { data, rows, cols })).toEqual(alone.flat());
});

test('of a forest of linear trees scores are means, and a tree without models has constants', async () => {
  const X = toRows([
    [0.3, -2, 0.05, 1, 7],
    [-1, 12, Number.NaN, -3, 39],
    [2, Number.NaN, -0.1, 0, Number.NaN],
  ]);
  const scores = async (file: string) =>
    ask(createModel(await importModel(Buffer.from(file))), 'raw', X);
  const sums = await scores(linear);
  expect(await scores(changed(/^objective=/m, 'average_output\nobjective=', linear))).toEqual(
    sums.map((sum) => sum / 4),
  );
  // The first tree's are constants anyway.
  expect(await scores(changed('is_linear=1', 'is_linear=0', linear))).toEqual(sums);
});
