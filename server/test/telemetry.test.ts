import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TelemetryOptions } from '../src/telemetry/options.js';
import { wantedOf } from '../src/telemetry/wanted.js';
import { attributesOf, startCollector } from './collector.js';
import { connect } from './grpc-client.js';
import { type Asked, iris, startServer } from './serving.js';

let collector: Awaited<ReturnType<typeof startCollector>>;
beforeEach(async () => {
  collector = await startCollector();
});
afterEach(() => collector.close());

/** Asks a server that sends to the collector, all of it once the server has ended. */
async function asking(options: TelemetryOptions, ask: (server: Asked) => Promise<void>) {
  const server = await startServer(iris, {
    modelName: 'iris',
    grpc: { port: 0 },
    telemetry: { endpoint: collector.endpoint, ...options },
  });
  try {
    await ask(server);
  } finally {
    await server.close();
  }
  return collector;
}

const row = [5.1, 3.5, 1.4, 0.2];
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const trace = { trace: '0af7651916cd43dd8448eb211c80319c', parent: 'b7ad6b7169203331', kind: 2 };
const unsampled = traceparent.replace(/1$/, '0');

test('a request over HTTP is a span of its client’s trace, with its parts in their order', async () => {
  const { spans, resources, headers } = await asking(
    { metrics: false, headers: { authorization: 'Bearer x' }, serviceName: 'flowers' },
    async (server) => {
      await server.post(
        '/models/iris/predict?secret=1',
        { features: [row, row], probabilities: true },
        { traceparent, 'user-agent': 'test' },
      );
    },
  );
  expect(headers[0]).toMatchObject({
    authorization: 'Bearer x',
    'content-type': 'application/x-protobuf',
  });
  expect(resources[0]).toMatchObject({ 'service.name': 'flowers', 'service.version': '0.1.0' });
  const [span] = spans.filter(({ kind }) => kind === 2);
  expect(span).toMatchObject({ ...trace, name: 'POST /models/:model/predict', failed: false });
  expect(span!.attributes).toEqual({
    'http.request.method': 'POST',
    'http.route': '/models/:model/predict',
    'http.response.status_code': 200,
    'url.scheme': 'http',
    'url.path': '/models/iris/predict',
    'network.protocol.version': '1.1',
    'user_agent.original': 'test',
    'nuthatch.model.name': 'iris',
    'nuthatch.model.version': '1',
    'nuthatch.rows': 2,
    'nuthatch.methods': ['predict', 'predict_proba'],
  });
  const parts = spans.filter(({ kind }) => kind !== 2);
  expect(parts.map(({ name }) => name)).toEqual(['parse', 'predict', 'serialize']);
  let at = span!.start;
  for (const { parent, trace: own, start, end } of parts) {
    expect([parent, own]).toEqual([span!.id, span!.trace]);
    expect(start).toBeGreaterThanOrEqual(at);
    expect(end).toBeGreaterThanOrEqual(start);
    at = end;
  }
  expect(span!.end).toBeGreaterThanOrEqual(at);
});

test('calls over gRPC are traced likewise, and what is refused says its code', async () => {
  const { spans } = await asking({ metrics: false }, async (server) => {
    const caller = connect(server.grpcAddress!);
    const inputs = [
      { name: 'input', datatype: 'FP64', shape: [1, 4], contents: { fp64_contents: row } },
    ];
    await caller.ask('ModelInfer', { model_name: 'iris', inputs }, { traceparent });
    await caller.ask('ModelInfer', { model_name: 'rose', inputs }, { traceparent });
    caller.close();
    await server.post('/predict', { features: [1] }, { traceparent });
    await server.get('/healthz');
  });
  const calls = spans.filter(({ kind }) => kind === 2);
  const method = 'inference.GRPCInferenceService/ModelInfer';
  const rpc = { 'rpc.system.name': 'grpc', 'rpc.method': method };
  expect(calls).toHaveLength(3);
  for (const call of calls) expect(call).toMatchObject({ ...trace, failed: false });
  expect(calls.map(({ name }) => name)).toEqual([method, method, 'POST /predict']);
  expect(calls.map(({ attributes }) => attributes)).toMatchObject([
    { ...rpc, 'rpc.response.status_code': 'OK', 'nuthatch.rows': 1, 'nuthatch.model.name': 'iris' },
    { ...rpc, 'rpc.response.status_code': 'NOT_FOUND', 'error.type': 'unknown-model' },
    { 'http.response.status_code': 400, 'error.type': 'input-shape' },
  ]);
  const names = spans.filter(({ parent }) => parent === calls[0]!.id).map(({ name }) => name);
  expect(names).toEqual(['parse', 'predict', 'serialize']);
});

test('what a client does not want, or chance leaves out, is not traced; a client may ask for it', async () => {
  const { spans } = await asking({ metrics: false, sample: 0 }, async (server) => {
    await server.post('/predict', { features: row });
    await server.post('/predict', { features: row }, { traceparent });
  });
  expect(spans.filter(({ kind }) => kind === 2)).toHaveLength(1);
  spans.splice(0);
  await asking({ metrics: false, sample: 1 }, async (server) => {
    await server.post('/predict', { features: row }, { traceparent: unsampled });
    await server.post('/predict', { features: row }, { traceparent: 'none' });
  });
  const [alone, ...others] = spans.filter(({ kind }) => kind === 2);
  expect(others).toEqual([]);
  expect(alone).toMatchObject({ parent: '' });
});

test('metrics are those of /metrics, as OpenTelemetry has them', async () => {
  let text = '';
  const { metrics, spans } = await asking({ traces: false }, async (server) => {
    await server.post('/predict', { features: [row, row, row] });
    await server.post('/predict', { features: row });
    text = (await server.get('/metrics')).body;
  });
  expect(spans).toEqual([]);
  const find = (name: string) => metrics.find((metric) => metric.name === name);
  expect(find('nuthatch_rows_total')!.sum).toMatchObject({
    is_monotonic: true,
    data_points: [{ as_double: 4 }],
  });
  expect(find('nuthatch_requests_in_flight')!.gauge).toMatchObject({
    data_points: [{ as_double: 0 }],
  });
  const { unit, histogram } = find('nuthatch_request_duration_seconds')!;
  expect(unit).toBe('s');
  const [point] = histogram!.data_points.filter(
    ({ attributes }) => attributesOf(attributes).route === '/predict',
  );
  expect(attributesOf(point!.attributes)).toEqual({
    model: 'iris',
    version: '1',
    route: '/predict',
  });
  const counts = point!.bucket_counts.map(Number);
  expect(counts).toHaveLength(point!.explicit_bounds.length + 1);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2);
  const told =
    /^nuthatch_request_duration_seconds_bucket\{le="([\d.]+)".*route="\/predict"\} (\d)/gm;
  let below = 0;
  for (const [i, [, bound, count]] of [...text.matchAll(told)].entries()) {
    below += counts[i]!;
    expect([point!.explicit_bounds[i], below]).toEqual([Number(bound), Number(count)]);
  }
  expect(below).toBe(2);
  const [summary] = find('request_processing_seconds')!.histogram!.data_points;
  expect(summary).toMatchObject({ count: '2', bucket_counts: ['2'] });
});

test('the settings and OpenTelemetry’s variables say what is sent; without any, nothing', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' };
  expect(wantedOf(undefined, {})).toBeNull();
  expect(wantedOf({}, { OTEL_SDK_DISABLED: 'true' })).toBeNull();
  expect(wantedOf(undefined, endpoint)).toEqual({ traces: true, metrics: true });
  const quiet = { ...endpoint, OTEL_METRICS_EXPORTER: 'none' };
  expect(wantedOf(undefined, quiet)).toEqual({ traces: true, metrics: false });
  expect(wantedOf({ metrics: true }, quiet)).toEqual({ traces: true, metrics: true });
  expect(wantedOf({ traces: false }, quiet)).toBeNull();
  const grpc = { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  expect(() => wantedOf(undefined, grpc)).toThrow(/http\/protobuf/);
});
