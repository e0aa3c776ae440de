import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { importModel, writeNut } from '../formats/index.js';
import { webAssembly } from '../src/index.js';
import { verify } from '../src/verify.js';
import { type Answers, goldenOf } from './boosting/answers.js';

/** Every folder below fixtures/boosting: a file that a library of boosting wrote, and what the library answers. See make.py there. */
const folder = fileURLToPath(new URL('../fixtures/boosting/', import.meta.url));
const cases = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('answers.json'))
  .map((path) => dirname(path))
  .sort();

test('there are files of every library', () => {
  const libraries = new Set(cases.map((path) => path.split(/[-/]/)[0]));
  expect([...libraries]).toEqual(['catboost', 'lightgbm', 'xgboost']);
});

test.each(cases)('%s answers as the library does, as .nut too', async (path) => {
  const files = readdirSync(join(folder, path));
  const model = files.find((name) => name.startsWith('model.'))!;
  const said = JSON.parse(readFileSync(join(folder, path, 'answers.json'), 'utf8')) as Answers;
  const imported = await importModel(readFileSync(join(folder, path, model)));
  const written = writeNut(imported);
  expect(Buffer.compare(writeNut(await importModel(written)), written)).toBe(0);
  for (const accelerator of [null, webAssembly])
    for (const model of [imported, await importModel(written)])
      for (const { method, values, failures } of verify(model, [goldenOf(said)], { accelerator })) {
        expect({ method, failures }).toEqual({ method, failures: [] });
        expect(values).toBeGreaterThan(0);
      }
  const golden = goldenOf(said).outputs.map(({ method }) => method);
  expect(golden).toContain('predict');
});
