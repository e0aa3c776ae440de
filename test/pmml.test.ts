import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { importModel, writeNut } from '../formats/index.js';
import { compareAnswers, othersThanOriginal, readAnswers } from './pmml/answers.js';

/** Every folder below fixtures/pmml: a file and what jpmml-evaluator answered. See make.py there. */
const folder = fileURLToPath(new URL('../fixtures/pmml/', import.meta.url));
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== '__pycache__')
  .map(({ name }) => name)
  .sort();
const fileOf = (name: string) => readFileSync(join(folder, name, 'model.pmml'));

test('there are files of every rule', () => {
  const rules = new Set(names.map((name) => readAnswers(join(folder, name)).rule));
  expect([...rules].sort()).toEqual(['dot', 'exact', 'logistic', 'single']);
});

test.each(names)('%s answers as jpmml-evaluator did, as .nut too', async (name) => {
  const answers = readAnswers(join(folder, name));
  const imported = await importModel(fileOf(name));
  expect(imported.provenance.format).toBe('pmml');
  const written = writeNut(imported);
  const read = await importModel(written);
  expect(Buffer.compare(writeNut(read), written)).toBe(0);
  for (const model of [imported, read]) {
    const comparisons = compareAnswers(model, answers);
    expect(comparisons.length).toBe(answers.predict_proba ? 2 : 1);
    for (const { method, values, identical, failures, ties } of comparisons) {
      expect({ method, failures }).toEqual({ method, failures: [] });
      expect(values).toBeGreaterThan(0);
      if (answers.rule === 'exact') expect(identical + ties).toBe(values);
    }
  }
  expect(othersThanOriginal(imported, answers)).toEqual([]);
});
