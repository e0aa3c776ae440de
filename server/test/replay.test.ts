import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { replay } from '../src/index.js';
import { fixture, iris, startServer } from './serving.js';

/** A tree of the same flowers as the forest, which answers otherwise here and there. */
const tree = fixture('fixtures/reference/flowers/model.json');
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nuthatch-replay-'));
  const server = await startServer(iris, { modelName: 'iris', capture: { folder } });
  const row = [5.1, 3.5, 1.4, 0.2];
  await server.post('/predict', { features: row, probabilities: true });
  await server.post('/invocations', '5.1,3.5,1.4,0.2\n6.0,2.2,5.0,1.5\n', {
    'content-type': 'text/csv',
  });
  await server.post('/v1/models/iris/versions/1:predict', { instances: [[6, 2.7, 5.1, 1.6]] });
  await server.post('/models/iris/versions/1/predict', {
    features: [6, 2.7, 5.1, 1.6],
    method: 'predict_proba',
  });
  await server.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the same model answers what it answered', async () => {
  const same = { requests: 4, changed: 0, moved: 0, greatest: 0, errors: 0 };
  expect(await replay(folder, iris, null)).toMatchObject(same);
  expect(await replay(folder, iris, iris)).toMatchObject(same);
});

test('another is told apart, and so is one that refuses', async () => {
  const found = await replay(folder, tree, null);
  expect(found).toMatchObject({ requests: 4, errors: 0 });
  expect(found.moved).toBeGreaterThan(0);
  expect(found.greatest).toBeGreaterThan(0.01);
  expect(found.p99Ms).toBeGreaterThanOrEqual(found.p50Ms);
  const prices = fixture('fixtures/reference/prices/model.json');
  expect(await replay(folder, prices, null)).toMatchObject({ requests: 4, errors: 4 });
});

test('what is no capture is refused by its line', async () => {
  const path = join(folder, 'bad.txt');
  writeFileSync(path, '{"captureData": null}\n');
  await expect(replay(path, iris, null)).rejects.toMatchObject({
    code: 'malformed',
    path: 'bad.txt, line 1',
  });
  writeFileSync(path, '\n');
  await expect(replay(path, iris, null)).rejects.toMatchObject({ code: 'usage' });
  await expect(replay(join(folder, 'none'), iris, null)).rejects.toMatchObject({ code: 'io' });
});
