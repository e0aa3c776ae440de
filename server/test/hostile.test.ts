import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Asked, iris, startServer } from './serving.js';

/** Whatever a body holds, a client is told what is wrong with it, or gets an answer: the server never fails. */
let server: Asked;
beforeAll(async () => {
  server = await startServer(iris, { modelName: 'iris' });
});
afterAll(() => server.close());

const told = [200, 400, 404, 413, 415, 501];
const cell = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
const row = fc.oneof(fc.array(cell, { minLength: 4, maxLength: 4 }), fc.array(cell));
const name = fc.constantFrom(
  ...['features', 'instances', 'inputs', 'dataframe_split', 'dataframe_records', 'data', 'columns'],
  ...['name', 'shape', 'datatype', 'parameters', 'binary_data_size', 'outputs', 'method', 'id'],
  ...['sepal length (cm)', '__proto__', 'constructor', 'toString', ''],
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    cell,
    row,
    fc.constantFrom('FP64', 'BYTES', 'INT64', 'predict', 'predict_proba', [1, 4], [2 ** 31, 4]),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(name, tie('value'), { maxKeys: 6 }),
  ),
}));
const routes = [
  ...['/predict', '/models/iris/predict', '/v1/models/iris:predict', '/v2/models/iris/infer'],
  ...['/invocations', '/score'],
];
const types = ['application/json', 'text/csv', 'application/jsonlines', 'text/html; charset=x'];

test.each(routes)('%s, given any JSON', async (route) => {
  const body = fc.dictionary(name, value, { minKeys: 1, maxKeys: 6 });
  await fc.assert(
    fc.asyncProperty(body, async (document) => {
      const type = { 'content-type': 'application/json' };
      const { status, body: answer } = await server.post(route, JSON.stringify(document), type);
      expect(told, `${status}: ${answer}`).toContain(status);
    }),
    { numRuns: 100, seed: 1 },
  );
});

test.each(routes)('%s, given any bytes of any type', async (route) => {
  const header = fc.option(fc.oneof(fc.integer().map(String), fc.constant('x')));
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array(),
      fc.constantFrom(...types),
      header,
      async (bytes, type, at) => {
        const headers = {
          'content-type': type,
          ...(at !== null && { 'inference-header-content-length': at }),
        };
        const { status, body } = await server.post(route, bytes, headers);
        expect(told, `${status}: ${body}`).toContain(status);
      },
    ),
    { numRuns: 50, seed: 2 },
  );
});
