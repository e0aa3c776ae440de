import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Asked, iris, startServer } from './serving.js';

const features = [5.1, 3.5, 1.4, 0.2];
const body = JSON.stringify({ features });
const head = `POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n`;

/** Sends bytes as they are, and reads what comes until the server closes the connection, or until it has as many answers. */
function send(server: Asked, text: string, answers = Number.POSITIVE_INFINITY): Promise<string> {
  const { port } = new URL(server.address);
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
    let got = '';
    socket.on('data', (bytes) => {
      got += bytes.toString();
      if (got.split('HTTP/1.1 ').length > answers) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(got));
  });
}

describe('sockets', () => {
  let server: Asked;
  beforeAll(async () => {
    server = await startServer(iris, {
      limits: { requestMs: 1000, idleMs: 3000, connections: 400 },
    });
  });
  afterAll(() => server.close());

  test('that are slow do not keep others waiting, and are closed', async () => {
    const { port } = new URL(server.address);
    const parts = ['POST /pre', `${head}\r\n{"feat`, ''];
    let open = 0;
    const sockets: Socket[] = Array.from({ length: 300 }, (_, i) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        open++;
        socket.write(parts[i % parts.length]!);
      });
      socket.on('error', () => {});
      socket.on('close', () => open--);
      return socket.resume();
    });
    await vi.waitFor(() => expect(open).toBe(sockets.length), { timeout: 5000 });
    for (let i = 0; i < 20; i++)
      expect((await server.post('/predict', { features })).status).toBe(200);
    await vi.waitFor(() => expect(open).toBe(0), { timeout: 8000, interval: 100 });
    await vi.waitFor(() => expect(server.context.metrics.inFlight).toBe(0));
  }, 15_000);

  test.each<[string, string, RegExp]>([
    ['a length and chunks', `${head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, /^HTTP\/1.1 400/],
    ['two lengths', `${head}Content-Length: 1\r\n\r\n${body}`, /^HTTP\/1.1 400/],
    [
      'a length that is none',
      'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n',
      /^HTTP\/1.1 400/,
    ],
    ['an obsolete fold', `${head}X: a\r\n b\r\nX-Y : c\r\n\r\n${body}`, /^HTTP\/1.1 400/],
    ['a bare line feed', 'GET /healthz HTTP/1.1\nHost: a\n\n', /^HTTP\/1.1 400/],
    [
      'a head that is too large',
      `${head}X: ${'a'.repeat(20_000)}\r\n\r\n${body}`,
      /^HTTP\/1.1 431/,
    ],
    [
      'an extension of a chunk that is too large',
      `POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(20_000)}\r\n`,
      /^HTTP\/1.1 4/,
    ],
  ])('%s is refused, and the connection closed', async (_, text, expected) => {
    const got = await send(server, text);
    expect(got).toMatch(expected);
    expect(got.split('HTTP/1.1 ')).toHaveLength(2);
  });

  test('requests that follow each other on one connection are answered in turn', async () => {
    const got = await send(server, `${head}\r\n${body}`.repeat(50), 50);
    expect(got.match(/"setosa"/g)).toHaveLength(50);
  });
});

/** An observer of answers that computes for a while. */
const busyFor = (milliseconds: number) => () => {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
};

test('who comes behind too much work is told so at once, and is served when it is done', async () => {
  const server = await startServer(iris, { limits: { turnMs: 20 } });
  try {
    server.context.observers.push(busyFor(10));
    const { port } = new URL(server.address);
    // Connections that are there already: all of their requests are read in one turn.
    const sockets = await Promise.all(
      Array.from(
        { length: 40 },
        () =>
          new Promise<Socket>((resolve) => {
            const socket = connect(Number(port), '127.0.0.1', () => {
              socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
              socket.once('data', () => resolve(socket));
            });
          }),
      ),
    );
    const answers = sockets.map(
      (socket) =>
        new Promise<string>((resolve) => {
          socket.once('data', (bytes) => resolve(bytes.toString()));
        }),
    );
    for (const socket of sockets) socket.write(`${head}\r\n${body}`);
    const all = await Promise.all(answers);
    for (const socket of sockets) socket.destroy();
    const refused = all.filter((text) => text.startsWith('HTTP/1.1 503'));
    expect(all.filter((text) => text.startsWith('HTTP/1.1 200')).length).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatch(/retry-after: 1\r\n/);
    expect(refused[0]).toMatch(/"code":"overloaded"/);
    expect((await server.post('/predict', { features })).status).toBe(200);
  } finally {
    await server.close();
  }
});

test('between requests new connections are let in, however many ask again at once', async () => {
  const server = await startServer(iris);
  server.context.observers.push(busyFor(10));
  let isOver = false;
  const askers = Array.from({ length: 16 }, async () => {
    while (!isOver) await server.post('/predict', { features });
  });
  try {
    await vi.waitFor(() => expect(server.context.metrics.rows.total).toBeGreaterThan(16));
    const before = server.context.metrics.rows.total;
    const answered = Array.from({ length: 100 }, () =>
      send(server, 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
    );
    for (const text of await Promise.all(answered)) expect(text).toMatch(/^HTTP\/1.1 200/);
    // The system gives one in a round of the event loop, and each request takes a round of its own.
    expect(server.context.metrics.rows.total - before).toBeLessThan(60);
  } finally {
    isOver = true;
    await Promise.all(askers);
    await server.close();
  }
}, 30_000);

test('for a client that has gone nothing is computed', async () => {
  const server = await startServer(iris);
  server.context.observers.push(busyFor(20));
  const { port } = new URL(server.address);
  try {
    const sockets = Array.from({ length: 20 }, () =>
      connect(Number(port), '127.0.0.1').on('error', () => {}),
    );
    for (const socket of sockets) socket.write(`${head}\r\n${body}`);
    await vi.waitFor(() => expect(server.context.metrics.rows.total).toBeGreaterThan(0), {
      interval: 1,
    });
    for (const socket of sockets) socket.destroy();
    // It comes behind all of them.
    await server.post('/predict', { features });
    expect(server.context.metrics.rows.total).toBeLessThan(12);
  } finally {
    await server.close();
  }
});
