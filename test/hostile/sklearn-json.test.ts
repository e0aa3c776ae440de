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
} from './change-document.js';
import {
  base64,
  type Document,
  documents,
  fixedStrings,
  type Json,
  ndarray,
  nodeOffset,
  nodeSize,
  strings,
  toBytes,
} from './documents.js';
import { findExports } from './fixtures.js';
import { probeRows } from './models.js';
import { at, places, replaced } from './plain-data.js';
import { campaign, fuzzRuns, fuzzTimeout } from './random.js';

/** Exports of scikit-learn models with every field, every tree node and the text changed. */
reportDocuments('sklearn-json');

const deepList = (depth: number) => new RawText('['.repeat(depth) + ']'.repeat(depth));

function replacements(original: Json): Json[] {
  const general: Json[] = [
    undefined,
    null,
    true,
    false,
    0,
    1,
    -1,
    1.5,
    2 ** 31,
    2 ** 53,
    new RawText('1e999'),
    new RawText('-1e999'),
    new RawText('9007199254740993'),
    new RawText('-0.0'),
    '',
    'x',
    '__proto__',
    'constructor',
    '\u0000',
    '\ud800',
    'a\nb\u001b[31m',
    'x'.repeat(5000),
    [],
    [[]],
    [null],
    [1, 2],
    {},
    { $: 'dict', items: [] },
    { $: 'list', items: [] },
    { $: 'ref', id: 0 },
    { $: 'ref', id: 999 },
    { $: 'ref', id: -1 },
    { $: 'ref', id: '0' },
    { $: 'ref' },
    { $: 'ref', id: {} },
    { $: 'float', value: 'nan' },
    { $: 'float', value: 'inf' },
    { $: 'float', value: 'constructor' },
    { $: 'int', value: '9'.repeat(400) },
    { $: 'int', value: '1e5' },
    { $: 'scalar', dtype: '<f8', data: base64(Float64Array.of(Number.NaN)) },
    { $: 'scalar', dtype: '<i8', data: 'AQAAAAAAAAA=' },
    { $: 'bytes', data: '=' },
    { $: 'bytes', data: 'AAAA' },
    { $: 'global', name: 'os.system' },
    { $: 'complex', real: 1, imag: 'x' },
    { $: 'unknown' },
    { $: {} },
    { $: { toString: 1 } },
    { $: ['dict'] },
    { $: 'toString' },
    { $: '__proto__' },
    { $: 'object', class: 'os.system', args: ['true'] },
    { $: 'slice', items: [0, null, 1] },
    { $: 'dtype', dtype: '<f8' },
    { $: 'ndarray', dtype: '|O', shape: [], order: 'C', data: [null] },
    { $: 'ndarray', dtype: '<f8', shape: [0], order: 'C', data: '' },
    ndarray(Float64Array.of(1)),
    ndarray(Float64Array.of(Number.NaN, 1)),
    strings(['a', 'b', 'c']),
    fixedStrings(['a', 'b', 'c']),
    deepList(300),
    deepList(2000),
    new RawText('{"__proto__":{"polluted":1},"$":"dict","items":[]}'),
    new RawText('{"constructor":{"prototype":{"polluted":1}}}'),
    new RawText('{"$":"dict","items":[["__proto__",{"$":"dict","items":[["polluted",1]]}]]}'),
  ];
  if (typeof original === 'number')
    return [
      ...general,
      original + 1,
      original - 1,
      original * 2,
      -original,
      String(original),
      new RawText(`${original}.0`),
      new RawText(`${original}e0`),
    ];
  if (typeof original === 'string')
    return [
      ...general,
      `${original}x`,
      original.slice(1),
      original.slice(0, -1),
      `${original}====`,
      original.toUpperCase(),
      original.replace('<', '>'),
      original.replace(/\d/, '9'),
      `${original}\u0000`,
    ];
  if (Array.isArray(original)) {
    const last = original.at(-1) ?? null;
    return [
      ...general,
      original.slice(1),
      original.slice(0, -1),
      [...original, last],
      [...original].reverse(),
      [last, ...original],
      [...original, ...original],
      { $: 'tuple', items: original },
      { $: 'list', id: 0, items: original },
      Object.fromEntries(original.entries()),
    ];
  }
  if (original !== null && typeof original === 'object') {
    const pairs = Object.entries(original).map(
      ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
    );
    return [
      ...general,
      new RawText(`{${[...pairs, pairs[0]].join()}}`),
      new RawText(`{${[...pairs, pairs.at(-1)].join()}}`),
      new RawText(`{${[...pairs, '"\\u0024":"dict"'].join()}}`),
      new RawText(`{${[...pairs].reverse().join()}}`),
      new RawText(`{${[...pairs, '"__proto__":{"polluted":1}'].join()}}`),
      { ...original, unknown: 1 },
      { ...original, id: 0 },
      { ...original, id: 1e6 },
      { ...original, id: -1 },
      { ...original, id: 'x' },
      { ...original, id: { toString: 0 } },
      Object.values(original),
      [original],
    ];
  }
  return [...general, 1, 'x'];
}

/** Places whose value is the model's meaning: another valid one makes another valid model. */
const meaning =
  /_sklearn_version|scikit-learn|coef_|intercept_|classes_|nodes|values|multi_class|solver|criterion|splitter|monotonic_cst|estimators_|estimator_|_predictors|_baseline|init_|learning_rate|_bin_mapper|categor|_features_|tree_|n_outputs_|offset_|link|power|loss|y_type_|class$|^model$|state$|items$|log_prob_|log_prior_|threshold|pos_label|response_method|best_estimator_|golden/;

/** The oracle of `judgeDocument`, for documents of this format. */
async function judge(
  what: string,
  path: string,
  document: Json,
  unharmed: string | null,
): Promise<void> {
  await judgeDocument(what, document, meaning.test(path) ? null : unharmed);
}

const names = Object.keys(documents);

describe('every field of a document', () => {
  test.each(names)(
    '%s',
    async (name) => {
      const whole = documents[name]!();
      const unharmed = answers(await importModel(toBytes(whole)));
      const random = campaign(names.indexOf(name));
      for (const path of places(whole)) {
        const label = describePath(whole, path);
        const values = replacements(at(whole, path));
        for (const choice of random.sample(values.length, 3 * fuzzRuns))
          await judge(
            `${name}: ${label} = ${show(values[choice])}`,
            label,
            replaced(whole, path, values[choice]),
            unharmed,
          );
      }
    },
    fuzzTimeout,
  );

  const exports = findExports(120_000).filter(
    (_, i, all) => fuzzRuns > 1 || i % Math.ceil(all.length / 12) === 0,
  );
  test.each(exports.map((one) => [one.name, one] as const))(
    'fixture %s, at drawn places',
    async (name, { bytes }) => {
      const whole = JSON.parse(bytes.toString()) as Json;
      const model = await importModel(bytes);
      // All of a transformer's state is its meaning: with another value it is another transformer.
      const plain = model.root.kind === 'trees' || model.root.kind === 'linear';
      const unharmed = plain ? answers(model) : null;
      const all = [...places(whole)];
      const random = campaign(bytes.length);
      for (const i of random.sample(all.length, 30 * fuzzRuns)) {
        const path = all[i]!;
        const label = describePath(whole, path);
        const value = random.pick(replacements(at(whole, path)));
        await judge(
          `${name}: ${label} = ${show(value)}`,
          label,
          replaced(whole, path, value),
          unharmed,
        );
      }
    },
    fuzzTimeout,
  );
});

/** A copy of the document whose first node table was edited. */
function withNodes(
  whole: Document,
  edit: (nodes: DataView, at: (node: number) => number) => void,
  tree = 0,
): Json {
  const tables = [...places(whole)].filter(
    (path) =>
      path.at(-1) === 'data' && typeof at(whole, [...path.slice(0, -1), 'dtype']) === 'object',
  );
  const path = tables[tree]!;
  const bytes = Uint8Array.from(Buffer.from(at(whole, path) as string, 'base64'));
  edit(new DataView(bytes.buffer), (node) => node * nodeSize);
  return replaced(whole, path, base64(bytes));
}

describe('every field of every tree node', () => {
  test.each(names.filter((name) => /tree|forest/.test(name)))(
    '%s',
    async (name) => {
      const whole = documents[name]!();
      const unharmed = answers(await importModel(toBytes(whole)));
      let count = 0;
      withNodes(whole, (view) => {
        count = view.byteLength / nodeSize;
      });
      for (const node of campaign(count).sample(count, 5 * fuzzRuns)) {
        let leaf = false;
        let parent = 0;
        withNodes(whole, (view, start) => {
          leaf = view.getBigInt64(start(node), true) === -1n;
          for (let i = 0; i < count; i++) {
            if ([0, 8].some((side) => view.getBigInt64(start(i) + side, true) === BigInt(node)))
              parent = i;
          }
        });
        const big = [
          -1,
          -2,
          0,
          parent,
          node,
          node - 1,
          node + 1,
          node + 2,
          count - 1,
          count,
          count + 1,
          2 ** 31,
          2 ** 32,
          2 ** 53,
          2 ** 62,
        ].map(BigInt);
        for (const value of big) {
          for (const field of ['left_child', 'right_child', 'feature'] as const) {
            const changed = withNodes(whole, (view, start) =>
              view.setBigInt64(start(node) + nodeOffset[field], value, true),
            );
            const what = `${name}: node ${node}, ${field} = ${value}`;
            await judge(what, 'nodes', changed, unharmed);
            // A split's child that is not its own, and a feature beyond the last, never pass.
            const outside = field === 'feature' ? value < 0n || value > 3n : value !== -1n;
            if (outside && (field === 'feature' ? !leaf : leaf)) {
              const outcome = await outcomeOf(what, toBytes(changed));
              expect('error' in outcome, what).toBe(true);
            }
          }
        }
        for (const value of [Number.NaN, Infinity, -Infinity, -0, 1e39, -1e39, 5e-324]) {
          const changed = withNodes(whole, (view, start) =>
            view.setFloat64(start(node) + nodeOffset.threshold, value, true),
          );
          await judge(`${name}: node ${node}, threshold = ${value}`, 'nodes', changed, unharmed);
          if (Number.isNaN(value) && !leaf)
            await expectRefused(`${name}: node ${node}, NaN`, changed, ['invalid-model']);
        }
        for (const value of [2, 255]) {
          const changed = withNodes(whole, (view, start) =>
            view.setUint8(start(node) + nodeOffset.missing_go_to_left, value),
          );
          await judge(
            `${name}: node ${node}, missing_go_to_left = ${value}`,
            'nodes',
            changed,
            unharmed,
          );
        }
      }
    },
    fuzzTimeout,
  );

  const whole = documents['tree classifier with names']!();
  const set = (view: DataView, at: number, left: bigint, right: bigint) => {
    view.setBigInt64(at, left, true);
    view.setBigInt64(at + 8, right, true);
  };
  const shapes: Readonly<
    Record<string, (view: DataView, start: (node: number) => number) => void>
  > = {
    'a cycle through the root': (view, start) => set(view, start(0), 0n, 1n),
    'a cycle below the root': (view, start) => set(view, start(1), 1n, 2n),
    'orphans: a root that is a leaf': (view, start) => set(view, start(0), -1n, -1n),
    'two parents of one child': (view, start) => set(view, start(0), 1n, 1n),
    'a left child only': (view, start) => set(view, start(0), 1n, -1n),
    'a right child only': (view, start) => set(view, start(0), -1n, 2n),
  };
  test.each(Object.keys(shapes))('%s', async (name) => {
    const error = await expectRefused(name, withNodes(whole, shapes[name]!), ['invalid-model']);
    expect(error.path).toMatch(/node \d+/);
  });
});

describe('text', () => {
  test.each(names)('%s: cut off anywhere', async (name) => {
    const bytes = toBytes(documents[name]!());
    for (const length of campaign(1).sample(bytes.length, 100 * fuzzRuns))
      await expectRefused(`${length} bytes`, bytes.slice(0, length), [
        'truncated',
        'malformed',
        'not-a-model',
      ]);
  });

  test.each(names)('%s: any character changed', async (name) => {
    const bytes = toBytes(documents[name]!());
    const random = campaign(names.indexOf(name) + 7);
    for (let run = 0; run < 120 * fuzzRuns; run++) {
      const changed = Uint8Array.from(bytes);
      changed[random.below(bytes.length)] = random.pick([
        ...Buffer.from('"{}[]:,\\0-.eE= AZ+/\u0000\n'),
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

  const valid = JSON.stringify(documents['linear regression']!());
  const model = /"model":/;
  const texts: Readonly<Record<string, [string | Uint8Array, ErrorCode[]]>> = {
    'an empty file': ['', ['not-a-model']],
    'another format': [valid.replace('sklearn-json', 'other'), ['not-a-model']],
    'a format that is no string': [
      valid.replace('"nuthatch/sklearn-json"', '{"toString":1}'),
      ['not-a-model'],
    ],
    'bytes after the end': [`${valid}x`, ['malformed']],
    'a second document': [valid + valid, ['malformed', 'truncated']],
    'NUL after the end': [`${valid}\u0000`, ['malformed']],
    'NaN as a number': [valid.replace('true', 'NaN'), ['malformed']],
    'a comma too many': [valid.replace(/}$/, ',}'), ['malformed', 'truncated']],
    'a comment': [valid.replace(model, '/* x */"model":'), ['malformed']],
    'single quotes': [valid.replace('"model"', "'model'"), ['malformed']],
    'a key twice': [valid.replace(model, '"model":1,"model":'), ['malformed']],
    'a key twice, once escaped': [valid.replace(model, '"\\u006dodel":1,"model":'), ['malformed']],
    'bytes that are not UTF-8': [
      new Uint8Array([...Buffer.from(valid.slice(0, -1)), 0xff, 0x7d]),
      ['malformed'],
    ],
    'UTF-16': [new Uint8Array(Buffer.from(`\ufeff${valid}`, 'utf16le')), ['not-a-model']],
    'a newer major version': [
      valid.replace('"version":"1.0"', '"version":"2.0"'),
      ['unsupported-version'],
    ],
    'an older major version': [
      valid.replace('"version":"1.0"', '"version":"0.9"'),
      ['unsupported-version'],
    ],
    'a version that is a number': [
      valid.replace('"version":"1.0"', '"version":1.0'),
      ['malformed'],
    ],
    'a version without end': [
      valid.replace('"version":"1.0"', `"version":"1.0${'0'.repeat(100_000)}x"`),
      ['malformed'],
    ],
    'no model': [valid.replace('"model"', '"modem"'), ['malformed', 'unsupported']],
    'no environment': [valid.replace('"environment"', '"environs"'), ['malformed']],
    'a million levels': [valid.replace(model, `"x":${'['.repeat(1e6)}`), ['limit-exceeded']],
    'a million levels of objects': [
      valid.replace(model, `"x":${'{"a":'.repeat(1e6)}`),
      ['limit-exceeded'],
    ],
    'a million levels inside the model': [
      valid.replace('true', '['.repeat(1e6) + ']'.repeat(1e6)),
      ['limit-exceeded'],
    ],
  };
  test.each(Object.keys(texts))('%s', async (name) => {
    const [text, expected] = texts[name]!;
    const started = performance.now();
    await expectRefused(name, text instanceof Uint8Array ? text : toBytes(text), expected);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('unknown keys of a newer minor version are ignored', async () => {
    const whole = documents['tree regressor']!();
    const unharmed = answers(await importModel(toBytes(whole)));
    const newer = {
      ...whole,
      version: '1.7',
      newer: { $: 'unknown' },
      environment: { ...whole.environment, gpu: { toString: 1, deep: [{}] } },
    };
    expect(answers(await importModel(toBytes(newer)))).toBe(unharmed);
  });
});
