import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { measureAllocation } from '../bench/measure.js';
import { importModel } from '../formats/index.js';
import { asClassifier, createModel, load, webAssembly } from '../src/index.js';
import type { GoldenMatrix } from '../src/ir/index.js';

/** What measuring takes. */
const fewBytes = 10;
/** And numbers that V8 boxes here, since it inlines less across the modules of a test; built, a call takes none. */
const fewBoxes = 200;

test('a typed row passes a pipeline without allocating', { retry: 2 }, async () => {
  const path = fileURLToPath(new URL('../fixtures/pipelines/numbers/model.json', import.meta.url));
  const description = await importModel(readFileSync(path));
  const model = asClassifier(createModel(description));
  const { input } = description.golden.find(({ name }) => name === 'rows')!;
  const { data, columns: cols } = input as GoldenMatrix;
  const x = { data: Float64Array.from(data.subarray(0, cols)), rows: 1, cols };
  const index = new Int32Array(1);
  const probabilities = new Float64Array(2);
  expect(measureAllocation(() => model.predictInto(x, index))).toBeLessThan(fewBoxes);
  expect(measureAllocation(() => model.predictProbaInto!(x, probabilities))).toBeLessThan(fewBoxes);
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

test('a typed row passes products in WebAssembly without allocating', { retry: 2 }, () => {
  const read = (name: string) =>
    new Uint8Array(readFileSync(new URL(`../bench/models/pipeline/${name}`, import.meta.url)));
  const model = asClassifier(load(read('model.nut'), { accelerator: webAssembly }));
  const cols = model.nFeatures;
  const x = { data: new Float32Array(read('rows.f32').buffer).slice(0, cols), rows: 1, cols };
  const index = new Int32Array(1);
  expect(measureAllocation(() => model.predictInto(x, index))).toBeLessThan(fewBytes);
});
