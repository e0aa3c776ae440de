import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flowers, setosa, wrongFlowers } from './models.js';
import { type Asked, startServer } from './serving.js';

let folder: string;
let root: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nuthatch-admin-'));
  root = join(folder, 'models');
  for (const place of ['rose/1', 'rose/2', 'deep/er/tulip', 'wrong'])
    await mkdir(join(root, place), { recursive: true });
  await writeFile(join(root, 'rose/1/model.nut'), await flowers('one'));
  await writeFile(join(root, 'rose/2/model.nut'), await flowers('two'));
  await writeFile(join(root, 'deep/er/tulip/model.nut'), await flowers('tulip'));
  await writeFile(join(root, 'wrong/model.nut'), await wrongFlowers());
  await writeFile(join(folder, 'outside.nut'), await flowers('secret'));
  await symlink(folder, join(root, 'escape'));
});
afterAll(() => rm(folder, { recursive: true }));

const open = { security: { open: ['admin' as const] } };
const ask = async (server: Asked, method: string, path: string) =>
  (await fetch(server.address + path, { method })).status;

test('all versions that are chosen must have room, and there must be one', async () => {
  const start = (models: object) => startServer(join(root, 'rose'), { models });
  const { bytes } = await start({}).then(async (server) => {
    await server.close();
    return server.context.repository.get();
  });
  const both = { versions: 'all', memoryBytes: 2 * bytes - 1 };
  await expect(start(both)).rejects.toMatchObject({ code: 'limit-exceeded' });
  await (await start({ ...both, memoryBytes: 2 * bytes })).close();
  await expect(start({ versions: { only: [7] } })).rejects.toThrow(/none of the versions/);
});

test('without tokens, nobody administrates', async () => {
  const server = await startServer(join(root, 'rose'));
  for (const path of [
    '/v2/repository/models/rose/load',
    '/v2/repository/models/rose/unload',
    '/models',
  ])
    expect((await server.post(path, {})).status, path).toBe(403);
  expect(await ask(server, 'DELETE', '/models/rose')).toBe(403);
  expect((await server.post('/predict', { features: setosa })).status).toBe(200);
  await server.close();
});

describe('the repository of the Open Inference Protocol', () => {
  let server: Asked;
  beforeAll(async () => {
    server = await startServer(root, { ...open, models: { load: 'asked', versions: 'all' } });
  });
  afterAll(() => server.close());
  const index = async (body: object = {}) => (await server.post('/v2/repository/index', body)).json;

  test('models are loaded and unloaded when that is asked for', async () => {
    expect((await server.get('/readyz')).status).toBe(200);
    expect(await index()).toEqual([]);
    expect((await server.post('/v2/models/rose/infer', {})).status).toBe(404);
    expect((await server.post('/v2/repository/models/rose/load', '')).status).toBe(200);
    expect(await index({ ready: true })).toEqual([
      { name: 'rose', version: '1', state: 'READY', reason: '' },
      { name: 'rose', version: '2', state: 'READY', reason: '' },
    ]);
    const { json } = await server.post('/models/rose/predict', { features: setosa });
    expect(json).toEqual({ prediction: ['two'] });
    expect((await server.post('/v2/repository/models/rose/unload', '')).status).toBe(200);
    expect(await index()).toEqual([]);
    expect((await server.post('/v2/repository/models/rose/unload', '')).status).toBe(404);
  });

  test('who asks is told what is wrong, and not where files are', async () => {
    const load = async (name: string, body: object | string = '') => {
      const { status, json } = await server.post(`/v2/repository/models/${name}/load`, body);
      return [status, (json as { error: string }).error];
    };
    expect(await load('lily')).toEqual([404, 'there is no model "lily"']);
    expect(await load('__proto__')).toEqual([404, 'there is no model "__proto__"']);
    expect(await load('..%2Foutside')).toEqual([404, 'there is no model "../outside"']);
    const [status, message] = await load('wrong');
    expect(status).toBe(400);
    expect(message).toMatch(/golden values do not hold/);
    expect(message).not.toContain(folder);
    const files = { parameters: { 'file:1/model.nut': 'AAAA' } };
    expect((await load('rose', files))[0]).toBe(501);
    expect((await load('rose', '[1]'))[0]).toBe(400);
  });

  test('configuration and statistics, with what was counted', async () => {
    await server.post('/v2/repository/models/rose/load', '');
    const of = async (path: string) => (await server.get(path)).json;
    expect(await of('/v2/models/rose/config')).toMatchObject({
      name: 'rose',
      input: [{ name: 'input', data_type: 'TYPE_FP64', dims: [4] }],
      output: expect.arrayContaining([{ name: 'predict', data_type: 'TYPE_STRING', dims: [1] }]),
    });
    await server.post('/models/rose/predict', { features: [setosa, setosa] });
    await server.post('/models/rose/predict', { features: [1, 2] });
    await server.post('/models/rose/versions/1/predict', { features: setosa });
    const { model_stats } = (await of('/v2/models/rose/stats')) as { model_stats: object[] };
    expect(model_stats).toMatchObject([
      { version: '1', inference_count: 1, execution_count: 1 },
      {
        version: '2',
        inference_count: 2,
        inference_stats: { success: { count: 1 }, fail: { count: 1 }, compute_infer: { count: 1 } },
      },
    ]);
    const { ns } = (model_stats[1] as { inference_stats: { success: { ns: number } } })
      .inference_stats.success;
    expect(ns).toBeGreaterThan(1000);
    expect(ns).toBeLessThan(5e9);
    expect(await of('/v2/models/stats')).toEqual({ model_stats });
    expect(await of('/v2/models/rose/versions/1/stats')).toEqual({ model_stats: [model_stats[0]] });
    for (const path of ['trace/setting', 'models/rose/trace/setting', 'systemsharedmemory/status'])
      expect((await server.get(`/v2/${path}`)).status, path).toBe(501);
  });
});

describe('endpoints of several models, of Amazon SageMaker', () => {
  let server: Asked;
  beforeAll(async () => {
    const models = { load: 'asked' as const, memoryBytes: 150_000 };
    server = await startServer(root, { ...open, models });
  });
  afterAll(() => server.close());
  const load = async (model_name: string, url: string) =>
    (await server.post('/models', { model_name, url })).status;
  const invoke = (name: string) =>
    server.post(
      `/models/${name}/invoke`,
      { instances: [setosa] },
      { 'content-type': 'application/json' },
    );

  test('are loaded, listed, invoked and unloaded', async () => {
    expect((await server.get('/ping')).status).toBe(200);
    expect(await load('a/b', join(root, 'deep/er/tulip'))).toBe(200);
    expect(await load('a/b', join(root, 'deep/er/tulip'))).toBe(409);
    expect((await invoke('a%2Fb')).json).toEqual({ predictions: ['tulip'] });
    const own = { modelName: 'a/b', modelUrl: 'deep/er/tulip/model.nut' };
    expect((await server.get('/models')).json).toEqual({ models: [own] });
    expect((await server.get('/models/a%2Fb')).json).toEqual(own);
    expect((await invoke('c')).status).toBe(404);
    expect((await server.get('/models/c')).status).toBe(404);
    expect(await ask(server, 'DELETE', '/models/c')).toBe(404);
    expect(await ask(server, 'DELETE', '/models/a%2Fb')).toBe(200);
    expect((await invoke('a%2Fb')).status).toBe(404);
  });

  test('take no more memory than they may', async () => {
    let loaded = 0;
    let status = 200;
    while (status === 200 && loaded < 20) status = await load(`m${loaded++}`, 'rose/1');
    expect(status).toBe(507);
    expect(loaded).toBeGreaterThan(1);
    expect((await server.get(`/models/m${loaded - 1}`)).status).toBe(404);
    expect(await ask(server, 'DELETE', '/models/m0')).toBe(200);
    expect(await load('other', 'rose/2')).toBe(200);
  });

  test.each([
    '../outside.nut',
    '/etc/passwd',
    'escape/outside.nut',
    'escape',
    'rose\u0000/1',
    '',
    'nowhere',
    'wrong',
  ])('at %j there is none', async (url) => {
    expect([400, 404]).toContain(await load('x', url));
    expect((await server.get('/models/x')).status).toBe(404);
  });
});
