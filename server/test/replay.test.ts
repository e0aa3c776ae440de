import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatJunit, judgeReplay, replay } from '../src/index.js';
import { compare, noDifferences } from '../src/replay/differences.js';
import { connect } from './grpc-client.js';
import { fixture, iris, startServer } from './serving.js';

/** A tree of the same flowers as the forest, which answers otherwise here and there. */
const tree = fixture('fixtures/reference/flowers/model.json');
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nuthatch-replay-'));
  const server = await startServer(iris, {
    modelName: 'iris',
    capture: { folder },
    grpc: { port: 0 },
  });
  const row = [5.1, 3.5, 1.4, 0.2];
  await server.post('/predict', { features: row, probabilities: true });
  await server.post('/invocations', '5.1,3.5,1.4,0.2\n6.0,2.2,5.0,1.5\n', {
    'content-type': 'text/csv',
  });
  await server.post('/v1/models/iris/versions/1:predict', { instances: [[6, 2.7, 5.1, 1.6]] });
  await server.post('/models/iris/versions/1/predict', {
    features: [6, 2.7, 5.1, 1.6],
    method: 'predict_proba',
  });
  // Asked in one form, answered in another.
  await server.post('/invocations', '5.1,3.5,1.4,0.2\n', {
    'content-type': 'text/csv',
    accept: 'application/json',
  });
  const rows = Buffer.from(Float64Array.of(6, 2.7, 5.1, 1.6).buffer);
  const tensor = { name: 'input', datatype: 'FP64', shape: [1, 4] };
  const outputs = [{ name: 'predict' }, { name: 'predict_proba' }];
  const json = Buffer.from(
    JSON.stringify({
      inputs: [{ ...tensor, parameters: { binary_data_size: rows.length } }],
      outputs: outputs.map((output) => ({ ...output, parameters: { binary_data: true } })),
    }),
  );
  const headers = {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(json.length),
  };
  await server.post('/v2/models/iris/infer', Buffer.concat([json, rows]), headers);
  const caller = connect(server.grpcAddress!);
  const asked = { model_name: 'iris', model_version: '1', outputs };
  await caller.ask('ModelInfer', { ...asked, inputs: [tensor], raw_input_contents: [rows] });
  const contents = { fp64_contents: [6, 2.7, 5.1, 1.6] };
  await caller.ask('ModelInfer', { ...asked, inputs: [{ ...tensor, contents }] });
  caller.close();
  await server.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the same model answers what it answered', async () => {
  const same = { requests: 8, changed: 0, moved: 0, greatest: 0, errors: 0, examples: [] };
  expect(await replay(folder, iris, null)).toMatchObject(same);
  expect(await replay(folder, iris, iris)).toMatchObject(same);
});

test('another is told apart in every protocol, and so is one that refuses', async () => {
  const found = await replay(folder, tree, null, 0.01);
  expect(found).toMatchObject({ requests: 8, errors: 0, changed: 4 });
  expect(found.greatest).toBeGreaterThan(0.01);
  expect(found.p99Ms).toBeGreaterThanOrEqual(found.p50Ms);
  // Probabilities, tensors over HTTP, and tensors over gRPC, raw and typed.
  const places = found.examples.map((text) => /, line (\d+: answer.*?): /.exec(text)?.[1]);
  expect(places).toEqual(
    expect.arrayContaining([
      '4: answer.prediction[0][1]',
      ...[6, 7, 8].map((line) => `${line}: answer.outputs[0].data[0]`),
    ]),
  );
  const prices = fixture('fixtures/reference/prices/model.json');
  const refused = await replay(folder, prices, null);
  expect(refused).toMatchObject({ requests: 8, errors: 8 });
  expect(refused.examples[0]).toMatch(/^iris\/.*, line 1: expected an answer, found a refusal$/);
});

test('limits say whether that is good, as JUnit has it', async () => {
  const found = await replay(folder, tree, null);
  const passed = (tolerance: number, mostChanged = 0, changed = 0) =>
    judgeReplay({ ...found, changed }, { tolerance, mostChanged }).map((one) => one.passed);
  expect(passed(found.greatest, 4, 4)).toEqual([true, true, true]);
  expect(passed(found.greatest * 0.99)).toEqual([true, true, false]);
  expect(passed(1, 1, 2)).toEqual([true, false, true]);
  const xml = formatJunit('captured', judgeReplay(found, { tolerance: 0, mostChanged: 0 }));
  expect(xml).toMatch(/tests="3" failures="2"/);
  expect(xml).toMatch(/<failure message="\d+, by 0\.\d+ at most">iris\/.*, line 3: answer/);
});

test('numbers that are none are the same, and no move', () => {
  const found = noDifferences();
  compare([Number.NaN, -0], [Number.NaN, 0], 'a', 0, found);
  expect(found).toEqual(noDifferences());
  compare([Number.NaN, 'a', 1], [1, 'b', Infinity], 'a', 0, found);
  expect(found).toMatchObject({ changed: 2, moved: 1, greatest: Infinity });
  expect(found.examples[1]).toBe('a[1]: expected "a", found "b"');
});

test('what is no capture is refused by its line', async () => {
  const path = join(folder, 'bad.txt');
  writeFileSync(path, '{"captureData": null}\n');
  await expect(replay(path, iris, null)).rejects.toMatchObject({
    code: 'malformed',
    path: 'bad.txt, line 1',
  });
  writeFileSync(path, '\n');
  await expect(replay(path, iris, null)).rejects.toMatchObject({ code: 'usage' });
  await expect(replay(join(folder, 'none'), iris, null)).rejects.toMatchObject({ code: 'io' });
});
