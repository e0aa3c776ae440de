import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Asked, fixture, iris, routesOf, startServer } from './serving.js';

interface Operation {
  readonly requestBody?: {
    readonly content: Readonly<
      Record<string, { readonly schema: object; readonly examples?: Examples }>
    >;
  };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, Body>> }>
  >;
}
type Examples = Readonly<Record<string, { readonly value: unknown }>>;
interface Body {
  readonly schema: object;
  readonly example?: unknown;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
  readonly security?: unknown;
}

const read = async (server: Asked): Promise<Document> => {
  const { status, body, headers } = await server.get('/openapi.json');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  return JSON.parse(body) as Document;
};

describe.each([
  ['a forest', 'demo/model.json', 4],
  ['numbers and words', 'models/sklearn-1.9/pipeline-mixed/model.json', 4],
  ['items', 'models/sklearn-1.9/dict-vectorizer-logistic/model.json', 4],
  ['numbers, made to others', 'models/sklearn-1.9/binarizer/model.json', 4],
])('%s', (_, path, fewest) => {
  let server: Asked;
  let document: Document;
  beforeAll(async () => {
    server = await startServer(fixture(`fixtures/${path}`), { modelName: 'a model' });
    document = await read(server);
  });
  afterAll(() => server.close());

  test('every example is answered, as it says where it says so', async () => {
    let asked = 0;
    for (const [url, { post }] of Object.entries(document.paths)) {
      const { examples = {} } = post?.requestBody?.content['application/json'] ?? {};
      for (const [name, { value }] of Object.entries(examples)) {
        const type = { 'content-type': 'application/json' };
        const { status, body, json } = await server.post(url, value, type);
        expect(status, `${url} ${name}: ${body}`).toBe(200);
        const said = post!.responses[200]!.content!['application/json']!.example;
        if (said !== undefined && name === 'one') expect(json).toEqual(said);
        asked++;
      }
    }
    expect(asked).toBeGreaterThanOrEqual(fewest);
  });
});

test('columns, classes and methods are those of the model', async () => {
  const server = await startServer(iris, { modelName: 'iris' });
  const { components } = await read(server);
  await server.close();
  const cell = expect.objectContaining({ type: ['number', 'boolean', 'null'] });
  expect(components.schemas).toMatchObject({
    'iris.1.row': { type: 'array', items: cell, minItems: 4, maxItems: 4 },
    'iris.1.record': {
      properties: { 'sepal length (cm)': cell },
      required: expect.arrayContaining(['petal width (cm)']),
      additionalProperties: false,
    },
    'iris.1.answer': { enum: ['setosa', 'versicolor', 'virginica'] },
  });
});

test('words that a model knows are listed, and alone where it refuses others', async () => {
  const at = (name: string) => fixture(`fixtures/models/sklearn-1.9/${name}/model.json`);
  const server = await startServer(at('pipeline-mixed'), { modelName: 'm' });
  const { components } = await read(server);
  await server.close();
  expect(components.schemas['m.1.record']).toMatchObject({
    properties: {
      sex: { anyOf: [{ enum: ['female', 'male', null] }, { type: ['string', 'null'] }] },
      fleet: { description: 'is not looked at' },
    },
  });
  const strict = await startServer(at('one-hot'), { modelName: 'm' });
  const { components: closed } = await read(strict);
  await strict.close();
  expect(closed.schemas['m.1.record']).toMatchObject({
    properties: { sex: { enum: ['female', 'male'] } },
  });
});

test('columns are followed through compositions to what encodes them', async () => {
  const path = fixture('fixtures/models/sklearn-1.9/pipeline-pandas/model.json');
  const server = await startServer(path, { modelName: 'm' });
  const { components } = await read(server);
  await server.close();
  expect(components.schemas['m.1.record']).toMatchObject({
    properties: {
      title: { enum: ['Dr', 'Master', 'Miss', 'Mr', 'Mrs', 'Rev', null] },
      sex: { enum: ['female', 'male'] },
      // Its scaler hands gaps on to a model that takes none.
      fare: { type: ['number', 'boolean'] },
    },
  });
});

test('Swagger UI comes from here, and from nowhere else', async () => {
  const server = await startServer(iris);
  const { body, headers } = await server.get('/docs');
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';script-src 'self';/);
  const files = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
  expect(files).toHaveLength(4);
  for (const file of files) {
    const found = await fetch(`${server.address}/${file}`);
    expect(found.status, file).toBe(200);
    expect((await found.arrayBuffer()).byteLength).toBeGreaterThan(500);
  }
  await server.close();
});

test('without docs there is none', async () => {
  const server = await startServer(iris, { docs: false });
  for (const path of ['/openapi.json', '/docs']) expect((await server.get(path)).status).toBe(404);
  await server.close();
});

test('every route is described, but those of people and what is not served', async () => {
  const server = await startServer(iris, { modelName: 'iris' });
  const { paths } = await read(server);
  const described = Object.entries(paths).flatMap(([path, own]) =>
    Object.keys(own).map((method) => `${method.toUpperCase()} ${path}`),
  );
  // KServe V1 has a colon between a model and what is asked of it, which is part of a parameter here.
  const left = /^\/docs|^\/ui\/\w+\.|openapi|trace|logging|sharedmemory|:target|^\*/;
  const routes = routesOf(server).filter(([method, path]) => method !== 'HEAD' && !left.test(path));
  expect(routes.length).toBeGreaterThan(30);
  const named = routes.map(
    ([method, path]) => `${method} ${path.replace(':model', 'iris').replace(':version', '1')}`,
  );
  expect(named.filter((one) => !described.includes(one))).toEqual([]);
  await server.close();
});
