import { describe, expect, test } from 'vitest';
import { importModel } from '../../formats/index.js';
import { asPredictor, createModel, type ModelDescription } from '../../src/index.js';
import {
  answers,
  describePath,
  expectRefused,
  outcomeOf,
  RawText,
  reportDocuments,
  show,
  stringify,
} from './change-document.js';
import {
  base64,
  type Document,
  document,
  documents,
  fixedStrings,
  type Json,
  ndarray,
  object,
  strings,
  toBytes,
} from './documents.js';
import { at, places, replaced } from './plain-data.js';

/** Values of exports that lie or surprise: arrays, identities, names, versions. */
reportDocuments('sklearn-json-values');

const names = Object.keys(documents);

describe('arrays that lie', () => {
  const linear = (coef: Json, features: Json = 3, intercept: Json = 0.5) =>
    document(
      object('sklearn.linear_model._base.LinearRegression', [
        ['n_features_in_', features],
        ['coef_', coef],
        ['intercept_', intercept],
        ['_sklearn_version', '1.9.1'],
      ]),
    );
  const data = base64(Float64Array.of(1, 2, 3));
  const array = (changes: object) =>
    linear({ $: 'ndarray', dtype: '<f8', shape: [3], order: 'C', data, ...changes });

  test('the sound one is accepted', async () => {
    const { model } = (await outcomeOf('sound', toBytes(array({})))) as { model: ModelDescription };
    expect(
      Array.from(asPredictor(createModel(model)).predict([[1, 1, 1]]) as Float64Array),
    ).toEqual([6.5]);
  });

  const lies: Readonly<Record<string, object>> = {
    'a character that is not base64': { data: data.replace('A', '*') },
    'base64 for addresses': { data: data.replace('A', '-') },
    'a line break': { data: `${data.slice(0, 4)}\n${data.slice(5)}` },
    'a character beyond Latin': { data: data.replace('A', 'Ā') },
    'padding inside': { data: `=${data.slice(1)}` },
    'padding too much': { data: `${data}====` },
    'no multiple of four': { data: data.slice(1) },
    'one element short': { data: base64(Float64Array.of(1, 2)) },
    'one element more': { data: base64(Float64Array.of(1, 2, 3, 4)) },
    'one byte more': { data: base64(new Uint8Array(25)) },
    'no data': { data: '' },
    'data that is a list': { data: [1, 2, 3] },
    'an order that is none': { order: 'A' },
    'no order': { order: undefined },
    'a negative length': { shape: [-3] },
    'half a length': { shape: [1.5, 2] },
    'a length of text': { shape: ['3'] },
    'a length of 2⁵³': { shape: [2 ** 53] },
    'lengths whose product overflows': { shape: Array(32).fill(2 ** 52) },
    'lengths whose product is infinity times zero': {
      shape: [...Array(31).fill(2 ** 52), 0],
      data: '',
    },
    'more than 32 dimensions': { shape: Array(33).fill(1), data: base64(Float64Array.of(1)) },
    'a shape that is a number': { shape: 3 },
    'a shape with a map': { shape: [{ toString: 1 }] },
    'elements beyond memory': { shape: [2 ** 30, 2 ** 20] },
    'an unknown dtype': { dtype: '<f3' },
    'a dtype of enormous elements': { dtype: `<V${'9'.repeat(400)}`, shape: [0], data: '' },
    'a big-endian dtype': { dtype: '>f8' },
    'a dtype without order': { dtype: 'f8' },
    'half floats': { dtype: '<f2', data: base64(new Uint8Array(6)) },
    times: { dtype: '<M8[ns]' },
    bytes: { dtype: '|S8' },
    void: { dtype: '|V8' },
    'an empty dtype': { dtype: '' },
    'a dtype that is null': { dtype: null },
    'a dtype that is a list': { dtype: ['<f8'] },
    'a structured dtype': { dtype: { names: ['a'], formats: ['<f8'], offsets: [0], itemsize: 8 } },
    'a field beyond its structure': {
      dtype: { names: ['a'], formats: ['<f8'], offsets: [1], itemsize: 8 },
    },
    'a field before its structure': {
      dtype: { names: ['a'], formats: ['<f8'], offsets: [-8], itemsize: 8 },
    },
    'a structure of no size': {
      dtype: { names: [], formats: [], offsets: [], itemsize: 0 },
      shape: [2 ** 29],
      data: '',
    },
    'a structure of lists of different lengths': {
      dtype: { names: ['a', 'b'], formats: ['<f8'], offsets: [0], itemsize: 8 },
    },
    'two fields of one name': {
      dtype: { names: ['a', 'a'], formats: ['<f4', '<f4'], offsets: [0, 4], itemsize: 8 },
    },
    'an array dtype of overflowing size': {
      dtype: { base: '<f8', shape: [2 ** 52, 2 ** 52, 0] },
      shape: [3],
    },
    'a masked array': { mask: ndarray(Uint8Array.of(0, 1, 0)) },
    'rows of no columns, without end': { shape: [2 ** 30, 0], data: '' },
    'columns of no rows, without end': { shape: [0, 2 ** 30], data: '' },
    'not a number': { data: base64(Float64Array.of(1, Number.NaN, 3)) },
    infinity: { data: base64(Float64Array.of(1, Infinity, 3)) },
  };
  test.each(Object.keys(lies))('%s', async (name) => {
    await expectRefused(name, array(lies[name]!));
  });

  test('rows and columns without end beside a feature count that agrees', async () => {
    for (const length of [2 ** 30, 2 ** 31, 2 ** 52]) {
      await expectRefused(
        'rows',
        linear({ $: 'ndarray', dtype: '<f8', shape: [length, 0], order: 'C', data: '' }, 0),
      );
      await expectRefused(
        'columns',
        linear({ $: 'ndarray', dtype: '<f8', shape: [0, length], order: 'C', data: '' }, length),
      );
    }
  });

  test('counts that lie: features, outputs, classes', async () => {
    for (const name of names) {
      const whole = documents[name]!();
      for (const path of [...places(whole)].filter(
        (place) =>
          /^n_(features_in|outputs)_$/.test(
            describePath(whole, place.slice(0, -1)).split('.').at(-1)!,
          ) && place.at(-1) === 1,
      )) {
        for (const value of [
          0,
          -1,
          1.5,
          7,
          65_537,
          1e6,
          1e6 + 1,
          2 ** 28,
          2 ** 31,
          2 ** 32,
          2 ** 53 - 1,
          2 ** 60,
          new RawText('1e999'),
          { $: 'int', value: '1000000000000000000000' },
        ]) {
          const path1 = describePath(whole, path);
          // scikit-learn's forests do not look at their trees' own counts.
          if (name.includes('forest') && path1.includes('estimators_')) continue;
          await expectRefused(
            `${name}: ${path1} = ${show(value)}`,
            toBytes(stringify(replaced(whole, path, value))),
          );
        }
      }
    }
  });

  test('labels: none, repeated, not finite, of other types, of another number', async () => {
    const whole = documents['logistic regression of three classes']!();
    const path = [...places(whole)].find(
      (place) => describePath(whole, place).endsWith('classes_.1') && place.at(-1) === 1,
    )!;
    for (const classes of [
      ndarray(BigInt64Array.of()),
      ndarray(BigInt64Array.of(1n, 2n)),
      ndarray(BigInt64Array.of(1n, 2n, 3n, 4n)),
      ndarray(BigInt64Array.of(1n, 1n, 2n)),
      ndarray(BigInt64Array.of(1n, 2n, 2n ** 60n)),
      ndarray(Float64Array.of(1, Number.NaN, 2)),
      ndarray(Float64Array.of(1, Infinity, 2)),
      ndarray(Float64Array.of(0, -0, 1)),
      ndarray(Uint8Array.of(0, 1, 2)),
      ndarray(Uint8Array.of(0, 1, 1)),
      strings(['a', 'b', 'a']),
      strings(['a', 'b', null as unknown as string]),
      fixedStrings(['a', 'b', 'a']),
      ndarray(Float64Array.of(1, 2, 3), [3, 1]),
      ndarray(Float64Array.of(1), []),
      [1, 2, 3],
      null,
      'abc',
      {
        ...(fixedStrings(['a', 'b', 'c']) as object),
        data: base64(Uint32Array.of(1, 2, 0x110000)),
      },
      { $: 'ndarray', dtype: '<U0', shape: [3], order: 'C', data: '' },
    ])
      await expectRefused(show(classes), replaced(whole, path, classes));
  });
});

describe('values', () => {
  const whole = documents['linear regression']!();
  const withAttribute = (value: Json) =>
    replaced(whole, ['model', 'state', 'items', 0], ['fit_intercept', value]);

  const refused: Readonly<Record<string, Json>> = {
    'an unknown "$"': { $: 'lambda' },
    'no "$"': { items: [] },
    'a "$" with a toString of its own': { $: { toString: 1 } },
    'a name that objects inherit as "$"': { $: 'hasOwnProperty' },
    'a reference to nothing': { $: 'ref', id: 7 },
    'a reference with a toString of its own': { $: 'ref', id: { toString: 1 } },
    'a reference to what comes later': [
      { $: 'ref', id: 3 },
      { $: 'list', id: 3, items: [] },
    ],
    'an id used twice': [
      { $: 'list', id: 3, items: [] },
      { $: 'list', id: 3, items: [] },
    ],
    'an id used twice by itself': { $: 'list', id: 3, items: [{ $: 'list', id: 3, items: [] }] },
    'an id that is negative': { $: 'list', id: -1, items: [] },
    'an id of 2⁵³': { $: 'list', id: 2 ** 53, items: [] },
    'an id that is text': { $: 'list', id: '1', items: [] },
    'a pair of one': { $: 'dict', items: [['a']] },
    'a pair of three': { $: 'dict', items: [['a', 1, 2]] },
    'a dict of values': { $: 'dict', items: ['a', 1] },
    'a key twice in a dict': {
      $: 'dict',
      items: [
        ['a', 1],
        ['a', 2],
      ],
    },
    'a number twice as a key': {
      $: 'dict',
      items: [
        [1, 1],
        [1, 2],
      ],
    },
    'digits that are none': { $: 'int', value: '12x' },
    'too many digits': { $: 'int', value: '1'.repeat(1001) },
    'a float with a name of its own': { $: 'float', value: '__proto__' },
    'a complex number of text': { $: 'complex', real: 'a', imag: 1 },
    'an object without class': { $: 'object' },
    'an object of a class that is a list': { $: 'object', class: ['a'] },
    'arguments that are a map': { $: 'object', class: 'a', args: {} },
  };
  test.each(Object.keys(refused))('%s', async (name) => {
    await expectRefused(name, withAttribute(refused[name]), ['malformed']);
  });

  test('the same attribute twice', async () => {
    const twice = replaced(whole, ['model', 'state', 'items', 0], ['intercept_', 7]);
    await expectRefused('twice', twice, ['malformed']);
  });

  test('cycles are read, and harm nothing', async () => {
    const unharmed = answers(await importModel(toBytes(whole)));
    for (const value of [
      {
        $: 'list',
        id: 1,
        items: [
          { $: 'ref', id: 1 },
          { $: 'ref', id: 1 },
        ],
      },
      { $: 'dict', id: 1, items: [['self', { $: 'ref', id: 1 }]] },
      {
        $: 'object',
        id: 1,
        class: 'a.B',
        args: [{ $: 'ref', id: 1 }],
        state: { $: 'dict', items: [['self', { $: 'ref', id: 1 }]] },
        items: [{ $: 'ref', id: 1 }],
        entries: [['k', { $: 'ref', id: 1 }]],
      },
      { $: 'ndarray', id: 1, dtype: '|O', shape: [1], order: 'C', data: [{ $: 'ref', id: 1 }] },
    ])
      expect(answers(await importModel(toBytes(withAttribute(value))))).toBe(unharmed);
    const own = replaced(
      replaced(whole, ['model', 'id'], 5),
      ['model', 'state', 'items', 0],
      ['fit_intercept', { $: 'ref', id: 5 }],
    );
    const cyclic = {
      ...(own as Document),
      model: { ...((own as Document).model as object), id: 5 },
    };
    expect(answers(await importModel(toBytes(cyclic)))).toBe(unharmed);
  });

  test('a forest whose trees are itself is refused', async () => {
    const forest = documents['forest classifier']!();
    const path = [...places(forest)].find((place) =>
      describePath(forest, place).endsWith('estimators_.1'),
    )!;
    const changed = replaced(forest, path, [{ $: 'ref', id: 77 }]) as Document;
    await expectRefused('itself', { ...changed, model: { ...(changed.model as object), id: 77 } }, [
      'unsupported',
    ]);
  });

  test('two hundred thousand items, in everything that holds items', async () => {
    const unharmed = answers(await importModel(toBytes(whole)));
    const many = new RawText(`[${'1,'.repeat(199_999)}1]`);
    const pairs = new RawText(
      `[${Array.from({ length: 200_000 }, (_, i) => `["${i}",1]`).join()}]`,
    );
    for (const value of [
      many,
      { $: 'tuple', items: many },
      { $: 'list', id: 1, items: many },
      { $: 'set', items: many },
      { $: 'dict', items: pairs },
      { $: 'object', class: 'a.B', args: many, items: many, entries: pairs },
      { $: 'ndarray', dtype: '|O', shape: [200_000], order: 'C', data: many },
    ])
      expect(answers(await importModel(toBytes(stringify(withAttribute(value)))))).toBe(unharmed);
  });

  test('two hundred thousand feature names, and outputs', async () => {
    const count = 200_000;
    const features = Array.from({ length: count }, (_, i) => `f${i}`);
    const wide = document(
      object('sklearn.linear_model._base.LinearRegression', [
        ['n_features_in_', count],
        ['feature_names_in_', strings(features)],
        ['coef_', ndarray(new Float64Array(count))],
        ['intercept_', 1.5],
        ['_sklearn_version', '1.9.1'],
      ]),
    );
    const model = createModel(await importModel(toBytes(wide)));
    expect(model.nFeatures).toBe(count);
    const outputs = Array.from({ length: count }, () => ndarray(BigInt64Array.of(0n, 1n)));
    const tree = documents['tree classifier with two outputs']!();
    const set = (document: Json, name: string, value: Json) => {
      const path = [...places(document)].find(
        (place) => describePath(document, place) === `model.state.items.${name}.1`,
      )!;
      return replaced(document, path, value);
    };
    await expectRefused('outputs', set(set(tree, 'n_outputs_', count), 'classes_', outputs));
    await expectRefused(
      'outputs within limits',
      set(set(tree, 'n_outputs_', 65_000), 'classes_', outputs.slice(0, 65_000)),
    );
  });

  test('objects of the environment with a toString of their own', async () => {
    const unharmed = answers(await importModel(toBytes(whole)));
    for (const value of [{ toString: 1, valueOf: 1 }, [{ toString: null }], [[{}]], 1e300, null]) {
      const environment = { ...whole.environment, python: value };
      expect(answers(await importModel(toBytes({ ...whole, environment })))).toBe(unharmed);
    }
    await expectRefused('not a map', { ...whole, environment: [] }, ['malformed']);
  });
});

describe('names', () => {
  const hostile = [
    '__proto__',
    'constructor',
    'toString',
    '',
    '\u0000',
    '\ud800',
    'a\u2028b',
    '😀',
    'x'.repeat(100_000),
    '\u001b[31mred',
    'hasOwnProperty',
  ];

  test('of features and classes are data', async () => {
    const count = hostile.length;
    for (const make of [strings, fixedStrings]) {
      const whole = document(
        object('sklearn.linear_model._logistic.LogisticRegression', [
          ['solver', 'lbfgs'],
          ['n_features_in_', count],
          ['feature_names_in_', strings(hostile)],
          [
            'classes_',
            make(
              make === strings
                ? hostile
                : ['__proto__', 'a', '\ud800', 'constructor', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
            ),
          ],
          [
            'coef_',
            ndarray(
              Float64Array.from({ length: count * count }, (_, i) => i % 7),
              [count, count],
            ),
          ],
          ['intercept_', ndarray(new Float64Array(count))],
          ['_sklearn_version', '1.9.1'],
        ]),
      );
      const outcome = await outcomeOf('names', toBytes(whole));
      if (!('model' in outcome)) throw outcome.error;
      const model = asPredictor(createModel(outcome.model));
      expect(model.featureNames).toEqual(hostile);
      const record = JSON.parse(
        `{${hostile.map((name, i) => `${JSON.stringify(name)}:${i}`).join()}}`,
      ) as Record<string, number>;
      expect(model.raw([record]).toArray()).toEqual(
        model.raw([hostile.map((_, i) => i)]).toArray(),
      );
    }
  });

  test('of classes, attributes and methods never name anything else', async () => {
    for (const name of hostile) {
      const error = await expectRefused(
        name,
        document(object(name, [['_sklearn_version', '1.9.1']])),
        ['unsupported'],
      );
      expect(error.message.length).toBeLessThan(4000);
      const whole = documents['linear regression']!();
      const golden = {
        name,
        input: { type: 'matrix', value: ndarray(new Float64Array(6), [2, 3]) },
        outputs: JSON.parse(
          `{${JSON.stringify(name)}:${JSON.stringify(ndarray(new Float64Array(2)))}}`,
        ) as Json,
        numerics: JSON.parse(`{${JSON.stringify(name)}:1}`) as Json,
      };
      const { golden: sets } = await importModel(toBytes({ ...whole, golden: [golden] }));
      expect(sets[0]!.outputs.map(({ method }) => method)).toEqual([name]);
      expect(sets[0]!.environment[name]).toBe('1');
      await expectRefused(
        'type',
        { ...whole, golden: [{ ...golden, input: { ...golden.input, type: name } }] },
        ['unsupported'],
      );
    }
  });

  test('in messages stand on one line', async () => {
    const error = await expectRefused(
      'lines',
      document(object('evil\nmodel: all is well\u001b[2J', [['_sklearn_version', '1.9.1']])),
      ['unsupported'],
    );
    expect(error.message).not.toMatch(/\p{Cc}/u);
    const inside = replaced(
      documents['linear regression']!(),
      ['model', 'state', 'items', 0],
      ['x\ny', { $: 'lambda' }],
    );
    expect((await expectRefused('path', inside, ['malformed'])).path).not.toMatch(/\p{Cc}/u);
  });
});

describe('versions and gaps', () => {
  const whole = documents['forest classifier']!();
  const versionPath = [...places(whole)]
    .filter((path) => describePath(whole, path).endsWith('state.items._sklearn_version.1'))
    .pop()!;

  test.each(['1.10.0', '1.0.2', '0.24.2', '2.0', '2.1.0rc1', '19.1', '01.99'])(
    'scikit-learn %s is refused, and tried where that is allowed',
    async (version) => {
      const changed = toBytes(replaced(whole, versionPath, version));
      await expectRefused(version, changed, ['unsupported-version']);
      const outcome = await outcomeOf(version, changed, { allowUnprovenVersion: true });
      if ('model' in outcome) expect(outcome.model.provenance.libraryVersion).toBe(version);
    },
  );

  test.each(['', 'latest', '1', 'x1.9', '-1.9', '１.９'])(
    'the version %j is none',
    async (version) => {
      await expectRefused(version, replaced(whole, versionPath, version), ['unsupported-version']);
      const outcome = await outcomeOf(version, toBytes(replaced(whole, versionPath, version)), {
        allowUnprovenVersion: true,
      });
      expect('error' in outcome).toBe(true);
    },
  );

  test('an unknown class is named, and where those that are known are listed', async () => {
    const error = await expectRefused(
      'class',
      replaced(
        whole,
        ['model', 'class'],
        'imblearn.ensemble._forest.BalancedRandomForestClassifier',
      ),
      ['unsupported'],
    );
    expect(error.message).toContain('"imblearn.ensemble._forest.BalancedRandomForestClassifier"');
    expect(error.message).toContain('docs/coverage.md');
  });

  test('all gaps of a forest are listed at once, with their places', async () => {
    const paths = [...places(whole)].filter(
      (path) => path.at(-1) === 'class' && at(whole, path) === 'sklearn.tree._tree.Tree',
    );
    expect(paths.length).toBe(3);
    let changed: Json = whole;
    for (const path of [paths[0]!, paths[2]!])
      changed = replaced(changed, path, 'sklearn.tree._tree.NewTree');
    const error = await expectRefused('gaps', changed, ['unsupported']);
    expect(error.problems.map(({ path }) => path)).toEqual([
      'model.estimators_[0].tree_',
      'model.estimators_[2].tree_',
    ]);
    expect(error.message).toContain('model.estimators_[2].tree_');
  });
});
