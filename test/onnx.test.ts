import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { importModel, writeNut } from '../formats/index.js';
import { compareAnswers, readAnswers } from './onnx/answers.js';

/** Every folder below fixtures/onnx: a file and what onnxruntime answered. See make.py there. */
const folder = fileURLToPath(new URL('../fixtures/onnx/', import.meta.url));
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== '__pycache__')
  .map(({ name }) => name)
  .sort();
const fileOf = (name: string) => readFileSync(join(folder, name, 'model.onnx'));

test('there are files of every rule', () => {
  const rules = new Set(names.map((name) => readAnswers(join(folder, name)).rule));
  expect([...rules].sort()).toEqual(['dot', 'exact', 'logistic', 'norm', 'sigmoid', 'softmax']);
});

test.each(names)('%s answers as onnxruntime did, as .nut too', async (name) => {
  const answers = readAnswers(join(folder, name));
  const imported = await importModel(fileOf(name));
  expect(imported.provenance.format).toBe('onnx');
  const written = writeNut(imported);
  const read = await importModel(written);
  expect(Buffer.compare(writeNut(read), written)).toBe(0);
  for (const model of [imported, read]) {
    const comparisons = compareAnswers(model, answers);
    expect(comparisons.length).toBe(Object.keys(answers.outputs).length);
    for (const { method, values, identical, failed } of comparisons) {
      expect({ method, failed }).toEqual({ method, failed: 0 });
      expect(values).toBeGreaterThan(0);
      if (answers.rule === 'exact') expect(identical).toBe(values);
    }
  }
});
