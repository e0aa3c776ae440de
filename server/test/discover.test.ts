import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { discover } from '../src/discover.js';
import { serve } from '../src/index.js';
import { fixture, iris, startServer } from './serving.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nuthatch-discover-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A folder with these files, each with nothing in it. */
async function laid(name: string, paths: readonly string[]): Promise<string> {
  const root = join(folder, name);
  await mkdir(root);
  for (const path of paths) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), '');
  }
  return root;
}

describe('models in a folder', () => {
  test('are not the scripts, notes and leavings that lie beside them', async () => {
    const root = await laid('sagemaker', [
      ...['model.joblib', 'code/inference.py', 'code/requirements.txt', 'code/lib.json'],
      ...['__pycache__/a.pyc', 'lost+found/#12', '.git/HEAD', '.nut', 'README.md', 'LICENSE'],
      ...['README', 'requirements.txt', 'conda.yaml', 'train.py', 'notes/why.md'],
    ]);
    expect([...(await discover(root, null)).keys()]).toEqual(['model']);
  });

  test('may have any name that is none of those, and a suffix or none', async () => {
    const names = ['code.nut', 'readme.json', 'xgboost-model', 'lightgbm.txt', 'a.ubj', 'b.cbm'];
    const root = await laid('named', [...names, 'code/1/model.nut', 'license/m.nut']);
    const found = [...(await discover(root, null)).values()].flat();
    expect(found.map(({ path }) => path.slice(root.length + 1)).sort()).toEqual(
      [...names, 'code/1/model.nut', 'license/m.nut'].sort(),
    );
  });

  test('of a version lie beside its notes', async () => {
    const root = await laid('versions', ['churn/3/model.nut', 'churn/3/README.md', 'churn/4/x.py']);
    const [churn] = (await discover(root, null)).values();
    expect(churn?.map(({ version }) => version)).toEqual(['3']);
  });

  test('of MLflow, with what it writes beside them, are one', async () => {
    const found = await discover(fixture('fixtures/mlflow/sklearn-skops'), 'm');
    expect(found.get('m')).toHaveLength(1);
  });

  test('that are not there: what to do is said', async () => {
    await expect(discover(join(folder, 'nope.nut'), null)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringMatching(/nope\.nut.*there is no such file; give a file, a folder of/),
    });
    const empty = await laid('empty', ['README.md', 'code/inference.py']);
    await expect(discover(empty, null)).rejects.toMatchObject({
      code: 'not-a-model',
      message:
        'empty: there is no model here: give a file, a folder of MLflow, or a folder of models, each a file or NAME/VERSION/FILE',
    });
  });
});

describe('a port', () => {
  test('that another has is told, and nothing stays open', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as { port: number };
    try {
      const told = {
        code: 'io',
        message: expect.stringMatching(
          `port ${port}: another process has the port.*lsof -i :${port} `,
        ),
      };
      await expect(serve(iris, { port })).rejects.toMatchObject(told);
      await expect(serve(iris, { port: 0, grpc: { port } })).rejects.toMatchObject(told);
    } finally {
      other.close();
    }
  });

  test('of an address that this machine does not have is told', async () => {
    await expect(serve(iris, { port: 0, host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'io',
      message: expect.stringMatching('192.0.2.1, port 0: it is no address of this machine'),
    });
  });
});

describe('Vertex AI may name an address', () => {
  const features = [5.1, 3.5, 1.4, 0.2];
  async function within(variables: Readonly<Record<string, string>>, path: string) {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const server = await startServer(iris, { modelName: 'iris' }).finally(() => vi.unstubAllEnvs());
    const type = { 'content-type': 'application/json' };
    const answer = await server.post(path, { instances: [features] }, type);
    const plain = await server.post('/predict', { features });
    expect(plain.json).toEqual({ prediction: ['setosa'] });
    const other = await server.post(`${path}x`, { instances: [features] });
    await server.close();
    return { answer: answer.json, other: other.status };
  }

  test.each([
    '/predict',
    '/invocations',
    '/score',
    '/',
    '/v1/endpoints/7/deployedModels/8:predict',
  ])('%s, where others are answered as before', async (path) => {
    const found = await within({ AIP_PREDICT_ROUTE: path, AIP_HEALTH_ROUTE: '/v1/m:x' }, path);
    expect(found).toEqual({ answer: { predictions: ['setosa'] }, other: 404 });
  });

  test.each([
    [{ AIP_PREDICT_ROUTE: '/models' }, '/models is for something else here'],
    [{ AIP_PREDICT_ROUTE: 'predict' }, 'expected a path, such as /predict'],
    [{ AIP_HEALTH_ROUTE: '/a/*' }, 'expected a path, such as /predict'],
  ])('but not %j', async (variables, message) => {
    await expect(within(variables as Readonly<Record<string, string>>, '/predict')).rejects.toThrow(
      message,
    );
  });

  test('whose bodies are checked as elsewhere', async () => {
    vi.stubEnv('AIP_PREDICT_ROUTE', '/predict');
    const server = await startServer(iris).finally(() => vi.unstubAllEnvs());
    for (const [body, message] of [
      [{ instances: 1 }, 'expected {"instances": [rows]}'],
      [{}, 'expected {"features": …}: a row, rows or records'],
    ])
      expect((await server.post('/predict', body)).json).toMatchObject({ error: { message } });
    await server.close();
  });
});

test('a model that is loaded from a folder is served by its name', async () => {
  const root = await laid('served', ['code/inference.py', 'README.md']);
  await copyFile(iris, join(root, 'iris.json'));
  const server = await startServer(root);
  expect((await server.get('/v1/models')).json).toEqual({ models: ['iris'] });
  await server.close();
});
