import { beforeAll, expect, test } from 'vitest';
import { createHandler, type LambdaHandler } from '../src/lambda.js';
import { iris } from './serving.js';

/** Events as AWS documents them: a function's address and HTTP API (2.0), and REST API (1.0). */
let handler: LambdaHandler;
beforeAll(async () => {
  handler = await createHandler(iris, { modelName: 'iris' });
});

const features = [5.1, 3.5, 1.4, 0.2];

const http = (path: string, body: string, isBase64Encoded = false) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: path,
  rawQueryString: '',
  headers: { 'content-type': 'application/json', host: 'x.lambda-url.eu-central-1.on.aws' },
  requestContext: { http: { method: 'POST', path, protocol: 'HTTP/1.1' }, stage: '$default' },
  body,
  isBase64Encoded,
});

test("a function's address", async () => {
  const body = JSON.stringify({ features });
  for (const event of [
    http('/predict', body),
    http('/predict', Buffer.from(body).toString('base64'), true),
  ]) {
    const answer = await handler(event, {});
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ prediction: ['setosa'] });
  }
});

test('a REST API of API Gateway', async () => {
  const event = {
    resource: '/{proxy+}',
    path: '/v1/models/iris:predict',
    httpMethod: 'POST',
    headers: { 'Content-Type': 'application/json' },
    multiValueHeaders: { 'Content-Type': ['application/json'] },
    queryStringParameters: null,
    requestContext: { stage: 'prod', httpMethod: 'POST' },
    body: JSON.stringify({ instances: [features] }),
    isBase64Encoded: false,
  };
  const answer = await handler(event, {});
  expect([answer.statusCode, JSON.parse(answer.body)]).toEqual([200, { predictions: ['setosa'] }]);
});

test('tensors come back as they are, and a bad request as one', async () => {
  const input = { name: 'x', datatype: 'FP64', shape: [1, 4], data: features };
  const body = { inputs: [input], outputs: [{ name: 'predict_proba' }] };
  const binary = { ...body, parameters: { binary_data_output: true } };
  const answer = await handler(http('/v2/models/iris/infer', JSON.stringify(binary)), {});
  expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: true });
  const bytes = Buffer.from(answer.body, 'base64');
  const length = Number(answer.headers['inference-header-content-length']);
  const values = new Float64Array(new Uint8Array(bytes.subarray(length)).buffer);
  expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
  expect(values.length).toBe(3);
  expect((await handler(http('/predict', '{'), {})).statusCode).toBe(400);
});
