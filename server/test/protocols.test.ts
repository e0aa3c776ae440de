import { readFileSync } from 'node:fs';
import { asClassifier } from 'nuthatch';
import { loadFile } from 'nuthatch/node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Asked, fixture, iris, startServer } from './serving.js';

/** What Python answered to these rows. */
const rows = readFileSync(fixture('fixtures/demo/rows.csv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number));
const { expected: python } = JSON.parse(
  readFileSync(fixture('fixtures/demo/case.json'), 'utf8'),
) as { expected: { predict: string[] } };
const model = asClassifier(await loadFile(iris));
/** What the library answers, whose own tests compare it with Python. */
const expected = { ...python, predict_proba: model.predictProba!(rows).toArray() };
const names = readFileSync(fixture('fixtures/demo/rows.csv'), 'utf8').split('\n')[0]!.split(',');
const records = rows.map((row) => Object.fromEntries(row.map((cell, i) => [names[i], cell])));

let server: Asked;
beforeAll(async () => {
  vi.stubEnv('AIP_PREDICT_ROUTE', '/v1/endpoints/1:predict');
  vi.stubEnv('AIP_HEALTH_ROUTE', '/v1/endpoints/1');
  server = await startServer(iris, { modelName: 'iris' });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

describe('the plain way', () => {
  test('rows, records and columns get what Python answers', async () => {
    const columns = Object.fromEntries(names.map((name, i) => [name, rows.map((row) => row[i])]));
    for (const features of [rows, records, columns]) {
      const { status, json } = await server.post('/predict', { features });
      expect({ status, json }).toEqual({ status: 200, json: { prediction: expected.predict } });
    }
  });

  test('one row, one record', async () => {
    for (const features of [rows[0], records[0]])
      expect((await server.post('/predict', { features })).json).toEqual({
        prediction: [expected.predict[0]],
      });
  });

  test('probabilities, and other methods', async () => {
    const { json } = await server.post('/predict', { features: rows, probabilities: true });
    expect(json).toEqual({
      prediction: expected.predict,
      probabilities: expected.predict_proba,
      classes: ['setosa', 'versicolor', 'virginica'],
    });
    const other = await server.post('/predict', { features: rows, method: 'predict_proba' });
    expect(other.json).toEqual({ prediction: expected.predict_proba });
  });

  test('a model by its name and version', async () => {
    for (const path of ['/models/iris/predict', '/models/iris/versions/1/predict'])
      expect((await server.post(path, { features: rows })).status).toBe(200);
    expect((await server.post('/models/iris/versions/2/predict', {})).json).toMatchObject({
      error: { code: 'unknown-version', message: 'there are the versions 1' },
    });
  });
});

describe('KServe V1 and TensorFlow Serving', () => {
  test('instances and inputs', async () => {
    const { json } = await server.post('/v1/models/iris:predict', { instances: rows });
    expect(json).toEqual({ predictions: expected.predict });
    const { json: outputs } = await server.post('/v1/models/iris/versions/1:predict', {
      inputs: rows,
    });
    expect(outputs).toEqual({ outputs: expected.predict });
  });

  test('the models, and a verb that is not served', async () => {
    expect((await server.get('/v1/models')).json).toEqual({ models: ['iris'] });
    expect((await server.get('/v1/models/iris')).json).toMatchObject({ name: 'iris', ready: true });
    expect((await server.post('/v1/models/iris:explain', {})).status).toBe(501);
    expect((await server.post('/v1/models/iris:teach', {})).status).toBe(404);
    expect((await server.post('/v1/models/rose:predict', {})).status).toBe(404);
  });
});

describe('the Open Inference Protocol', () => {
  const input = { name: 'input', datatype: 'FP64', shape: [rows.length, 4], data: rows };

  test('nested and flat data', async () => {
    for (const data of [rows, rows.flat()]) {
      const body = { id: 'a1', inputs: [{ ...input, data }], outputs: [{ name: 'predict_proba' }] };
      expect((await server.post('/v2/models/iris/infer', body)).json).toEqual({
        model_name: 'iris',
        model_version: '1',
        id: 'a1',
        outputs: [
          {
            name: 'predict_proba',
            datatype: 'FP64',
            shape: [rows.length, 3],
            data: expected.predict_proba.flat(),
          },
        ],
      });
    }
  });

  test('a tensor for each column, by name', async () => {
    const inputs = names.map((name, i) => ({
      name,
      datatype: 'FP32',
      shape: [rows.length, 1],
      data: rows.map((row) => row[i]),
    }));
    const { json } = await server.post('/v2/models/iris/infer', { inputs });
    expect(json).toMatchObject({ outputs: [{ datatype: 'BYTES', data: expected.predict }] });
  });

  test('binary tensors, in and out', async () => {
    const bytes = new Uint8Array(Float64Array.from(rows.flat()).buffer);
    const { data: _, ...described } = input;
    const json = Buffer.from(
      JSON.stringify({
        inputs: [{ ...described, parameters: { binary_data_size: bytes.length } }],
        parameters: { binary_data_output: true },
        outputs: [
          { name: 'predict_proba' },
          { name: 'predict', parameters: { binary_data: false } },
        ],
      }),
    );
    const response = await fetch(`${server.address}/v2/models/iris/infer`, {
      method: 'POST',
      body: Buffer.concat([json, bytes]),
      headers: { 'Inference-Header-Content-Length': String(json.length) },
    });
    const length = Number(response.headers.get('inference-header-content-length'));
    const body = Buffer.from(await response.arrayBuffer());
    const { outputs } = JSON.parse(body.subarray(0, length).toString());
    expect(outputs[0].parameters.binary_data_size).toBe(body.length - length);
    const found = new Float64Array(new Uint8Array(body.subarray(length)).buffer);
    expect([...found]).toEqual(expected.predict_proba.flat());
    expect(outputs[1].data).toEqual(expected.predict);
  });

  test('what a model takes and gives', async () => {
    expect((await server.get('/v2/models/iris')).json).toMatchObject({
      name: 'iris',
      versions: ['1'],
      inputs: [{ name: 'input', datatype: 'FP64', shape: [-1, 4] }],
    });
    for (const path of ['/v2', '/v2/health/live', '/v2/health/ready', '/v2/models/iris/ready'])
      expect((await server.get(path)).status).toBe(200);
    const index = await fetch(`${server.address}/v2/repository/index`, { method: 'POST' });
    expect(await index.json()).toEqual([
      { name: 'iris', version: '1', state: 'READY', reason: '' },
    ]);
  });

  test.each<[string, object, RegExp]>([
    ['no inputs', { inputs: [] }, /expected .*inputs/],
    ['a shape that lies', { inputs: [{ ...input, shape: [3, 4] }] }, /the shape has 12 elements/],
    ['a strange type', { inputs: [{ ...input, datatype: 'FP8' }] }, /expected a datatype/],
    [
      'bytes that are not there',
      { inputs: [{ ...input, parameters: { binary_data_size: 8 } }] },
      /announced/,
    ],
    [
      'an unknown output',
      { inputs: [input], outputs: [{ name: 'loss' }] },
      /has the outputs predict,/,
    ],
    [
      'too few columns',
      { inputs: [{ ...input, shape: [20, 2], data: rows.flat().slice(0, 40) }] },
      /expected 4 columns/,
    ],
  ])('refuses %s', async (_, body, message) => {
    const { status, json } = await server.post('/v2/models/iris/infer', body);
    expect(status).toBe(400);
    expect((json as { error: string }).error).toMatch(message);
  });

  test('a shape that is too large is refused before its values are looked at', async () => {
    const body = { inputs: [{ ...input, shape: [2 ** 30, 2 ** 30], data: [] }] };
    const { status, json } = await server.post('/v2/models/iris/infer', body);
    expect(status).toBe(413);
    expect((json as { error: string }).error).toMatch(/elements; a request may have 1000000/);
  });

  test.each<[string, string, unknown]>([
    ['a fraction as an integer', 'INT32', 1.5],
    ['an integer that its type does not hold', 'UINT8', 256],
    ['an integer that JSON does not hold', 'INT64', 2 ** 53],
    ['a word as a number', 'FP64', '1'],
    ['a number as a word', 'BYTES', 1],
    ['a number as a truth', 'BOOL', 2],
  ])('refuses %s', async (_, datatype, value) => {
    const body = { inputs: [{ name: 'x', datatype, shape: [1, 4], data: [1, 1, 1, value] }] };
    if (datatype === 'BYTES') body.inputs[0]!.data = ['a', 'b', 'c', value];
    const { status, json } = await server.post('/v2/models/iris/infer', body);
    expect({ status, json }).toEqual({
      status: 400,
      json: { error: `inputs[0]: data[3] is no ${datatype}` },
    });
  });
});

describe('SageMaker and MLflow', () => {
  const csv = rows.map((row) => row.join(',')).join('\n');

  test('JSON of both', async () => {
    const split = {
      dataframe_split: {
        columns: [...names].reverse(),
        data: rows.map((row) => [...row].reverse()),
      },
    };
    const bodies = [
      { instances: rows },
      { inputs: rows },
      { dataframe_records: records },
      split,
      { instances: rows.map((features) => ({ features })) },
    ];
    for (const body of bodies) {
      const { json } = await server.post('/invocations', body, {
        'content-type': 'application/json',
      });
      expect(json).toEqual({ predictions: expected.predict });
    }
  });

  test('CSV, with and without names', async () => {
    for (const body of [csv, `${names.join(',')}\r\n${csv}`]) {
      const found = await server.post('/invocations', body, { 'content-type': 'text/csv' });
      expect(found.body).toBe(expected.predict.map((label) => `${label}\n`).join(''));
    }
  });

  test('a line a row', async () => {
    const body = rows.map((row) => JSON.stringify({ features: row })).join('\n');
    const found = await server.post('/invocations', body, {
      'content-type': 'application/jsonlines',
    });
    expect(
      found.body
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(expected.predict);
  });

  test('health, and bodies that are refused', async () => {
    expect(await server.get('/ping')).toMatchObject({ status: 200, body: '' });
    expect(await server.get('/health')).toMatchObject({ status: 200, body: '\n' });
    expect((await server.post('/invocations', 'x', { 'content-type': 'image/png' })).status).toBe(
      415,
    );
    const both = await server.post(
      '/invocations',
      { instances: rows, inputs: rows },
      { 'content-type': 'application/json' },
    );
    expect(both).toMatchObject({ status: 400, json: { error_code: 'BAD_REQUEST' } });
  });
});

test('Vertex AI and Azure ML', async () => {
  for (const path of ['/v1/endpoints/1:predict', '/score']) {
    const { json } = await server.post(path, { instances: rows, parameters: {} });
    expect(json).toEqual({ predictions: expected.predict });
  }
  expect((await server.get('/v1/endpoints/1')).status).toBe(200);
});
