import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { categoryHash } from '../formats/catboost/city-hash.js';
import { importModel } from '../formats/index.js';
import { asClassifier, createModel, type ErrorCode, NuthatchError } from '../src/index.js';
import type { Pipeline, Trees } from '../src/ir/index.js';

const folder = fileURLToPath(new URL('../fixtures/boosting/catboost-1.2.10/', import.meta.url));
const read = (path: string) => readFileSync(`${folder}${path}`);
const integers = read('RMSE-integers-as-categories-leaf-by-leaf-json/model.json').toString();
const colors = read('MultiClass-colors-json/model.json').toString();
const binary = read('Logloss-another-threshold-cbm/model.cbm');
const steps = read('RMSE-leaf-by-leaf-missing-above-cbm/model.cbm');

test('the columns are those of the training, by name, and of what a category is', async () => {
  const typeOf = async (file: string) => {
    const { input } = await importModel(Buffer.from(file));
    return input.type === 'columns' && input.columns.map(({ name, type }) => `${name} ${type}`);
  };
  const numbers = ['0 number', '1 number', '2 number', '3 number'];
  expect(await typeOf(integers)).toEqual([...numbers, 'last number']);
  expect(await typeOf(colors)).toEqual([...numbers, 'last string']);
  const { input } = await importModel(binary);
  expect(input).toEqual({ type: 'matrix', features: 5, names: null });
});

test('it is said where a model comes from', async () => {
  const { provenance } = await importModel(binary);
  expect(provenance).toMatchObject({ library: 'CatBoost', libraryVersion: '1.2.10' });
  expect(provenance).toMatchObject({ className: 'CatBoostClassifier', format: 'catboost' });
  expect(provenance.time).toMatch(/^\d{4}-\d\d-\d\dT/);
  expect((await importModel(Buffer.from(colors))).provenance.format).toBe('catboost-json');
});

test('a category that is not known is none of those that are, one that is missing is refused', async () => {
  const model = asClassifier(createModel(await importModel(Buffer.from(colors))));
  const ask = (last: string | null) => model.predict([[0.5, 1, 0, 2, last]] as never);
  expect(ask('mauve')).toEqual(ask('another'));
  expect(() => ask(null)).toThrow(/last|column 4/);
});

test('a category has the hash that CatBoost gives it, whatever its length', () => {
  const hashes = JSON.parse(read('hashes.json').toString()) as Record<string, number>;
  const lengths = Object.keys(hashes).map((category) => Buffer.byteLength(category));
  expect(Math.min(...lengths)).toBe(1);
  expect(Math.max(...lengths)).toBeGreaterThan(256);
  for (const [category, hash] of Object.entries(hashes))
    expect(categoryHash(category), category).toBe(hash | 0);
});

test('covers are sums of what leaves weigh', async () => {
  for (const file of [steps, binary, Buffer.from(integers)]) {
    const { root } = await importModel(file, { keepCovers: true });
    const { covers, starts } = (
      root.kind === 'pipeline' ? (root as Pipeline<Trees>).steps.at(-1) : root
    ) as Trees;
    const roots = Array.from(starts.slice(0, -1), (start) => covers![start]!);
    expect(Math.min(...roots.filter((_, t) => t < 2))).toBeGreaterThan(100);
  }
});

const changed = (from: string | RegExp, to: string, all: string): string => {
  expect(all.replace(from, to)).not.toBe(all);
  return all.replace(from, to);
};

/** The bytes with others at the place of some. */
function patched(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  expect(to).toHaveLength(from.length);
  expect(text.split(from)).toHaveLength(2);
  return Buffer.from(text.replace(from, to), 'latin1');
}

/** What is refused, why, and where. */
const refused: Readonly<Record<string, readonly [string | Uint8Array, ErrorCode, RegExp]>> = {
  'splits by statistics of categories': [
    read('statistics.cbm'),
    'unsupported',
    /CtrFeatures\[0\].*"color".*one_hot_max_size/,
  ],
  'the same in JSON': [
    changed(
      '"features_info":\n    {',
      '"features_info": {"ctrs": [{"elements": [{"cat_feature_index": 0}]}],',
      colors,
    ),
    'unsupported',
    /ctrs\[0\].*"last".*one_hot_max_size/,
  ],
  'categories that are not named': [
    changed(/"cat_features_hash":\s*\[[^\]]*\],/, '', colors),
    'unsupported',
    /"last" are known by their hashes.*pool=pool/,
  ],
  'a category of another hash': [
    changed(/("value":")red"/, '$1read"', colors),
    'malformed',
    /"read" is not the category of the hash/,
  ],
  'a version of the future': [
    changed('Branch: tags/v1.2.10', 'Branch: tags/v1.3', colors),
    'unsupported-version',
    /1\.3;/,
  ],
  'a loss that is not known': [
    changed(
      /"loss_function":\s*\{\s*"params":\s*\{\s*\},\s*"type":"MultiClass"/,
      '"loss_function": {"type": "Best"',
      colors,
    ),
    'unsupported',
    /loss_function.*"Best"/,
  ],
  'classes that were not in the training': [
    changed(/"class_names":\s*\[\s*0,/, '"class_names": [7, 0,', colors),
    'unsupported',
    /4 classes, of which 3/,
  ],
  'a split that is not there': [
    changed(/"split_index":\d+/, '"split_index":9999', colors),
    'malformed',
    /trees\[0\].*split 9999/,
  ],
  'borders that do not ascend': [
    changed(/("borders":\s*\[\s*)(\S+),(\s*)(\S+?),/, '$1$4,$3$2,', colors),
    'malformed',
    /borders\[1\].*ascending/,
  ],
  'a leaf too few': [
    changed(/("leaf_values":\s*\[\s*)\S+,/, '$1', colors),
    'malformed',
    /leaf_values|oblivious_trees\[0\]/,
  ],
  'two features in one column': [
    changed(/"flat_feature_index":0/, '"flat_feature_index":1', colors),
    'malformed',
    /one column/,
  ],
  'a million columns of which five are described': [
    changed('"flat_feature_index":4', '"flat_feature_index":1000000', colors),
    'limit-exceeded',
    /1000001 columns/,
  ],
  'a node without a child': [
    changed(/"right":/, '"wrong":', integers),
    'malformed',
    /trees\[0\], node 2/,
  ],
  'a probability above 1': [patched(binary, '0.7', '1.7'), 'malformed', /threshold/],
  'a format of another name': [
    patched(binary, 'FlabuffersModel_v1', 'FlabuffersModel_v2'),
    'unsupported-version',
    /FormatVersion.*_v2/,
  ],
  'a binary file that ends early': [binary.subarray(0, 4000), 'truncated', /byte 4/],
};

test.each(Object.keys(refused))('refused: %s', async (name) => {
  const [model, code, message] = refused[name]!;
  const error = await importModel(Buffer.from(model as Uint8Array)).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(NuthatchError);
  expect(error).toMatchObject({ code });
  expect((error as NuthatchError).message).toMatch(message);
});

test('a variance of a single score is refused', async () => {
  const loss = /"loss_function":\s*\{\s*"params":\s*\{\s*\},\s*"type":"RMSE"/;
  const one = changed(loss, '"loss_function": {"type": "RMSEWithUncertainty"', integers);
  await expect(importModel(Buffer.from(one))).rejects.toThrow(/RMSEWithUncertainty of 1 outputs/);
});

test('all that is not supported is said at once', async () => {
  const both = changed(/"cat_features_hash":\s*\[[^\]]*\],/, '', colors).replace(
    /"class_names":\s*\[\s*0,/,
    '"class_names": [7, 0,',
  );
  const error = await importModel(Buffer.from(both)).catch((caught: unknown) => caught);
  expect((error as NuthatchError).problems).toHaveLength(2);
});

test('a version of the future is read where that is asked for', async () => {
  const future = Buffer.from(changed('Branch: tags/v1.2.10', 'Branch: tags/v1.3', colors));
  const { provenance } = await importModel(future, { allowUnprovenVersion: true });
  expect(provenance.libraryVersion).toBe('1.3');
});
