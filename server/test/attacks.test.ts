import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Asked, iris, startServer } from './serving.js';

/** Bodies that are quickly written and would take long, or much memory, to read: seconds, minutes or more before what is tested here. */
let server: Asked;
beforeAll(async () => {
  server = await startServer(iris, { modelName: 'iris', limits: { rows: 1000, cells: 8000 } });
});
afterAll(() => server.close());

const of = (text: string, count: number): string => text.repeat(count);
const json = 'application/json';
const many = JSON.stringify({ dataframe_split: { columns: ['a'], data: Array(5000).fill([1]) } });

test.each<[string, string, string, string, number, RegExp]>([
  ['quotes in a string without end', '/predict', json, `"${of('\\"', 50_000)}`, 400, /not JSON/],
  [
    'digits that are no number',
    '/invocations',
    'text/csv',
    `${of('1', 100_000)}x`,
    400,
    /4 values/,
  ],
  ['cells of nothing', '/invocations', 'text/csv', of(',', 1_000_000), 413, /more than 8000 cells/],
  ['rows of a byte', '/invocations', 'text/csv', of('1\n', 1_000_000), 413, /than 1000 rows/],
  ['lines of a byte', '/invocations', 'application/jsonlines', of('1\n', 500_000), 413, /500000/],
  ['rows with names', '/invocations', json, many, 413, /5000 rows/],
])('%s are refused soon', async (_, path, type, body, status, said) => {
  const begun = process.cpuUsage();
  const answer = await server.post(path, body, { 'content-type': type });
  const { user } = process.cpuUsage(begun);
  expect(answer).toMatchObject({ status, body: expect.stringMatching(said) });
  expect(user / 1e6, 'seconds').toBeLessThan(1.5);
});

test('words of Python are read outside of strings alone', async () => {
  const id = '"a\\\\\\" NaN, Infinity \\\\"';
  const input = '{"name": "x", "datatype": "FP64", "shape": [1, 4], "data": [NaN, 1, 1, 1]}';
  const { json } = await server.post(
    '/v2/models/iris/infer',
    `{"inputs": [${input}], "id": ${id}}`,
  );
  expect(json).toMatchObject({ id: JSON.parse(id) });
  for (const text of ['"NaN', 'NaN"', '\\"NaN', '{"a": NaN\\"}', '"\\'])
    expect((await server.post('/predict', text)).status, text).toBe(400);
});

test('an output is asked for once', async () => {
  const inputs = [{ name: 'x', datatype: 'FP64', shape: [1, 4], data: [1, 1, 1, 1] }];
  const ask = async (...names: string[]) => {
    const outputs = names.map((name) => ({ name }));
    return (await server.post('/v2/models/iris/infer', { inputs, outputs })).status;
  };
  expect(await ask('predict', 'predict_proba')).toBe(200);
  expect(await ask('predict', 'predict_proba', 'predict')).toBe(400);
});

test('a body that is not compressed as it says is its client’s fault', async () => {
  const sent = { 'content-encoding': 'gzip' };
  const { status, json } = await server.post('/predict', 'no gzip', sent);
  expect({ status, json }).toMatchObject({
    status: 400,
    json: { error: { code: 'invalid-content' } },
  });
});

test('an answer has no more values than a request may have cells', async () => {
  const features = Array(500).fill([5.1, 3.5, 1.4, 0.2]);
  const ask = (method: string) => server.post('/predict', { features, method });
  expect((await ask('predict_proba')).status).toBe(200);
  const leaves = await ask('apply');
  expect(leaves).toMatchObject({ status: 413, json: { error: { code: 'limit-exceeded' } } });
});
