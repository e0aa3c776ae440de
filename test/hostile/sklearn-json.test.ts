import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ImportModelOptions, importModel } from '../../formats/index.js';
import {
  createModel,
  type ErrorCode,
  type ModelDescription,
  type NuthatchError,
} from '../../src/index.js';
import { readModelBytes } from '../../src/node.js';
import {
  base64,
  type Document,
  document,
  documents,
  fixedStrings,
  type Json,
  ndarray,
  nodeOffset,
  nodeSize,
  object,
  strings,
  toBytes,
} from './documents.js';
import { findExports } from './fixtures.js';
import { probeRows } from './models.js';
import { compareWithReference, expectTyped, refusals, Tally } from './oracle.js';
import { campaign, fuzzRuns, fuzzTimeout } from './random.js';

/** Changed and lying exports of scikit-learn models. */

const codes: readonly ErrorCode[] = [...refusals, 'not-a-model', 'truncated'];
const tally = new Tally();
const inherited = Object.getOwnPropertyNames(Object.prototype).sort();
afterAll(() => {
  console.log(`sklearn-json, changed documents judged: ${tally}`);
  expect(Object.getOwnPropertyNames(Object.prototype).sort(), 'prototype pollution').toEqual(
    inherited,
  );
  expect(Object.keys({}).length).toBe(0);
});

type Outcome = { readonly error: NuthatchError } | { readonly model: ModelDescription };

async function outcomeOf(
  what: string,
  bytes: Uint8Array,
  options: ImportModelOptions = {},
): Promise<Outcome> {
  const started = performance.now();
  let outcome: Outcome;
  try {
    outcome = { model: await importModel(bytes, options) };
    tally.add({ code: 'accepted', path: '' });
  } catch (error) {
    outcome = { error: expectTyped(what, error, codes) };
    tally.add(outcome.error);
  }
  const took = performance.now() - started;
  if (took > 10_000) expect.fail(`${what}: took ${Math.round(took)} ms`);
  return outcome;
}

async function expectRefused(
  what: string,
  document: Json,
  expected: readonly ErrorCode[] = codes,
): Promise<NuthatchError> {
  const outcome = await outcomeOf(
    what,
    document instanceof Uint8Array ? document : toBytes(document),
  );
  if (!('error' in outcome)) expect.fail(`${what}: accepted`);
  expect(expected, `${what}: ${outcome.error.message}`).toContain(outcome.error.code);
  return outcome.error;
}

/** Everything that a model answers to some rows, as text. */
function answers(description: ModelDescription): string {
  const model = createModel(description);
  const rows = probeRows(description, 9, 12).map((row) =>
    row.map((value) => (Number.isNaN(value) ? 0.5 : value)),
  );
  return JSON.stringify([
    model.predict(rows as never),
    model.raw(rows),
    model.task === 'classifier' ? model.classes : null,
  ]);
}

/** Text to stand for itself in the JSON. */
class RawText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const mark = '\u0001raw\u0001';

/** JSON with raw texts in their places. */
function stringify(value: Json): string {
  const raws: string[] = [];
  const text = JSON.stringify(value, (_, item) => {
    if (!(item instanceof RawText)) return item as unknown;
    raws.push(item.text);
    return mark;
  });
  return text.replaceAll(JSON.stringify(mark), () => raws.shift()!);
}

type Path = readonly (string | number)[];

function* places(value: Json, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (value === null || typeof value !== 'object') return;
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value))
    yield* places((value as Record<string | number, Json>)[key], [...path, key]);
}

const at = (value: Json, path: Path): Json =>
  path.reduce((part, key) => (part as Record<string | number, Json>)[key], value);

/** A copy with another value at `path`; without it where `by` is undefined. */
function replaced(value: Json, path: Path, by: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const remove = rest.length === 0 && by === undefined;
  if (Array.isArray(value)) {
    const copy = [...value];
    if (remove) copy.splice(key as number, 1);
    else copy[key as number] = replaced(copy[key as number], rest, by);
    return copy;
  }
  const entries = Object.entries(value as Record<string, Json>).filter(
    ([name]) => !(remove && name === key),
  );
  return Object.fromEntries(
    entries.map(([name, item]) => [name, name === key ? replaced(item, rest, by) : item]),
  );
}

/** A path as a person would say it: pairs of a dict by their key. */
function describePath(root: Json, path: Path): string {
  let value = root;
  return path
    .map((key) => {
      value = (value as Record<string | number, Json>)[key];
      return typeof key === 'number' && Array.isArray(value) && typeof value[0] === 'string'
        ? value[0]
        : String(key);
    })
    .join('.');
}

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
  /_sklearn_version|scikit-learn|coef_|intercept_|classes_|nodes|values|multi_class|solver|criterion|splitter|monotonic_cst|estimators_|tree_|n_outputs_|class$|^model$|state$|items$|golden/;

/** The oracle: refused with a typed error, or exactly the answers of the unharmed document, or another model's, that the reference confirms. */
async function judge(what: string, path: string, document: Json, unharmed: string): Promise<void> {
  const outcome = await outcomeOf(what, toBytes(stringify(document)));
  if ('error' in outcome) return;
  const { model } = outcome;
  const rows = probeRows(model, 3, 4);
  compareWithReference(
    what,
    createModel(model),
    model.root as unknown as Record<string, unknown>,
    rows,
  );
  if (answers(model) !== unharmed && !meaning.test(path))
    expect.fail(`${what}: accepted with other answers`);
}

const show = (value: Json) => (value === undefined ? 'missing' : stringify(value).slice(0, 80));
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
      const unharmed = answers(await importModel(bytes));
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
        createModel(outcome.model).raw(
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
    expect(Array.from(createModel(model).predict([[1, 1, 1]]) as Float64Array)).toEqual([6.5]);
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
      const model = createModel(outcome.model);
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
      expect(error.message.length).toBeLessThan(1000);
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

  test('an unknown class is named, with those that are known', async () => {
    const error = await expectRefused(
      'class',
      replaced(whole, ['model', 'class'], 'xgboost.sklearn.XGBClassifier'),
      ['unsupported'],
    );
    expect(error.message).toContain('"xgboost.sklearn.XGBClassifier"');
    expect(error.message).toContain('RandomForestClassifier');
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

describe('bombs', () => {
  const whole = documents['linear regression']!();
  const withAttribute = (value: Json) =>
    toBytes(stringify(replaced(whole, ['model', 'state', 'items', 0], ['fit_intercept', value])));

  test('references to references: a billion laughs', async () => {
    const levels: Json[] = [{ $: 'list', id: 0, items: ['ha'] }];
    for (let id = 1; id < 60; id++)
      levels.push({ $: 'list', id, items: Array(10).fill({ $: 'ref', id: id - 1 }) });
    await expectRefused('laughs', withAttribute(levels), ['limit-exceeded']);
  });

  test('a hundred thousand references to one large tree', async () => {
    const forest = documents['forest classifier']!();
    const path = [...places(forest)].find((place) =>
      describePath(forest, place).endsWith('estimators_.1'),
    )!;
    const [tree] = at(forest, path) as [object];
    const refs = Array(100_000).fill({ $: 'ref', id: 50 }) as Json[];
    const changed = replaced(forest, path, [{ ...tree, id: 50 }, ...refs]);
    await expectRefused('trees', changed, ['limit-exceeded']);
    // A few are harmless.
    const few = await outcomeOf(
      'few',
      toBytes(replaced(forest, path, [{ ...tree, id: 50 }, ...refs.slice(0, 20)])),
    );
    expect('model' in few).toBe(true);
  });

  test('golden rows that all refer to the same large array', async () => {
    const rows = { ...(ndarray(new Float64Array(30_000), [10_000, 3]) as object), id: 9 };
    const set = (value: Json) => ({
      name: 'made',
      input: { type: 'matrix', value },
      outputs: {},
      numerics: {},
    });
    const golden = [set(rows), ...Array(10_000).fill(set({ $: 'ref', id: 9 }))] as Json[];
    await expectRefused('golden', { ...whole, golden }, ['limit-exceeded']);
  });

  test('elements of no size', async () => {
    for (const dtype of [
      '<U0',
      '|S0',
      '|V0',
      { names: [], formats: [], offsets: [], itemsize: 0 },
      { base: '<f8', shape: [0] },
    ])
      await expectRefused(
        show(dtype),
        withAttribute({ $: 'ndarray', dtype, shape: [2 ** 29], order: 'C', data: '' }),
        ['limit-exceeded'],
      );
  });

  test('a text of a million NULs is trimmed in no time', async () => {
    const points = new Uint32Array(1_000_000);
    points[points.length - 1] = 120;
    const logistic = documents['logistic regression of an older version']!();
    const path = [...places(logistic)].find((place) =>
      describePath(logistic, place).endsWith('classes_.1'),
    )!;
    const classes = {
      $: 'ndarray',
      dtype: '<U500000',
      shape: [2],
      order: 'C',
      data: base64(points),
    };
    const started = performance.now();
    await outcomeOf('NUL', toBytes(replaced(logistic, path, classes)));
    expect(performance.now() - started).toBeLessThan(6_000);
  });

  test('gzip that inflates beyond the limits', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nuthatch-'));
    try {
      const path = join(folder, 'bomb.json.gz');
      writeFileSync(path, gzipSync(Buffer.alloc(300 * 2 ** 20, ' ')));
      const started = performance.now();
      await expect(readModelBytes(path)).rejects.toMatchObject({ code: 'limit-exceeded' });
      expect(performance.now() - started).toBeLessThan(5_000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  describe('memory', () => {
    const script = `
      const { readFileSync } = await import('node:fs');
      const { importModel } = await import(process.argv[1]);
      const bytes = new Uint8Array(readFileSync(process.argv[2]));
      let code = 'accepted';
      try { await importModel(bytes); } catch (error) { code = error.code ?? String(error); }
      console.log(JSON.stringify({ code }));
    `;
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'nuthatch-'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    test.each([
      ['empty lists', '[],'.repeat(5_000_000)],
      ['empty objects', '{},'.repeat(5_000_000)],
      ['numbers', '1,'.repeat(40_000_000)],
    ])('%s without end are refused before they are parsed, in a heap of 100 MB', (_, items) => {
      const path = join(folder, 'greedy.json');
      writeFileSync(path, JSON.stringify(whole).replace('true', `[${items}1]`));
      const dist = new URL('../../dist/formats/index.js', import.meta.url).href;
      const output = execFileSync(
        process.execPath,
        ['--max-old-space-size=100', '--input-type=module', '-e', script, dist, path],
        { encoding: 'utf8' },
      );
      expect(JSON.parse(output)).toEqual({ code: 'limit-exceeded' });
    });
  });
});
