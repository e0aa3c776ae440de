import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { importModel, writeNut } from '../formats/index.js';
import { verify } from '../src/verify.js';
import { type Answered, goldenOf } from './wrappers/trained.js';

/** Every folder below fixtures/wrappers: a file with an estimator of XGBoost, LightGBM or CatBoost, and what that answers. See make.py there. */
const folder = fileURLToPath(new URL('../fixtures/wrappers/', import.meta.url));
const cases = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('answers.json'))
  .map((path) => dirname(path))
  .sort();
const read = (path: string) =>
  readFileSync(
    join(folder, path, readdirSync(join(folder, path)).find((name) => name.startsWith('model.'))!),
  );

test('there are files of every library', () => {
  const libraries = new Set(cases.map((path) => path.split('-')[0]));
  expect([...libraries]).toEqual(['catboost', 'lightgbm', 'xgboost']);
});

test.each(cases)('%s answers as the estimator does, as .nut too', async (path) => {
  const said = JSON.parse(readFileSync(join(folder, path, 'answers.json'), 'utf8')) as Answered;
  const golden = goldenOf(said);
  const imported = await importModel(read(path));
  for (const model of [imported, await importModel(writeNut(imported))]) {
    const found = verify(model, [golden]);
    expect(found.map(({ method }) => method)).toEqual(Object.keys(said.answers));
    for (const { method, values, failures } of found) {
      expect({ method, failures }).toEqual({ method, failures: [] });
      expect(values).toBeGreaterThan(0);
    }
  }
});

test('the estimator and the version of its library are the model’s provenance', async () => {
  const alone = await importModel(read('xgboost-3.2.0/two-classes'));
  expect(alone.provenance).toMatchObject({
    library: 'XGBoost',
    libraryVersion: '3.2.0',
    className: 'XGBClassifier',
  });
  const inside = await importModel(read('xgboost-3.2.0/stacking'));
  expect(inside.provenance).toMatchObject({
    library: 'scikit-learn',
    className: 'StackingClassifier',
  });
});
