import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { measureAllocation } from '../bench/measure.js';
import { importModel } from '../formats/index.js';
import { asClassifier, createModel, webAssembly } from '../src/index.js';
import type { GoldenMatrix } from '../src/ir/index.js';

/** The object that says what the typed array is, and what measuring takes; thirty numbers alone would be 480 bytes. */
const fewBytes = 400;

test('a typed row passes a pipeline without allocating', { retry: 2 }, async () => {
  const path = fileURLToPath(new URL('../fixtures/pipelines/numbers/model.json', import.meta.url));
  const description = await importModel(readFileSync(path));
  const model = asClassifier(createModel(description));
  const { input } = description.golden.find(({ name }) => name === 'rows')!;
  const { data, columns: cols } = input as GoldenMatrix;
  const x = { data: Float64Array.from(data.subarray(0, cols)), rows: 1, cols };
  const index = new Int32Array(1);
  const probabilities = new Float64Array(2);
  expect(measureAllocation(() => model.predictInto(x, index))).toBeLessThan(fewBytes);
  expect(measureAllocation(() => model.predictProbaInto!(x, probabilities))).toBeLessThan(fewBytes);
});

test.each([
  ['the portable walks', null],
  ['WebAssembly', webAssembly],
])('a typed row passes a forest without allocating: %s', { retry: 2 }, async (_, accelerator) => {
  const path = fileURLToPath(new URL('../fixtures/demo/model.json', import.meta.url));
  const description = await importModel(readFileSync(path));
  const model = asClassifier(createModel(description, { accelerator }));
  const { input } = description.golden.find(({ name }) => name === 'rows')!;
  const { data, columns: cols } = input as GoldenMatrix;
  const x = { data: Float64Array.from(data.subarray(0, cols)), rows: 1, cols };
  const index = new Int32Array(1);
  expect(measureAllocation(() => model.predictInto(x, index))).toBeLessThan(fewBytes);
});
