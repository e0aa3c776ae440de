import { connect } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Asked, iris, startServer } from './serving.js';

const bodyBytes = 100_000;
let server: Asked;
beforeAll(async () => {
  server = await startServer(iris, {
    modelName: 'iris',
    security: { open: ['admin'] },
    limits: { bodyBytes, heldBytes: 400_000, requestMs: 1500 },
  });
});
afterAll(() => server.close());

/** All that read a body. */
const routes = [
  ...['/predict', '/models/iris/predict', '/models/iris/versions/1/predict', '/score'],
  ...['/v1/models/iris:predict', '/v1/models/iris/versions/1:predict', '/invocations'],
  ...['/models/iris/invoke', '/models', '/v2/models/iris/infer', '/v2/repository/index'],
  ...['/v2/models/iris/versions/1/infer', '/v2/repository/models/iris/load'],
];

/** Sends bytes as they are; what comes back until the server closes, or until there is as much as is wanted. */
function send(text: string, wanted = /never/): Promise<string> {
  const { port } = new URL(server.address);
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text, 'latin1'));
    let got = '';
    socket.on('data', (bytes) => {
      got += bytes.toString('latin1');
      if (wanted.test(got)) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(got));
  });
}

const head = (path: string, ...fields: string[]): string =>
  `POST ${path} HTTP/1.1\r\n${['Host: a', ...fields].join('\r\n')}\r\n\r\n`;
const chunked = (text: string, size: number): string => {
  const parts = text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [];
  return `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`;
};
const row = '{"features": [5.1, 3.5, 1.4, 0.2]}';
const spaces = (count: number): Buffer => Buffer.alloc(count, ' ');

describe.each(routes)('%s', (route) => {
  test('reads no more than the limit, however a body comes', async () => {
    expect(await send(head(route, `Content-Length: ${bodyBytes + 1}`))).toMatch(/^HTTP\/1.1 413/);
    const parts = chunked(' '.repeat(bodyBytes + 1), 10_000);
    expect(await send(head(route, 'Transfer-Encoding: chunked') + parts)).toMatch(/ 413 /);
    for (const [encoding, bomb] of [
      ['gzip', gzipSync(spaces(5_000_000))],
      ['deflate', deflateSync(spaces(5_000_000))],
    ] as const) {
      const { status } = await server.post(route, bomb, { 'content-encoding': encoding });
      expect(status, encoding).toBe(413);
    }
    // Of bombs in bombs, the first is inflated.
    const nested = gzipSync(gzipSync(spaces(5_000_000)));
    const once = await server.post(route, nested, { 'content-encoding': 'gzip' });
    expect(once.status).toBeLessThan(500);
    const twice = await server.post(route, nested, { 'content-encoding': 'gzip, gzip' });
    expect(twice.status).toBe(415);
  });
});

test.each<[string, string, RegExp]>([
  ['chunks of a byte', head('/predict', 'Transfer-Encoding: chunked') + chunked(row, 1), / 200 /],
  [
    'a length that is not reached',
    head('/predict', `Content-Length: ${row.length + 1}`) + row,
    /^(HTTP\/1.1 408|$)/,
  ],
  ['more than the length', `${head('/predict', 'Content-Length: 34') + row}junk`, / 400 /],
  [
    'one that waits to be told to go on',
    head('/predict', 'Content-Length: 34', 'Expect: 100-continue') + row,
    /100 Continue.* 200 /s,
  ],
  ['another expectation', head('/predict', 'Content-Length: 34', 'Expect: x') + row, / 417 /],
  ['HTTP/1.0', `POST /predict HTTP/1.0\r\nContent-Length: 34\r\n\r\n${row}`, / 200 .*setosa/s],
  ['an upgrade', head('/predict', 'Content-Length: 34', 'Upgrade: h2c') + row, / 200 /],
  ['no host', `POST /predict HTTP/1.1\r\nContent-Length: 34\r\n\r\n${row}`, / 400 /],
  ['a name of 16 KiB', head('/predict', `${'x'.repeat(16_384)}: 1`), / 431 /],
  [
    '150 fields',
    head('/predict', 'Content-Length: 34', ...Array(150).fill('X-A: 1')) + row,
    / 200 /,
  ],
  ['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', /^$/],
  ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', / 404 /],
  [
    'a path out of the root',
    'GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    / 404 /,
  ],
])('%s', async (_, text, expected) => {
  expect(await send(text, expected)).toMatch(expected);
});

test('large bodies that are under way are held to a limit together; small ones pass', async () => {
  const { port } = new URL(server.address);
  const announced = head('/predict', `Content-Length: ${bodyBytes}`);
  // Each sends nearly all of it, and waits.
  const sockets = Array.from({ length: 12 }, () => {
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write(announced + ' '.repeat(90_000)),
    );
    socket.on('error', () => {});
    const answer = new Promise<string>((resolve) => {
      socket.once('data', (bytes) => resolve(bytes.toString()));
      socket.once('close', () => resolve(''));
    });
    return { socket, answer };
  });
  const first = await Promise.race(sockets.map(({ answer }) => answer));
  expect(first).toMatch(/^HTTP\/1.1 503.*retry-after: 1\r\n/s);
  expect((await server.post('/predict', row)).status).toBe(200);
  const large = `${row}${' '.repeat(80_000)}`;
  for (const { socket } of sockets) socket.destroy();
  await expect
    .poll(async () => (await server.post('/predict', large)).status, { timeout: 3000 })
    .toBe(200);
}, 10_000);
