import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importModel } from '../../formats/index.js';
import { asPredictor, createModel, type ErrorCode } from '../../src/index.js';
import {
  answers,
  describePath,
  expectRefused,
  judgeDocument,
  outcomeOf,
  RawText,
  reportDocuments,
  show,
  stringify,
} from './change-document.js';
import { type Json, toBytes } from './documents.js';
import { probeRows } from './models.js';
import { at, type Path, places, replaced } from './plain-data.js';
import { campaign, fuzzRuns, fuzzTimeout } from './random.js';

/** Files of the public package sklearn-json with every key, every node and the text changed. */
reportDocuments('sklearn-json-package');

/** One file for every way of reading. */
const names = [
  'sklearn-1.2/forest-classifier-bool',
  'sklearn-1.2/forest-regressor-three-targets',
  'sklearn-1.2/linear-regression',
  'sklearn-1.2/logistic',
  'sklearn-1.2/tree-classifier-entropy',
  'sklearn-1.3/tree-classifier',
];
const read = (name: string) =>
  readFileSync(
    fileURLToPath(
      new URL(`../../fixtures/sklearn-json-package/${name}/model.json`, import.meta.url),
    ),
    'utf8',
  );
const texts = new Map(names.map((name) => [name, read(name)]));
const documentOf = (name: string) => JSON.parse(texts.get(name)!) as Json;

/** Places whose value is the model's meaning: another valid one makes another valid model. */
const meaning =
  /coef_|intercept_|classes_|nodes|values|multi_class|solver|criterion|splitter|estimators_|tree_|n_outputs_|n_features_/;

const deepList = (depth: number) => new RawText('['.repeat(depth) + ']'.repeat(depth));

function replacements(original: Json): Json[] {
  const general: Json[] = [
    ...[undefined, null, true, false, 0, 1, -1, 1.5, 2 ** 31, 2 ** 53],
    ...['', 'x', '__proto__', 'constructor', '\u0000', '\ud800', 'a\nb\u001b[31m', '<i8'],
    ...['NaN', 'Infinity', '-Infinity', '-NaN', '1e999', '-0.0', '9007199254740993'].map(
      (text) => new RawText(text),
    ),
    ...[[], [[]], [[[]]], [[[[]]]], [null], [1, 2], [[1, 2], [3]], [[1], 2], {}, { length: 1 }],
    { toString: 1, valueOf: {} },
    'x'.repeat(5000),
    new Array(1000).fill([]),
    deepList(300),
    deepList(2000),
    new RawText('{"__proto__":{"polluted":1}}'),
    new RawText('{"constructor":{"prototype":{"polluted":1}}}'),
  ];
  if (typeof original === 'number')
    return [...general, original + 1, original - 1, -original, String(original), [original]];
  if (typeof original === 'string')
    return [...general, `${original}x`, original.slice(1), original.toUpperCase(), [original]];
  if (Array.isArray(original))
    return [
      ...general,
      original.slice(1),
      original.slice(0, -1),
      [...original, original.at(-1) ?? null],
      [...original].reverse(),
      [...original, ...original],
      [original],
      Object.fromEntries(original.entries()),
    ];
  if (original === null || typeof original !== 'object') return general;
  const pairs = Object.entries(original).map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
  );
  return [
    ...general,
    new RawText(`{${[...pairs, pairs[0]].join()}}`),
    new RawText(`{${[...pairs].reverse().join()}}`),
    new RawText(`{${[...pairs, '"__proto__":{"polluted":1}'].join()}}`),
    { ...original, unknown: 1 },
    Object.values(original),
    [original],
  ];
}

describe('every key', () => {
  test.each(names)(
    '%s',
    async (name) => {
      const whole = documentOf(name);
      const unharmed = answers(await importModel(toBytes(texts.get(name)!)));
      const random = campaign(names.indexOf(name));
      const all = [...places(whole)];
      // Every key, and of the many numbers in lists some.
      const numbers = all.filter(
        (path) => path.filter((key) => typeof key === 'number').length > 1,
      );
      const drawn = new Set(random.sample(numbers.length, 100).map((i) => numbers[i]!));
      for (const path of all.filter((one) => drawn.has(one) || !numbers.includes(one))) {
        const label = describePath(whole, path);
        const values = replacements(at(whole, path));
        for (const choice of random.sample(values.length, 3 * fuzzRuns))
          await judgeDocument(
            `${name}: ${label} = ${show(values[choice])}`,
            replaced(whole, path, values[choice]),
            meaning.test(label) ? null : unharmed,
          );
      }
    },
    fuzzTimeout,
  );
});

describe('node tables', () => {
  const tree = 'sklearn-1.3/tree-classifier';
  const forest = 'sklearn-1.2/forest-classifier-bool';
  const nodes: Path = ['tree_', 'nodes'];
  const changed = (path: Path, by: Json, name = tree) => replaced(documentOf(name), path, by);
  const count = (at(documentOf(tree), nodes) as Json[]).length;

  const shapes: Readonly<Record<string, readonly [node: number, left: Json, right: Json]>> = {
    'a cycle through the root': [0, 0, 1],
    'a cycle below the root': [1, 1, 2],
    'orphans: a root that is a leaf': [0, -1, -1],
    'two parents of one child': [0, 1, 1],
    'a left child only': [0, 1, -1],
    'a child beyond the last': [0, 1, count],
    'a child of −2': [0, 1, -2],
    'half a child': [0, 1.5, 2],
    'a child that is no number': [0, 1, new RawText('NaN')],
    'an infinite child': [0, 1, new RawText('Infinity')],
  };
  test.each(Object.keys(shapes))('%s', async (name) => {
    const [node, left, right] = shapes[name]!;
    const whole = replaced(changed([...nodes, node, 0], left), [...nodes, node, 1], right);
    const error = await expectRefused(name, toBytes(stringify(whole)), ['invalid-model']);
    expect(error.path).toMatch(/node \d+/);
  });

  const others: Readonly<Record<string, readonly [Json, ErrorCode]>> = {
    'a feature beyond the last': [changed([...nodes, 0, 2], 4), 'invalid-model'],
    'half a feature': [changed([...nodes, 0, 2], 0.5), 'invalid-model'],
    'a threshold that is no number': [
      changed([...nodes, 0, 3], new RawText('NaN')),
      'invalid-model',
    ],
    'a node with a field less': [changed([...nodes, 2, 7], undefined), 'malformed'],
    'nodes with a field less': [
      changed(
        nodes,
        (at(documentOf(tree), nodes) as Json[][]).map((node) => node.slice(0, 7)),
      ),
      'malformed',
    ],
    'a child as text': [changed([...nodes, 0, 0], '1'), 'malformed'],
    'no nodes': [changed(nodes, []), 'malformed'],
    'a count that lies': [changed(['tree_', 'node_count'], count + 1), 'malformed'],
    'values of a node less': [
      changed(['tree_', 'values'], (at(documentOf(tree), ['tree_', 'values']) as []).slice(1)),
      'malformed',
    ],
    'a dtype less': [changed(['tree_', 'nodes_dtype', 7], undefined), 'malformed'],
    'dtypes of other kinds': [changed(['tree_', 'nodes_dtype', 0], '<f8'), 'malformed'],
    'a dtype that is a list': [changed(['tree_', 'nodes_dtype', 0], ['<i8', 'i']), 'malformed'],
    'leaf values that are fractions': [
      changed(
        ['tree_', 'values'],
        (at(documentOf(tree), ['tree_', 'values']) as number[][][]).map((node) =>
          node.map((row) => row.map((value) => value / row.reduce((a, b) => a + b))),
        ),
      ),
      'unsupported-version',
    ],
    'trees of two versions in one forest': [
      changed(['estimators_', 1, 'tree_'], at(documentOf(tree), ['tree_']), forest),
      'malformed',
    ],
    'a regressor in a forest of classifiers': [
      changed(['estimators_', 1, 'meta'], 'decision-tree-regression', forest),
      'malformed',
    ],
    'a forest in a forest': [changed(['estimators_', 1], documentOf(forest), forest), 'malformed'],
    'a forest without trees': [changed(['estimators_'], [], forest), 'unsupported'],
    'more classes than labels': [changed(['n_classes_'], 4), 'malformed'],
    'a parameter of a newer version': [
      changed(['params'], { splitter: 'best', monotonic_cst: null }),
      'unsupported',
    ],
    'no parameters': [changed(['params'], undefined), 'malformed'],
    'labels of two types': [changed(['classes_', 0], 1), 'malformed'],
    'a label twice': [changed(['classes_', 0], 'virginica'), 'invalid-model'],
    'a label beyond 2⁵³': [
      changed(['classes_'], [0, 1, new RawText('9007199254740993')]),
      'malformed',
    ],
    'labels of several outputs': [changed(['classes_'], [['a'], ['b'], ['c']]), 'malformed'],
  };
  test.each(Object.keys(others))('%s', async (name) => {
    const [whole, code] = others[name]!;
    await expectRefused(name, toBytes(stringify(whole)), [code]);
  });
});

describe('text', () => {
  test.each(names)('%s: cut off anywhere', async (name) => {
    const bytes = toBytes(texts.get(name)!);
    for (const length of campaign(1).sample(bytes.length, 100 * fuzzRuns))
      await expectRefused(`${length} bytes`, bytes.slice(0, length), [
        'truncated',
        'malformed',
        'not-a-model',
      ]);
  });

  test.each(names)('%s: any character changed', async (name) => {
    const bytes = toBytes(texts.get(name)!);
    const random = campaign(names.indexOf(name) + 7);
    for (let run = 0; run < 120 * fuzzRuns; run++) {
      const changed = Uint8Array.from(bytes);
      changed[random.below(bytes.length)] = random.pick([
        ...Buffer.from('"{}[]:,\\0-.eE= AZN+/\u0000\n'),
        0xff,
        0xc3,
        random.below(256),
      ]);
      const outcome = await outcomeOf(`run ${run}`, changed);
      if ('model' in outcome)
        asPredictor(createModel(outcome.model)).raw(
          probeRows(outcome.model, 1, 3).map((row) => row.map((x) => (Number.isNaN(x) ? 0 : x))),
        );
    }
  });

  const valid = texts.get('sklearn-1.2/linear-regression')!;
  const intercept = /"intercept_": [^,]+,/;
  const withIntercept = (text: string) => valid.replace(intercept, `"intercept_": ${text},`);
  const others: Readonly<Record<string, readonly [string, ErrorCode[]]>> = {
    'meta of no model': [valid.replace('linear-regression', 'dummy'), ['not-a-model']],
    'meta of no package': [valid.replace('linear-regression', '__proto__'), ['not-a-model']],
    'another key first': [valid.replace('{', '{"x": 1, '), ['not-a-model']],
    'a list': [`[${valid}]`, ['not-a-model']],
    'a key twice': [valid.replace('"coef_"', '"coef_": [1], "coef_"'), ['malformed']],
    'a key twice, once escaped': [
      valid.replace('"coef_"', '"\\u0063oef_": [1], "coef_"'),
      ['malformed'],
    ],
    'a prototype': [valid.replace('"coef_"', '"__proto__": {"coef_": [1]}, "x"'), ['malformed']],
    'bytes after the end': [`${valid}x`, ['malformed']],
    'a million levels': [withIntercept('['.repeat(1e6)), ['limit-exceeded']],
    NaN: [withIntercept('NaN'), ['unsupported']],
    infinity: [withIntercept('-Infinity'), ['unsupported']],
    'a NaN with a sign': [withIntercept('-NaN'), ['malformed']],
    'NaN twice': [withIntercept('NaNNaN'), ['malformed']],
    'a digit after infinity': [withIntercept('Infinity5'), ['malformed']],
    'a digit before infinity': [withIntercept('5Infinity'), ['malformed']],
    'infinity less infinity': [withIntercept('Infinity-Infinity'), ['malformed']],
    'half of infinity': [withIntercept('Infin'), ['malformed']],
    'a list of one row for many': [withIntercept(`[${'0,'.repeat(1e5)}0]`), ['unsupported']],
    'one long row, many short ones': [
      valid.replace(/\[[^\]]+\]/, `[[${'0,'.repeat(1e5)}0]${',[]'.repeat(1e5)}]`),
      ['malformed'],
    ],
  };
  test.each(Object.keys(others))('%s', async (name) => {
    const [text, expected] = others[name]!;
    const started = performance.now();
    await expectRefused(name, toBytes(text), expected);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('names of numbers inside strings are text', async () => {
    const text = texts.get('sklearn-1.2/logistic')!.replaceAll('virginica', 'NaN \\" -Infinity');
    const { root } = await importModel(toBytes(text.replace('"C": 1.0', '"C": Infinity')));
    expect(JSON.stringify(root)).toContain('["setosa","versicolor","NaN \\" -Infinity"]');
  });
});
