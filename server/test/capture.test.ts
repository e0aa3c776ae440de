import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Capture } from '../src/capture/capture.js';
import { answerOf, connect, messageOf } from './grpc-client.js';
import { iris, startServer } from './serving.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nuthatch-capture-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.jsonl'))
    .sort();
const linesOf = (path: string) => readFileSync(join(folder, path), 'utf8').trim().split('\n');
const row = [5.1, 3.5, 1.4, 0.2];

test('requests and answers are kept as SageMaker keeps them, and all of them when the server ends', async () => {
  const server = await startServer(iris, { modelName: 'iris', capture: { folder } });
  await server.post('/predict?x=1', { features: row }, { 'content-type': 'application/json' });
  await server.post('/invocations', '5.1,3.5,1.4,0.2\n', {
    'content-type': 'text/csv',
    'x-amzn-sagemaker-inference-id': 'mine',
  });
  // What is refused, and what asks no model, is not kept.
  await server.post('/predict', { features: [1] });
  await server.get('/healthz');
  await server.close();
  const [path, ...others] = files();
  expect(others).toEqual([]);
  expect(path).toMatch(/^iris\/1\/\d{4}\/\d\d\/\d\d\/\d\d\/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl$/);
  expect(statSync(join(folder, path!)).mode & 0o777).toBe(0o600);
  const [json, csv, ...none] = linesOf(path!).map((line) => JSON.parse(line));
  expect(none).toEqual([]);
  expect(json).toEqual({
    captureData: {
      endpointInput: {
        observedContentType: 'application/json',
        mode: 'INPUT',
        data: JSON.stringify({ features: row }),
        encoding: 'JSON',
      },
      endpointOutput: {
        observedContentType: 'application/json; charset=utf-8',
        mode: 'OUTPUT',
        data: '{"prediction":["setosa"]}',
        encoding: 'JSON',
      },
    },
    eventMetadata: {
      eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      inferenceTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      path: '/predict',
      model: 'iris',
      version: '1',
    },
    eventVersion: '0',
  });
  expect(csv).toMatchObject({
    captureData: {
      endpointInput: { data: '5.1,3.5,1.4,0.2\n', encoding: 'CSV' },
      endpointOutput: { data: 'setosa\n', encoding: 'CSV' },
    },
    eventMetadata: { inferenceId: 'mine' },
  });
});

test('calls over gRPC are kept as their messages are', async () => {
  const server = await startServer(iris, {
    modelName: 'iris',
    capture: { folder },
    grpc: { port: 0 },
  });
  const caller = connect(server.grpcAddress!);
  const request = (shape: number[]) => ({
    model_name: 'iris',
    id: 'mine',
    inputs: [{ name: 'input', datatype: 'FP64', shape, contents: { fp64_contents: row } }],
  });
  await caller.ask('ModelInfer', request([1, 4]));
  // What is refused, and what asks no model, is not kept.
  await caller.ask('ModelInfer', request([2, 2]));
  await caller.ask('ServerMetadata', {});
  caller.close();
  await server.close();
  const [path, ...others] = files();
  expect(others).toEqual([]);
  const [line, ...none] = linesOf(path!).map((text) => JSON.parse(text));
  expect(none).toEqual([]);
  const { endpointInput, endpointOutput } = line.captureData;
  expect(endpointInput).toEqual({
    observedContentType: 'application/grpc+proto',
    mode: 'INPUT',
    data: messageOf('ModelInfer', request([1, 4])).toString('base64'),
    encoding: 'BASE64',
  });
  expect(answerOf('ModelInfer', Buffer.from(endpointOutput.data, 'base64'))).toMatchObject({
    id: 'mine',
    model_name: 'iris',
    outputs: [{ contents: { bytes_contents: [Buffer.from('setosa')] } }],
  });
  expect(line.eventMetadata).toMatchObject({
    path: '/inference.GRPCInferenceService/ModelInfer',
    model: 'iris',
    version: '1',
  });
});

test('none are kept of a share of nothing, nor those that are too large, and these are counted', async () => {
  const none = await startServer(iris, { capture: { folder, sample: 0 } });
  await none.post('/predict', { features: row });
  await none.close();
  const small = await startServer(iris, { capture: { folder, recordBytes: 10 } });
  await small.post('/predict', { features: row });
  expect((await small.get('/metrics')).body).toMatch(
    /^nuthatch_capture_records_total\{outcome="dropped"\} 1$/m,
  );
  await small.close();
  expect(files()).toEqual([]);
});

test('files are bounded in size, and all of them together: the oldest leave, also those of an earlier run', async () => {
  const open = () => Capture.open({ folder, fileBytes: 1024, totalBytes: 4096 }, () => {});
  const capture = await open();
  for (let i = 0; i < 20; i++) {
    capture.add('model', '1', `${String(i).padStart(499, '0')}\n`);
    await capture.close();
  }
  const sizes = files().map((path) => statSync(join(folder, path)).size);
  expect(sizes).toEqual([1000, 1000, 1000, 1000]);
  const kept = files().flatMap((path) => linesOf(path).map(Number));
  expect(kept.sort((a, b) => a - b)).toEqual([12, 13, 14, 15, 16, 17, 18, 19]);
  const again = await open();
  again.add('../..', '..', `${'x'.repeat(999)}\n`);
  await again.close();
  expect(files().map((path) => statSync(join(folder, path)).size)).toEqual([
    1000, 1000, 1000, 1000,
  ]);
  // Names lead nowhere else.
  expect(files().filter((path) => path.startsWith('__../_/'))).toHaveLength(1);
});

test('what comes faster than it is written is dropped, and what cannot be written is counted', async () => {
  const counted = { written: 0, dropped: 0, failed: 0 };
  const count = (outcome: keyof typeof counted, lines: number) => {
    counted[outcome] += lines;
  };
  const capture = await Capture.open({ folder, queueBytes: 1024 }, count);
  for (let i = 0; i < 10; i++) capture.add('m', '1', `${'x'.repeat(299)}\n`);
  await capture.close();
  expect(counted).toEqual({ written: 3, dropped: 7, failed: 0 });
  // A file in the place of a folder.
  writeFileSync(join(folder, 'broken'), '');
  capture.add('broken', '1', 'x\n');
  await capture.close();
  expect(counted.failed).toBe(1);
  capture.add('m', '1', 'y\n');
  await capture.close();
  expect(counted.written).toBe(4);
});

test('a folder that cannot be made ends the start', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(
    startServer(iris, { capture: { folder: join(folder, 'file/below') } }),
  ).rejects.toMatchObject({ code: 'io' });
});
