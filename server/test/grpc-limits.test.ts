import { connect as connectHttp2, constants } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, inferenceService, messageOf } from './grpc-client.js';
import { type Asked, iris, startServer } from './serving.js';

let server: Asked;
beforeAll(async () => {
  server = await startServer(iris, {
    modelName: 'iris',
    grpc: { port: 0 },
    limits: { requestMs: 400, connections: 5 },
    security: { requestsPerMinute: 6 },
  });
});
afterAll(() => server.close());

const features = [5.1, 3.5, 1.4, 0.2];
const contents = { fp64_contents: features };
const request = {
  model_name: 'iris',
  inputs: [{ name: 'x', datatype: 'FP64', shape: [1, 4], contents }],
};
const headers = {
  ':method': 'POST',
  ':path': `/${inferenceService}/ModelInfer`,
  'content-type': 'application/grpc',
  te: 'trailers',
};

/** How long a socket stays open, in milliseconds. */
function lifeOf(socket: Socket): Promise<number> {
  const begun = performance.now();
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.resume().once('close', () => resolve(performance.now() - begun));
  });
}
const open = () => connectTcp(Number(server.grpcAddress!.split(':')[1]), '127.0.0.1');

test('sockets that say nothing are closed in time', async () => {
  const life = await lifeOf(open());
  expect(life).toBeGreaterThan(350);
  expect(life).toBeLessThan(5000);
});

test('no more connections than there may be are taken', async () => {
  const sockets = Array.from({ length: 8 }, open);
  const lives = await Promise.all(sockets.map(lifeOf));
  expect(lives.filter((life) => life < 350).length).toBeGreaterThanOrEqual(3);
});

test('a message that does not come to its end in time ends the call', async () => {
  const client = connectHttp2(`http://${server.grpcAddress}`);
  const stream = client.request(headers);
  const bytes = messageOf('ModelInfer', request);
  const frame = Buffer.concat([Buffer.alloc(5), bytes]);
  frame.writeUInt32BE(bytes.length, 1);
  stream.write(frame.subarray(0, 20));
  const code = await new Promise((resolve) => {
    stream.on('error', () => {});
    const read = (fields: Record<string, unknown>) =>
      fields['grpc-status'] !== undefined && resolve(fields['grpc-status']);
    stream.on('response', read).on('trailers', read).resume();
  });
  expect(code).toBe('4');
  // What has come of it is let go, whether or not the client goes on.
  await expect.poll(() => stream.closed, { timeout: 2000 }).toBe(true);
  client.destroy();
});

test('a flood of streams that are reset, or of metadata, ends its connection at most', async () => {
  const client = connectHttp2(`http://${server.grpcAddress}`);
  client.on('error', () => {});
  await new Promise((resolve) => client.once('remoteSettings', resolve));
  expect(client.remoteSettings.maxConcurrentStreams).toBe(100);
  for (let i = 0; i < 5000 && !client.destroyed && !client.closed; i++) {
    const stream = client.request(headers);
    stream.on('error', () => {});
    stream.close(constants.NGHTTP2_CANCEL);
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  client.destroy();
  const many = connectHttp2(`http://${server.grpcAddress}`);
  many.on('error', () => {});
  const fields = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`x-${i}`, 'a']));
  const stream = many.request({ ...headers, ...fields });
  const ended = await new Promise((resolve) => {
    stream.on('error', () => resolve('refused'));
    stream.on('response', ({ ':status': status }) => resolve(status)).resume();
  });
  expect(ended).not.toBe(200);
  many.destroy();
  const probe = connect(server.grpcAddress!);
  expect(await probe.ask('ServerLive', {})).toMatchObject({ code: 'OK' });
  probe.close();
});

test('requests are counted with those over HTTP, and who asks too often is told when to come again', async () => {
  const client = connect(server.grpcAddress!);
  try {
    const metrics = async () => (await server.get('/v2')).status;
    for (let i = 0; i < 3; i++) {
      expect(await client.ask('ModelInfer', request)).toMatchObject({ code: 'OK' });
      expect(await metrics()).toBe(200);
    }
    const refused = await client.ask('ModelInfer', request);
    expect(refused).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    const [wait] = refused.trailers.get('grpc-retry-pushback-ms');
    expect(Number(wait)).toBeGreaterThan(1000);
    expect(Number(wait)).toBeLessThanOrEqual(60_000);
    expect(refused.trailers.get('nuthatch-error-code')).toEqual(['rate-limited']);
    expect(await metrics()).toBe(429);
    expect(await client.ask('ServerLive', {})).toMatchObject({ code: 'OK' });
  } finally {
    client.close();
  }
});
