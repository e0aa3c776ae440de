import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { writeNut } from '../formats/index.js';
import { readMlmodel } from '../formats/mlflow/mlmodel.js';
import { loadFile, readModel } from '../src/node.js';

/** Folders that MLflow wrote: see fixtures/mlflow/make.py. */
const root = fileURLToPath(new URL('../fixtures/mlflow/', import.meta.url));
const folders = readdirSync(root).filter((name) => name !== 'make.py');

test('there are folders of two flavours, and of each serialization', () => {
  expect(folders.sort()).toEqual([
    ...['lightgbm', 'sklearn-cloudpickle', 'sklearn-pickle', 'sklearn-skops'],
  ]);
});

test.each(folders)('%s is what its file is, with the names that MLflow knows', async (name) => {
  const { file, columnNames } = readMlmodel(readFileSync(join(root, name, 'MLmodel'), 'utf8'));
  // LightGBM's file has names of its own.
  expect(columnNames).toEqual(name === 'lightgbm' ? null : expect.objectContaining({ length: 4 }));
  const own = await readModel(join(root, name, file), { columnNames });
  const model = await readModel(join(root, name));
  expect(Buffer.from(writeNut(model)).equals(Buffer.from(writeNut(own)))).toBe(true);
  expect(model.input).toMatchObject({ features: 4, names: expect.any(Array) });
});

test('names of the signature are those that records have', async () => {
  const model = await loadFile(join(root, 'sklearn-skops'));
  const { columnNames } = readMlmodel(readFileSync(join(root, 'sklearn-skops', 'MLmodel'), 'utf8'));
  const record = Object.fromEntries(columnNames!.map((name, i) => [name, i + 1]));
  const predict = (rows: unknown) =>
    (model as never as { predict(X: unknown): unknown }).predict(rows);
  expect(predict([record])).toEqual(predict([[1, 2, 3, 4]]));
});

describe('a folder is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nuthatch-mlflow-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const refusal = async () => {
    const error = await readModel(folder).catch((caught) => caught);
    return [error.code, error.path, error.message];
  };

  test('without an MLmodel', async () => {
    expect(await refusal()).toEqual(['io', '', expect.stringContaining('without the MLmodel')]);
  });

  const sklearn = (file: string) => `flavors:\n  sklearn:\n    pickled_model: ${file}\n`;
  test.each([
    [
      'of code',
      'flavors:\n  python_function:\n    loader_module: mine\n',
      'unsupported',
      'MLmodel.flavors',
      'python_function',
    ],
    [
      'whose file is above it',
      sklearn('../model.pkl'),
      'malformed',
      'MLmodel.flavors.sklearn.pickled_model',
      'not in the folder',
    ],
    [
      'whose file is anywhere',
      sklearn('/etc/hostname'),
      'malformed',
      'MLmodel.flavors.sklearn.pickled_model',
      'not in the folder',
    ],
    [
      'whose file is on a disk',
      sklearn('"C:\\\\model.pkl"'),
      'malformed',
      'MLmodel.flavors.sklearn.pickled_model',
      'not in the folder',
    ],
    ['without its file', sklearn('model.pkl'), 'io', '', 'no such file'],
    [
      'whose file has no name',
      sklearn('[1]'),
      'malformed',
      'MLmodel.flavors.sklearn.pickled_model',
      'name of a file',
    ],
    ['of no YAML', 'flavors: {', 'malformed', 'MLmodel', ''],
    ['of a list', '- 1', 'malformed', 'MLmodel', 'expected a map'],
    ['without flavours', 'a: 1', 'malformed', 'MLmodel.flavors', 'expected a map'],
    [
      'whose flavours are those of every object',
      'flavors:\n  __proto__:\n    sklearn: 1\n',
      'unsupported',
      'MLmodel.flavors',
      '__proto__',
    ],
    [
      'whose signature is none',
      `${sklearn('a')}signature:\n  inputs: "["\n`,
      'malformed',
      'MLmodel.signature.inputs',
      'JSON',
    ],
    [
      'whose aliases are a bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'.replace(/./g, (c) => `${c}: &${c} [${Array(9).fill(`*${String.fromCharCode(c.charCodeAt(0) - 1)}`)}]\n`)}`,
      'malformed',
      'MLmodel',
      'alias',
    ],
  ])('%s', async (_, text, code, path, words) => {
    writeFileSync(join(folder, 'MLmodel'), text);
    expect(await refusal()).toEqual([code, path, expect.stringContaining(words)]);
  });
});
