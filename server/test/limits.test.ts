import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Asked, fixture, iris, startServer } from './serving.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nuthatch-server-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('what a request may be', () => {
  let server: Asked;
  beforeAll(async () => {
    server = await startServer(iris, { limits: { rows: 3, bodyBytes: 2000 } });
  });
  afterAll(() => server.close());
  const row = [5.1, 3.5, 1.4, 0.2];

  test('rows, and bytes as they are and inflated, are held to their limits', async () => {
    const four = await server.post('/predict', { features: [row, row, row, row] });
    expect(four).toMatchObject({ status: 413, json: { error: { code: 'limit-exceeded' } } });
    expect((await server.post('/predict', 'x'.repeat(3000))).status).toBe(413);
    const bomb = gzipSync(Buffer.alloc(10_000_000, ' '));
    expect((await server.post('/predict', bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
    const good = gzipSync(JSON.stringify({ features: row }));
    expect((await server.post('/predict', good, { 'content-encoding': 'gzip' })).status).toBe(200);
  });

  test.each<[string, string, string]>([
    ['nothing', '', 'malformed'],
    ['half of JSON', '{"features": [[5.1, 3.5', 'malformed'],
    ['no features', '{"rows": [[5.1, 3.5, 1.4, 0.2]]}', 'malformed'],
    ['too few cells', '{"features": [5.1, 3.5]}', 'input-shape'],
    ['words', '{"features": ["a", "b", "c", "d"]}', 'input-type'],
    ['infinity, as Python writes it', '{"features": [Infinity, 1, 1, 1]}', 'input-not-finite'],
    [
      'names that objects have',
      '{"features": {"__proto__": 1, "constructor": 2}}',
      'input-columns',
    ],
    ['another method', '{"features": [5.1, 3.5, 1.4, 0.2], "method": "constructor"}', 'usage'],
    ['nesting', `{"features": ${'['.repeat(900)}${']'.repeat(900)}}`, 'input-shape'],
  ])('%s is refused by code', async (_, body, code) => {
    const { status, json } = await server.post('/predict', body);
    expect({ status, json }).toMatchObject({ status: 400, json: { error: { code } } });
  });

  test.each(['/predict', '/score', '/v1/models/model:predict', '/invocations'])(
    '%s without a body is refused',
    async (path) => {
      const { status } = await fetch(server.address + path, { method: 'POST' });
      expect(status).toBe(400);
    },
  );

  test('NaN, as Python writes it, is a missing cell', async () => {
    const found = await server.post('/predict', '{"features": [NaN, 3.5, 1.4, 0.2]}');
    expect(found).toMatchObject({ status: 200, json: { prediction: ['setosa'] } });
  });

  test('what clients did is counted', async () => {
    const { body } = await server.get('/metrics');
    expect(body).toMatch(/^nuthatch_errors_total\{code="limit-exceeded"\} 1$/m);
    expect(body).toMatch(/^nuthatch_rows_total\{model="model",version="1"\} 2$/m);
    expect(body).toMatch(/^request_processing_seconds_count \d+$/m);
    expect(body).not.toMatch(/quantile/);
    expect(body).toMatch(/^nuthatch_model_info\{.*class="RandomForestClassifier",digest="sha256:/m);
  });
});

describe('folders', () => {
  test('of models and versions: the newest answers, all are there', async () => {
    const forest = fixture('fixtures/pickle/sklearn-1.9/forest.zlib.joblib');
    for (const [name, version] of [
      ['flowers', '2'],
      ['flowers', '10'],
      ['other', '1'],
    ] as const) {
      mkdirSync(join(folder, 'models', name, version), { recursive: true });
      copyFileSync(forest, join(folder, 'models', name, version, 'model.joblib'));
    }
    copyFileSync(iris, join(folder, 'models', 'alone.json'));
    const server = await startServer(join(folder, 'models'), { models: { versions: 'all' } });
    try {
      expect((await server.get('/v1/models')).json).toEqual({
        models: ['alone', 'flowers', 'other'],
      });
      expect((await server.get('/v2/models/flowers')).json).toMatchObject({
        versions: ['2', '10'],
      });
      const body = { inputs: [{ name: 'x', datatype: 'FP64', shape: [1, 3], data: [1, 0, 0] }] };
      const { json } = await server.post('/v2/models/flowers/infer', body);
      expect(json).toMatchObject({ model_version: '10' });
      expect(await server.post('/predict', {})).toMatchObject({
        status: 404,
        json: { error: { message: 'name one of the models alone, flowers, other' } },
      });
    } finally {
      await server.close();
    }
  });

  test('of MLflow', async () => {
    const server = await startServer(fixture('fixtures/mlflow/sklearn-skops'), { modelName: 'm' });
    const { json } = await server.post(
      '/invocations',
      { inputs: [[5.1, 3.5, 1.4, 0.2]] },
      { 'content-type': 'application/json' },
    );
    expect(json).toEqual({ predictions: [0] });
    await server.close();
  });

  test('without a model, and a model that is damaged, do not start a server', async () => {
    mkdirSync(join(folder, 'empty'));
    await expect(startServer(join(folder, 'empty'))).rejects.toThrow(/there is no model here/);
    writeFileSync(join(folder, 'broken.nut'), 'nothing');
    await expect(startServer(join(folder, 'broken.nut'))).rejects.toThrow(
      /none of the known formats/,
    );
  });
});

test('a server that drains says so, and answers what has come', async () => {
  const server = await startServer(iris);
  server.context.repository.drain();
  for (const path of ['/readyz', '/ping', '/v2/health/ready', '/v1/models/model'])
    expect((await server.get(path)).status, path).toBe(503);
  expect((await server.get('/healthz')).status).toBe(200);
  expect((await server.post('/predict', { features: [5.1, 3.5, 1.4, 0.2] })).status).toBe(200);
  await server.close();
  await expect(fetch(server.address)).rejects.toThrow();
});
