import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import fc from 'fast-check';
import { asClassifier } from 'nuthatch';
import { loadFile } from 'nuthatch/node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Connection, connect, healthService, messageOf } from './grpc-client.js';
import { type Asked, fixture, iris, startServer } from './serving.js';

const rows = readFileSync(fixture('fixtures/demo/rows.csv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number));
const { expected } = JSON.parse(readFileSync(fixture('fixtures/demo/case.json'), 'utf8')) as {
  expected: { predict: string[] };
};
/** What the library answers, whose own tests compare it with Python. */
const probabilities = asClassifier(await loadFile(iris)).predictProba!(rows);

let server: Asked;
let grpc: Connection;
beforeAll(async () => {
  server = await startServer(iris, { modelName: 'iris', grpc: { port: 0 } });
  grpc = connect(server.grpcAddress!);
});
afterAll(async () => {
  grpc.close();
  await server.close();
});

const shape = [rows.length, 4];
const typed = {
  name: 'input',
  datatype: 'FP64',
  shape,
  contents: { fp64_contents: rows.flat() },
};
const raw = Buffer.from(Float64Array.from(rows.flat()).buffer);
const rawInput = { name: 'input', datatype: 'FP64', shape };
const bytesOf = (texts: readonly string[]) => texts.map((text) => Buffer.from(text));

test('what the server and the model say of themselves', async () => {
  const said = async (name: string, request = {}) => (await grpc.ask(name, request)).answer;
  expect(await said('ServerLive')).toEqual({ live: true });
  expect(await said('ServerReady')).toEqual({ ready: true });
  expect(await said('ModelReady', { name: 'iris', version: '1' })).toEqual({ ready: true });
  expect(await said('ServerMetadata')).toMatchObject({ name: 'nuthatch' });
  expect(await said('ModelMetadata', { name: 'iris' })).toMatchObject({
    name: 'iris',
    versions: ['1'],
    inputs: [{ name: 'input', datatype: 'FP64', shape: ['-1', '4'] }],
    outputs: [
      { name: 'predict', datatype: 'BYTES', shape: ['-1'] },
      { name: 'predict_proba', datatype: 'FP64', shape: ['-1', '-1'] },
      { name: 'predict_log_proba' },
      { name: 'apply', datatype: 'INT32' },
      { name: 'raw' },
    ],
  });
  expect(await said('RepositoryIndex')).toEqual({
    models: [{ name: 'iris', version: '1', state: 'READY', reason: '' }],
  });
});

describe('answers', () => {
  test('typed contents are answered by typed contents, and the id comes back', async () => {
    const outputs = [{ name: 'predict' }, { name: 'predict_proba' }, { name: 'apply' }];
    const request = { model_name: 'iris', id: 'a1', inputs: [typed], outputs };
    const { answer } = await grpc.ask('ModelInfer', request);
    expect(answer).toMatchObject({ model_name: 'iris', model_version: '1', id: 'a1' });
    expect(answer).toMatchObject({
      outputs: [
        {
          name: 'predict',
          datatype: 'BYTES',
          shape: [String(rows.length)],
          contents: { bytes_contents: bytesOf(expected.predict) },
        },
        {
          datatype: 'FP64',
          shape: [String(rows.length), '3'],
          contents: { fp64_contents: [...probabilities.data] },
        },
        { datatype: 'INT32', shape: [String(rows.length), '100'] },
      ],
      raw_output_contents: [],
    });
  });

  test('raw contents are answered by raw contents', async () => {
    const request = {
      model_name: 'iris',
      inputs: [rawInput],
      outputs: [{ name: 'predict_proba' }, { name: 'predict' }],
      raw_input_contents: [raw],
    };
    const { answer } = await grpc.ask('ModelInfer', request);
    const [doubles, words] = answer!.raw_output_contents as Buffer[];
    expect(new Float64Array(new Uint8Array(doubles!).buffer)).toEqual(probabilities.data);
    const [first] = expected.predict;
    expect(words!.readUInt32LE(0)).toBe(first!.length);
    expect(words!.toString('utf8', 4, 4 + first!.length)).toBe(first);
    const typedAgain = {
      ...request,
      parameters: { binary_data_output: { bool_param: false } },
    };
    const { answer: asAsked } = await grpc.ask('ModelInfer', typedAgain);
    expect(asAsked!.raw_output_contents).toEqual([]);
  });

  test.each<[string, string, (value: number) => unknown, string]>([
    ['FP32', 'fp32_contents', Math.fround, 'writeFloatLE'],
    ['INT8', 'int_contents', Math.trunc, 'writeInt8'],
    ['INT16', 'int_contents', Math.trunc, 'writeInt16LE'],
    ['INT32', 'int_contents', Math.trunc, 'writeInt32LE'],
    ['INT64', 'int64_contents', Math.trunc, 'writeBigInt64LE'],
    ['UINT8', 'uint_contents', Math.trunc, 'writeUInt8'],
    ['UINT16', 'uint_contents', Math.trunc, 'writeUInt16LE'],
    ['UINT32', 'uint_contents', Math.trunc, 'writeUInt32LE'],
    ['UINT64', 'uint64_contents', Math.trunc, 'writeBigUInt64LE'],
    ['BOOL', 'bool_contents', (value) => value > 3, 'writeUInt8'],
  ])('%s, typed and raw', async (datatype, field, convert, write) => {
    const values = rows.flat().map(convert);
    const bytes = values.map((value) => {
      const buffer = Buffer.alloc(8);
      const written = write.includes('Big') ? BigInt(value as number) : Number(value);
      const end = (buffer as unknown as Record<string, (value: unknown) => number>)[write]!(
        written,
      );
      return buffer.subarray(0, end);
    });
    const input = { name: 'input', datatype, shape };
    const outputs = [{ name: 'predict_proba' }];
    const parameters = { binary_data_output: { bool_param: false } };
    const contents = { [field]: values };
    const forms = [
      { inputs: [{ ...input, contents }], outputs },
      { inputs: [input], raw_input_contents: [Buffer.concat(bytes)], outputs, parameters },
    ];
    const model = asClassifier(await loadFile(iris));
    const asked = rows.map((row) => row.map((value) => Number(convert(value))));
    const wanted = [...model.predictProba!(asked).data];
    for (const form of forms) {
      const { answer, details } = await grpc.ask('ModelInfer', { model_name: 'iris', ...form });
      expect(details).toBe('');
      expect(answer!.outputs).toMatchObject([{ contents: { fp64_contents: wanted } }]);
    }
  });

  test('columns by name, words among them, and whole numbers as classes', async () => {
    const path = fixture('fixtures/models/sklearn-1.9/documents-among-columns/model.json');
    const text = ['the cat sat on the mat', '', 'a galaxy of stars é'];
    const length = [22, 0, 19];
    const wanted = asClassifier(await loadFile(path)).predict({ text, length });
    const other = await startServer(path, { grpc: { port: 0 } });
    const client = connect(other.grpcAddress!);
    const inputs = [
      {
        name: 'text',
        datatype: 'BYTES',
        shape: [3, 1],
        contents: { bytes_contents: bytesOf(text) },
      },
      { name: 'length', datatype: 'INT64', shape: [3], contents: { int64_contents: length } },
    ];
    const { answer } = await client.ask('ModelInfer', { model_name: 'model', inputs });
    expect(answer).toMatchObject({
      outputs: [{ datatype: 'INT64', contents: { int64_contents: Array.from(wanted, String) } }],
    });
    client.close();
    await other.close();
  });
});

describe('what is refused', () => {
  const input = { ...typed, contents: undefined };
  test.each<[string, object, string, string, RegExp]>([
    ['another model', { model_name: 'rose' }, 'NOT_FOUND', 'unknown-model', /no model "rose"/],
    ['another version', { model_version: '7' }, 'NOT_FOUND', 'unknown-version', /versions 1/],
    ['a name of objects', { model_name: '__proto__' }, 'NOT_FOUND', 'unknown-model', /proto/],
    [
      'a long name',
      { model_name: 'x'.repeat(1e6) },
      'NOT_FOUND',
      'unknown-model',
      /no name has more/,
    ],
    ['no inputs', { inputs: [] }, 'INVALID_ARGUMENT', 'malformed', /expected inputs/],
    [
      'a shape that lies',
      { inputs: [{ ...typed, shape: [3, 4] }] },
      'INVALID_ARGUMENT',
      'input-shape',
      /inputs\[0\]: the shape has 12 elements, data 40/,
    ],
    [
      'a shape that is too large',
      { inputs: [{ ...typed, shape: [2 ** 30, 2 ** 30] }] },
      'RESOURCE_EXHAUSTED',
      'limit-exceeded',
      /elements; a request may have 1000000/,
    ],
    [
      'a shape below nothing',
      { inputs: [{ ...typed, shape: [-1, 4] }] },
      'INVALID_ARGUMENT',
      'malformed',
      /expected a shape/,
    ],
    [
      'a strange type',
      { inputs: [{ ...typed, datatype: 'FP8' }] },
      'INVALID_ARGUMENT',
      'malformed',
      /datatype/,
    ],
    [
      'values of another type',
      { inputs: [{ ...typed, datatype: 'INT64' }] },
      'INVALID_ARGUMENT',
      'malformed',
      /expected INT64 in int64_contents alone/,
    ],
    ['no values', { inputs: [input] }, 'INVALID_ARGUMENT', 'input-shape', /40 elements, data 0/],
    [
      'values both ways',
      { raw_input_contents: [raw] },
      'INVALID_ARGUMENT',
      'malformed',
      /in raw_input_contents alone/,
    ],
    [
      'raw contents for others',
      { inputs: [input], raw_input_contents: [raw, raw] },
      'INVALID_ARGUMENT',
      'malformed',
      /contents of 1 inputs, found 2/,
    ],
    [
      'raw contents that are short',
      { inputs: [input], raw_input_contents: [raw.subarray(1)] },
      'INVALID_ARGUMENT',
      'input-shape',
      /expected 320 bytes, found 319/,
    ],
    [
      'an integer that is too large to be exact',
      {
        inputs: [
          {
            ...input,
            datatype: 'INT64',
            shape: [1, 4],
            contents: { int64_contents: ['9007199254740993', 1, 1, 1] },
          },
        ],
      },
      'INVALID_ARGUMENT',
      'input-range',
      /9007199254740993 is no integer that float64 holds/,
    ],
    [
      'an integer beyond its type',
      {
        inputs: [
          { ...input, datatype: 'INT8', shape: [1, 4], contents: { int_contents: [128, 1, 1, 1] } },
        ],
      },
      'INVALID_ARGUMENT',
      'input-type',
      /data\[0\] is no INT8/,
    ],
    [
      'another output',
      { outputs: [{ name: 'loss' }] },
      'INVALID_ARGUMENT',
      'usage',
      /outputs\[0\]: this model has the outputs predict,/,
    ],
    [
      'too many rows',
      {
        inputs: [{ ...input, shape: [10_001, 4] }],
        raw_input_contents: [Buffer.alloc(10_001 * 32)],
      },
      'RESOURCE_EXHAUSTED',
      'limit-exceeded',
      /10001 rows/,
    ],
  ])('%s', async (_, changed, code, error, details) => {
    const ended = await grpc.ask('ModelInfer', {
      model_name: 'iris',
      inputs: [typed],
      ...changed,
    });
    expect(ended).toMatchObject({ code, details: expect.stringMatching(details) });
    expect(ended.trailers.get('nuthatch-error-code')).toEqual([error]);
  });

  test('a message that is larger than 8 MiB, plain or inflated', async () => {
    const message = { model_name: 'iris', raw_input_contents: [Buffer.alloc(8 * 2 ** 20)] };
    for (const algorithm of [0, 2]) {
      const client = connect(server.grpcAddress!, undefined, {
        'grpc.default_compression_algorithm': algorithm,
      });
      expect((await client.ask('ModelInfer', message)).code).toBe('RESOURCE_EXHAUSTED');
      client.close();
    }
  });

  /** Two bytes each on the wire, and objects in memory. */
  test.each<[string, number[]]>([
    ['inputs', [0x2a, 0]],
    ['parameters', [0x22, 0]],
    ['raw contents', [0x3a, 0]],
  ])('a message of a million empty %s', async (_, bytes) => {
    const message = new Uint8Array(2_400_000).map((__, i) => bytes[i % 2]!);
    expect(await grpc.ask('ModelInfer', message)).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      details: expect.stringMatching(/^the message holds too many/),
    });
  });

  test('packed numbers without end, and groups within groups', async () => {
    const length = 2_000_000;
    const varint = (value: number): number[] =>
      value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
    const contents = Buffer.from([0x2a, ...varint(length)]);
    const within = Buffer.concat([contents, Buffer.alloc(length)]);
    const tensor = Buffer.concat([Buffer.from([0x2a, ...varint(within.length)]), within]);
    const message = Buffer.concat([Buffer.from([0x2a, ...varint(tensor.length)]), tensor]);
    expect((await grpc.ask('ModelInfer', message)).code).toBe('RESOURCE_EXHAUSTED');
    const groups = new Uint8Array(1_000_000).fill(0x0b);
    expect((await grpc.ask('ModelInfer', groups)).code).toBe('INVALID_ARGUMENT');
  });

  test('any bytes: an answer or a reason, never a failure within', async () => {
    const service = (name: string) => fc.constant(name);
    const method = fc.oneof(...['ModelInfer', 'ModelMetadata', 'RepositoryIndex'].map(service));
    const good = messageOf('ModelInfer', { model_name: 'iris', inputs: [typed] });
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc
        .tuple(fc.nat(good.length - 1), fc.nat(255))
        .map(([at, byte]) => Uint8Array.from(good).fill(byte, at, at + 1)),
    );
    await fc.assert(
      fc.asyncProperty(method, noise, async (name, bytes) => {
        const { code, details } = await grpc.ask(name, bytes);
        expect(['OK', 'INVALID_ARGUMENT', 'NOT_FOUND', 'RESOURCE_EXHAUSTED'], details).toContain(
          code,
        );
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  test('loading models without tokens, and what is not served', async () => {
    expect(await grpc.ask('RepositoryModelLoad', { model_name: 'iris' })).toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    const ended = await new Promise<{ code?: number }>((resolve) =>
      grpc.client.makeUnaryRequest(
        '/inference.GRPCInferenceService/ModelStreamInfer',
        () => Buffer.alloc(0),
        (bytes) => bytes,
        null,
        (error) => resolve(error ?? {}),
      ),
    );
    expect(ended.code).toBe(12);
  });
});

test('the same metrics as over HTTP', async () => {
  await grpc.ask('ModelInfer', { model_name: 'iris', inputs: [typed] });
  const { body } = await server.get('/metrics');
  expect(body).toMatch(
    /^nuthatch_request_duration_seconds_count\{model="iris",version="1",route="grpc"\} [1-9]/m,
  );
  expect(body).toMatch(/^nuthatch_rows_total\{model="iris",version="1"\} [1-9]/m);
  expect(body).toMatch(/^nuthatch_errors_total\{code="unknown-model"\} [1-9]/m);
  expect(body).toMatch(/^nuthatch_requests_in_flight 1$/m);
});

test('tokens are asked for as over HTTP', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nuthatch-grpc-'));
  const tokenFile = join(folder, 'tokens');
  const [user, admin] = ['u'.repeat(20), 'a'.repeat(20)];
  writeFileSync(tokenFile, `${user}\n${admin} admin\n`);
  const guarded = await startServer(iris, {
    modelName: 'iris',
    security: { tokenFile },
    grpc: { port: 0 },
  });
  const client = connect(guarded.grpcAddress!);
  const infer = async (headers: Record<string, string>) =>
    (await client.ask('ModelInfer', { model_name: 'iris', inputs: [typed] }, headers)).code;
  expect(await infer({})).toBe('UNAUTHENTICATED');
  expect(await infer({ authorization: `Bearer ${'x'.repeat(20)}` })).toBe('UNAUTHENTICATED');
  expect(await infer({ authorization: `Bearer ${user}` })).toBe('OK');
  expect(await infer({ 'x-api-key': user })).toBe('OK');
  expect((await client.ask('ServerReady', {})).code).toBe('OK');
  const change = (verb: string, token: string, request: Record<string, string>) =>
    client.ask(`RepositoryModel${verb}`, request, { authorization: `Bearer ${token}` });
  expect((await change('Load', user, {})).code).toBe('PERMISSION_DENIED');
  expect(await change('Unload', admin, { model_name: 'iris' })).toMatchObject({
    answer: { model_name: 'iris', isUnloaded: true },
  });
  expect(await infer({ 'x-api-key': user })).toBe('NOT_FOUND');
  // KServe's clients send the name as the first field.
  expect(await change('Load', admin, { repository_name: 'iris' })).toMatchObject({
    answer: { model_name: 'iris', isLoaded: true },
  });
  expect(await infer({ 'x-api-key': user })).toBe('OK');
  expect((await change('Load', admin, { model_name: 'rose' })).code).toBe('NOT_FOUND');
  client.close();
  await guarded.close();
  rmSync(folder, { recursive: true });
});

test('certificates of the HTTP server, which are renewed with its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nuthatch-grpc-'));
  const [cert, key] = [join(folder, 'own.crt'), join(folder, 'own.key')];
  const use = (name: string) => {
    copyFileSync(fixture(`server/test/tls/${name}.crt`), cert);
    copyFileSync(fixture(`server/test/tls/${name}.key`), key);
  };
  use('first');
  const secured = await startServer(iris, {
    modelName: 'iris',
    security: { tls: { cert, key } },
    grpc: { port: 0 },
  });
  const asked = async (trusted: string) => {
    const authority = readFileSync(fixture(`server/test/tls/${trusted}.crt`));
    const client = connect(secured.grpcAddress!, credentials.createSsl(authority));
    const { code } = await client.ask('ModelInfer', { model_name: 'iris', inputs: [typed] });
    client.close();
    return code;
  };
  try {
    expect(await asked('first')).toBe('OK');
    expect(await asked('second')).toBe('UNAVAILABLE');
    const plainly = connect(secured.grpcAddress!);
    expect((await plainly.ask('ServerLive', {})).code).toBe('UNAVAILABLE');
    plainly.close();
    use('second');
    await vi.waitFor(async () => expect(await asked('second')).toBe('OK'), 5000);
  } finally {
    await secured.close();
    rmSync(folder, { recursive: true });
  }
});

test('health is told, and told again when the server drains, which answers what has come', async () => {
  const draining = await startServer(iris, { modelName: 'iris', grpc: { port: 0 } });
  const client = connect(draining.grpcAddress!);
  const check = (service: string) => client.ask('Check', { service }, {}, healthService);
  expect((await check('')).answer).toEqual({ status: 'SERVING' });
  expect((await check('inference.GRPCInferenceService')).answer).toEqual({ status: 'SERVING' });
  expect((await check('constructor')).code).toBe('NOT_FOUND');
  const told: unknown[] = [];
  const watching = client.watch('');
  const ended = new Promise((resolve) => watching.on('end', resolve));
  await new Promise<void>((resolve) =>
    watching.on('data', (message) => {
      told.push(message.status);
      resolve();
    }),
  );
  // While it is being answered.
  let closed: Promise<void> | undefined;
  draining.context.observers.push(() => {
    closed = draining.close();
  });
  const last = await client.ask('ModelInfer', { model_name: 'iris', inputs: [typed] });
  expect(last).toMatchObject({ code: 'OK', answer: { model_name: 'iris' } });
  await closed;
  await ended;
  expect(told).toEqual(['SERVING', 'NOT_SERVING']);
  expect((await check('')).code).toBe('UNAVAILABLE');
  client.close();
});
