import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importModel, writeNut } from '../formats/index.js';
import { readPickle } from '../formats/pickle/machine.js';
import { readSklearnJson } from '../formats/sklearn-json/read.js';
import { asPredictor, createModel, type NuthatchError } from '../src/index.js';
import { findCorpus } from './corpora.js';
import { file, global } from './hostile/pickle-programs.js';

/** Every file below fixtures/pickle: what pickle and joblib wrote, beside the export of the same estimator. See make.py there. */
const folder = fileURLToPath(new URL('../fixtures/pickle/', import.meta.url));
const versions = readdirSync(folder).filter((name) => name.startsWith('sklearn-'));
const files = versions.flatMap((version) =>
  readdirSync(join(folder, version)).map((name) => ({
    version,
    name,
    path: join(folder, version, name),
  })),
);
const pickles = files.filter(({ name }) => /\.(pkl|joblib)$/.test(name));
const isRefused = ({ version, name }: { version: string; name: string }) =>
  !files.some((file) => file.version === version && file.name === `${name.split('.')[0]}.json`);

test('there are files of every protocol and compression, of numpy 1 and 2', () => {
  expect(versions).toEqual(['sklearn-1.1', 'sklearn-1.9']);
  const kinds = new Set(pickles.map(({ name }) => name.slice(name.indexOf('.') + 1)));
  expect([...kinds]).toEqual(
    expect.arrayContaining([
      ...[0, 1, 2, 3, 4, 5].map((protocol) => `${protocol}.pkl`),
      ...['plain.joblib', 'zlib.joblib', 'gzip.joblib'],
    ]),
  );
});

/** The model as .nut, but for where it comes from. */
async function converted(path: string): Promise<Buffer> {
  const model = await importModel(readFileSync(path), { keepCovers: true });
  const provenance = { ...model.provenance, format: '', digest: null, time: null };
  return Buffer.from(writeNut({ ...model, provenance }));
}

test.each(pickles.filter((file) => !isRefused(file)))(
  '$version/$name is the export, to the byte',
  async ({ name, path }) => {
    const exported = join(path, '..', `${name.split('.')[0]}.json`);
    expect((await converted(path)).equals(await converted(exported))).toBe(true);
  },
);

test.each(pickles.filter(({ name }) => name.startsWith('values.')))(
  '$version/$name holds the values of the export',
  ({ path }) => {
    const bytes = readFileSync(path);
    const found = readPickle(new Uint8Array(bytes), 2 ** 20);
    const expected = readSklearnJson(readFileSync(join(path, '..', 'values.json'))).model;
    expect(JSON.stringify(expected, plainly).length).toBeGreaterThan(5000);
    expect(JSON.stringify(found, plainly)).toBe(JSON.stringify(expected, plainly));
  },
);

/** Values that JSON has no word for; where one is twice, all that it holds is. */
function plainly(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (typeof value === 'bigint') return `integer ${value}`;
  const isUsual = typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0));
  return isUsual ? value : Object.is(value, -0) ? '−0' : String(value);
}

test('says which scikit-learn wrote it, and as what', async () => {
  for (const version of versions) {
    const bytes = readFileSync(join(folder, version, 'forest.2.pkl'));
    expect((await importModel(bytes)).provenance).toMatchObject({
      library: 'scikit-learn',
      libraryVersion: version === 'sklearn-1.1' ? '1.1.3' : '1.9.1',
      className: 'RandomForestClassifier',
      format: 'pickle',
      digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      time: null,
    });
  }
});

describe('what is refused', () => {
  const refused = JSON.parse(
    readFileSync(join(folder, 'sklearn-1.9', 'refused.json'), 'utf8'),
  ) as Record<string, [code: string, place: string, words: string]>;

  test('is said of each such file', () => {
    const found = pickles.filter(isRefused).map(({ name }) => name);
    expect(found.sort()).toEqual(Object.keys(refused).sort());
  });

  test.each(Object.entries(refused))('%s', async (name, [code, place, words]) => {
    const bytes = readFileSync(join(folder, 'sklearn-1.9', name));
    const error = (await importModel(bytes).catch((caught) => caught)) as NuthatchError;
    expect(error.code).toBe(code);
    expect(error.path).toBe(place);
    expect(error.message).toContain(words);
  });
});

describe('the bytes of', () => {
  const read = (name: string) => readFileSync(join(folder, 'sklearn-1.9', name));

  test.each([
    'forest.0.pkl',
    'forest.2.pkl',
    'forest.5.pkl',
    'forest.plain.joblib',
    'table.zlib.joblib',
  ])('%s: cut off anywhere, or with more after the end, they are no model', async (name) => {
    const bytes = read(name);
    for (let length = 0; length < bytes.length; length += 1 + (length >> 6)) {
      const error = await importModel(bytes.subarray(0, length)).catch((caught) => caught);
      expect(['truncated', 'malformed', 'not-a-model']).toContain(error.code);
    }
    if (name.includes('zlib')) return;
    const more = Buffer.concat([bytes, Buffer.from('.')]);
    await expect(importModel(more)).rejects.toMatchObject({ code: 'malformed' });
  });
});

test('a named tuple is made of the same items before protocol 2 as after', () => {
  const name = global('sklearn.impute._iterative._ImputerTriplet');
  const items = ['(K\x01K\x02Nt'];
  const read = (...parts: (string | Uint8Array)[]) => readPickle(file(...parts), 2 ** 20);
  const later = read(name, ...items, '\x81');
  const before = read(
    ...[global('copyreg._reconstructor'), '(', name, global('builtins.tuple'), ...items, 'tR'],
  );
  expect(later).toMatchObject({ type: 'object', args: [1, 2, null] });
  expect(before).toEqual(later);
});

/** Files that others wrote years ago, with what Python answered: scores of gradient boosting, in rows of a text. Not part of this project. */
describe('the corpus of the library leaves', () => {
  const corpus = findCorpus('leaves');
  const lines = (name: string) => readFileSync(join(corpus!, name), 'utf8').trim().split('\n');
  /** LIBSVM's rows: a label, then the cells that are not 0. */
  const rows = (name: string, columns: number) =>
    lines(name).map((line) => {
      const row = new Array<number>(columns).fill(0);
      for (const cell of line.trim().split(/\s+/).slice(1)) {
        const [column, value] = cell.split(':');
        row[Number(column)] = Number(value);
      }
      return row;
    });

  // Where the folder is absent, which is said.
  test.skipIf(corpus === null).each([
    ['sk_gradient_boosting_classifier', 'sk_gradient_boosting_classifier_test.libsvm', 20],
    ['sk_iris', 'iris_test.libsvm', 4],
  ])('%s, of scikit-learn 0.19, answers as it did, to the bit', async (name, data, columns) => {
    const bytes = readFileSync(join(corpus!, `${name}.model`));
    await expect(importModel(bytes)).rejects.toMatchObject({ code: 'unsupported-version' });
    const model = await importModel(bytes, { allowUnprovenVersion: true });
    expect(model.provenance).toMatchObject({ libraryVersion: '0.19.1' });
    const expected = lines(`${name}_true_predictions.txt`).map((line) =>
      line.split('\t').map(Number),
    );
    const scores = asPredictor(createModel(model)).raw(rows(data, columns)).toArray();
    expect(scores).toEqual(expected);
  });
});
