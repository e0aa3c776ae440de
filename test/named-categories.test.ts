import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importModel } from '../formats/index.js';
import { asPredictor, createModel } from '../src/index.js';

/** Names of categories in the libraries' own files; what DataFrames are answered is compared by fixtures/wrappers. */

const read = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../fixtures/boosting/${path}`, import.meta.url)), 'utf8');
const text = read('lightgbm-4.7.0/binary-categories-txt/model.txt');
const dump = read('lightgbm-4.7.0/binary-categories-json/model.json');
const json = read('xgboost-3.2.0/reg-squarederror-categories-json/model.json');

const towns = Array.from({ length: 40 }, (_, code) => `town ${code}`);
const sizes = Array.from({ length: 40 }, (_, code) => 100 - code);

const changed = (from: string | RegExp, to: string, all: string): string => {
  expect(all.replace(from, () => to)).not.toBe(all);
  return all.replace(from, () => to);
};
const inText = (list: string) =>
  changed('pandas_categorical:null', `pandas_categorical:${list}`, text);
const inDump = (list: string) =>
  changed('"pandas_categorical": null', `"pandas_categorical": ${list}`, dump);

/** The last of five features has categories. */
function inXgboost(categories: string): string {
  const none = '{"offsets":[],"values":[]}';
  return changed('"enc":[]', `"enc":[${[none, none, none, none, categories].join(',')}]`, json);
}
function textsOf(words: readonly string[]): string {
  const ends = words.map((_, i) => words.slice(0, i + 1).join('').length);
  const values = Array.from(Buffer.from(words.join('')));
  return JSON.stringify({ offsets: [0, ...ends], values });
}
const numbersOf = (values: readonly number[]) => JSON.stringify({ type: 15, values });

const predictor = async (file: string) =>
  asPredictor(createModel(await importModel(Buffer.from(file))));

const cell = [0.3, -4, 0.1, 2] as const;

const files: Readonly<Record<string, readonly [plain: string, strings: string, numbers: string]>> =
  {
    'LightGBM, text': [text, inText(JSON.stringify([towns])), inText(JSON.stringify([sizes]))],
    'LightGBM, dump': [dump, inDump(JSON.stringify([towns])), inDump(JSON.stringify([sizes]))],
    'XGBoost, JSON': [json, inXgboost(textsOf(towns)), inXgboost(numbersOf(sizes))],
  };

describe.each(Object.keys(files))('%s', (name) => {
  const [plain, strings, numbers] = files[name]!;

  test('a category is given as its value, and answers as its code does', async () => {
    const byCode = await predictor(plain);
    const byName = await predictor(strings);
    const byNumber = await predictor(numbers);
    const found = towns.map((town, code) => {
      const wanted = byCode.predict([[...cell, code]]);
      expect(byName.predict([[...cell, town]])).toEqual(wanted);
      expect(byNumber.predict([[...cell, sizes[code]!]])).toEqual(wanted);
      return String(wanted);
    });
    expect(new Set(found).size).toBeGreaterThan(1);
    const missing = byCode.predict([[...cell, Number.NaN]]);
    expect(byName.predict([[...cell, null]])).toEqual(missing);
    expect(byNumber.predict([[...cell, Number.NaN]])).toEqual(missing);
  });

  test('one that is not known is missing to LightGBM, and an error of XGBoost', async () => {
    const byName = await predictor(strings);
    if (name.startsWith('XGBoost'))
      return expect(() => byName.predict([[...cell, 'Paris']])).toThrow(/Paris.*not known/);
    const missing = byName.predict([[...cell, null]]);
    expect(byName.predict([[...cell, 'Paris']])).toEqual(missing);
  });
});

test('lists that are not as many as the features of categories, or of booleans, leave codes', async () => {
  for (const list of ['[]', '[["a"],["b"]]', '[[false,true]]'])
    for (const file of [inText(list), inDump(list)])
      expect((await importModel(Buffer.from(file))).input.type).toBe('matrix');
});

const refused: Readonly<Record<string, readonly [file: string, message: RegExp]>> = {
  'a category twice': [inText('[["a","a"]]'), /pandas_categorical\[0\].*twice/],
  'a list that is none': [inDump('[{}]'), /pandas_categorical\[0\].*list/],
  'a line that is no JSON': [inText('[["a"]'), /JSON/],
  'XGBoost: a category twice': [inXgboost(textsOf(['a', 'a'])), /enc\[4\].*twice/],
  'XGBoost: more features': [
    inXgboost('{"offsets":[],"values":[]},{"offsets":[],"values":[]}'),
    /6/,
  ],
  'XGBoost: texts out of order': [inXgboost('{"offsets":[0,2,1],"values":[65,66]}'), /ascending/],
  'XGBoost: texts beyond the end': [inXgboost('{"offsets":[0,9],"values":[65]}'), /offsets/],
  'XGBoost: no UTF-8': [inXgboost('{"offsets":[0,1],"values":[255]}'), /UTF-8/],
};
test.each(Object.keys(refused))('refused: %s', async (name) => {
  const [file, message] = refused[name]!;
  await expect(importModel(Buffer.from(file))).rejects.toThrow(message);
});
