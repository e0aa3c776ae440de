import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Context, Metrics, Repository } from '../src/index.js';
import { Access } from '../src/security/access.js';
import { requireAdmin } from '../src/security/admin.js';
import { guardRoutes } from '../src/security/guard.js';
import { readTokens } from '../src/security/tokens.js';
import { type Asked, fixture, iris, routesOf, startServer } from './serving.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nuthatch-security-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const features = [5.1, 3.5, 1.4, 0.2];
const [plain, admin, scraper] = ['a'.repeat(20), 'b'.repeat(20), 'c'.repeat(20)];
const digest = (token: string) => createHash('sha256').update(token).digest('hex');
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('tokens', () => {
  let server: Asked;
  let tokenFile: string;
  beforeAll(async () => {
    tokenFile = join(folder, 'tokens');
    const lines = [
      '# who may ask',
      '',
      plain,
      `ops:${digest(admin)} admin`,
      `prom:${digest(scraper)} metrics`,
    ];
    writeFileSync(tokenFile, lines.join('\r\n'));
    server = await startServer(iris, { modelName: 'iris', security: { tokenFile } });
  });
  afterAll(() => server.close());

  const predict = async (headers: Record<string, string>) =>
    (await server.post('/predict', { features }, headers)).status;
  const metrics = async (headers: Record<string, string>) =>
    (await fetch(`${server.address}/metrics`, { headers })).status;

  test('a bearer token or an API key lets a client pass, for what it is for', async () => {
    expect(await predict(bearer(plain))).toBe(200);
    expect(await predict({ authorization: `bearer  ${plain}` })).toBe(200);
    expect(await predict({ 'x-api-key': plain })).toBe(200);
    expect(await predict(bearer(admin))).toBe(200);
    expect(await predict(bearer(scraper))).toBe(403);
    expect(await metrics(bearer(scraper))).toBe(200);
    expect(await metrics({})).toBe(401);
  });

  test.each<[string, Record<string, string>]>([
    ['none', {}],
    ['an empty one', { authorization: 'Bearer ' }],
    ['another', bearer('d'.repeat(20))],
    ['a part of one', bearer(plain.slice(1))],
    ['one with more behind it', bearer(`${plain}a`)],
    ['the digest of one', bearer(digest(admin))],
    ['one of another kind', { authorization: `Basic ${plain}` }],
    ['a name that objects have', bearer('__proto__')],
  ])('%s does not', async (_, headers) => {
    const found = await server.post('/predict', { features }, headers);
    expect(found).toMatchObject({ status: 401, json: { error: { code: 'unauthenticated' } } });
    expect(found.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  test('every route asks for one but probes', () => {
    const probes = [
      ...['/', '/healthz', '/readyz', '/ping', '/health', '/version'],
      ...['/v2/health/live', '/v2/health/ready', '/v2/models/:model/ready'],
      '/v2/models/:model/versions/:version/ready',
    ];
    const all = routesOf(server);
    expect(all.map(([, path]) => path)).toEqual(expect.arrayContaining([...probes, '/score']));
    return Promise.all(
      all.map(async ([method, path]) => {
        const url = path.replace(/:\w+/g, 'iris');
        const { status } = await fetch(server.address + url, { method });
        // The page's files and Swagger UI tell nothing of the models before a token is given.
        if (probes.includes(path) || /^\/(docs(\/|$)|ui\/[a-z]+\.)/.test(path))
          expect(status, path).not.toBe(401);
        else expect(status, `${method} ${path}`).toBe(401);
      }),
    );
  });

  test('an error is told in the words of the protocol', async () => {
    const { status, json } = await server.post('/v2/models/iris/infer', {});
    expect({ status, json }).toEqual({
      status: 401,
      json: { error: expect.stringMatching(/^expected a known token/) },
    });
  });

  test('the file is read again when it changes; damaged or gone, nobody passes', async () => {
    const wait = (status: number, token: string) =>
      vi.waitFor(async () => expect(await predict(bearer(token))).toBe(status), {
        timeout: 8000,
        interval: 100,
      });
    writeFileSync(tokenFile, `${scraper}\n`);
    await wait(200, scraper);
    expect(await predict(bearer(plain))).toBe(401);
    rmSync(tokenFile);
    await wait(401, scraper);
    writeFileSync(tokenFile, `${plain}\n`);
    await wait(200, plain);
  });
});

test('what changes the server is for admin tokens alone, and for nobody without a file', async () => {
  const ask = async (access: Access | undefined, headers: Record<string, string>) => {
    const context = new Context(new Repository(), new Metrics(), { rows: 1, cells: 1 }, access);
    const app = Fastify();
    guardRoutes(app, context.access);
    app.delete('/one', { onRequest: requireAdmin(context) }, () => 'done');
    app.delete('/other', { config: { scope: 'admin' } }, () => 'done');
    const answers = ['/one', '/other'].map((url) => app.inject({ method: 'DELETE', url, headers }));
    const statuses = (await Promise.all(answers)).map(({ statusCode }) => statusCode);
    expect(statuses[0]).toBe(statuses[1]);
    return statuses[0];
  };
  const access = new Access(readTokens(`${plain}\n${admin} admin\n`, 'tokens'));
  expect(await ask(access, bearer(admin))).toBe(200);
  expect(await ask(access, bearer(plain))).toBe(403);
  expect(await ask(access, {})).toBe(401);
  expect(await ask(undefined, bearer(admin))).toBe(403);
});

test('without a file, or with one that is empty, no server starts', async () => {
  const tokenFile = join(folder, 'none');
  await expect(startServer(iris, { security: { tokenFile } })).rejects.toMatchObject({
    code: 'io',
    message: expect.not.stringContaining(folder),
  });
  writeFileSync(tokenFile, '# none yet\n');
  await expect(startServer(iris, { security: { tokenFile } })).rejects.toThrow(/no token/);
});

test.each([
  ['short', 'password', /can be guessed/],
  ['spaces', `${plain} predict metrics`, /with commas/],
  ['a scope', `${plain} root`, /is for predict, metrics, admin/],
  ['characters', 'ä'.repeat(20), /expected TOKEN/],
  ['twice', `${plain}\nx:${digest(plain)}`, /line 2: .*already/],
])('a file with %s is refused, and the message does not repeat it', (_, text, message) => {
  expect(() => readTokens(text, 'tokens')).toThrow(message);
  expect(() => readTokens(text, 'tokens')).not.toThrow(text);
});

describe('TLS', () => {
  const file = (name: string) => fixture(`server/test/tls/${name}`);

  const connect = (server: Asked, options: ConnectionOptions) =>
    new Promise<string>((resolve, reject) => {
      const { port } = new URL(server.address);
      const socket = connectTls({ host: '127.0.0.1', port: Number(port), ...options }, () => {
        socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      });
      let text = '';
      socket.on('secureConnect', () => {
        text = `${socket.getPeerCertificate().subject.CN} `;
      });
      socket.on('data', (bytes) => {
        text += bytes.toString();
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
    });

  test('certificates are used, and used again when they change', async () => {
    const [cert, key] = [join(folder, 'own.crt'), join(folder, 'own.key')];
    copyFileSync(file('first.crt'), cert);
    copyFileSync(file('first.key'), key);
    const server = await startServer(iris, { security: { tls: { cert, key } } });
    try {
      const ca = readFileSync(file('first.crt'));
      expect(server.address).toMatch(/^https:/);
      expect(await connect(server, { ca })).toMatch(/^first HTTP\/1.1 200/);
      await expect(connect(server, { ca, maxVersion: 'TLSv1.1' })).rejects.toThrow();
      copyFileSync(file('second.crt'), cert);
      copyFileSync(file('second.key'), key);
      await vi.waitFor(
        async () =>
          expect(await connect(server, { ca: readFileSync(file('second.crt')) })).toMatch(
            /^second/,
          ),
        { timeout: 8000, interval: 100 },
      );
    } finally {
      await server.close();
    }
  });

  test('clients show a certificate where an authority is named', async () => {
    const [cert, key, clientCa] = [file('first.crt'), file('first.key'), file('second.crt')];
    const server = await startServer(iris, { security: { tls: { cert, key, clientCa } } });
    try {
      const ca = readFileSync(cert);
      const own = { cert: readFileSync(clientCa), key: readFileSync(file('second.key')) };
      expect(await connect(server, { ca, ...own })).toMatch(/200/);
      await expect(connect(server, { ca })).rejects.toThrow();
    } finally {
      await server.close();
    }
  });

  test('a key of another certificate starts no server', async () => {
    const tls = { cert: file('first.crt'), key: file('second.key') };
    await expect(startServer(iris, { security: { tls } })).rejects.toMatchObject({
      code: 'malformed',
    });
  });
});

test('requests are counted by token, or by address; probes are not', async () => {
  const tokenFile = join(folder, 'counted');
  writeFileSync(tokenFile, `${plain}\n${scraper}\n`);
  const security = { tokenFile, requestsPerMinute: 2 };
  const server = await startServer(iris, { security });
  try {
    const ask = (token: string) => server.post('/predict', { features }, bearer(token));
    expect([(await ask(plain)).status, (await ask(plain)).status]).toEqual([200, 200]);
    const third = await ask(plain);
    expect(third).toMatchObject({ status: 429, json: { error: { code: 'rate-limited' } } });
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask(scraper)).status).toBe(200);
    for (let i = 0; i < 5; i++) expect((await server.get('/healthz')).status).toBe(200);
  } finally {
    await server.close();
  }
});

test('pages of other origins may ask where they are named', async () => {
  const ask = async (server: Asked, origin: string) =>
    (
      await fetch(`${server.address}/predict`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      })
    ).headers.get('access-control-allow-origin');
  const closed = await startServer(iris);
  expect(await ask(closed, 'https://example.org')).toBeNull();
  await closed.close();
  const server = await startServer(iris, { security: { corsOrigins: ['https://example.org'] } });
  expect(await ask(server, 'https://example.org')).toBe('https://example.org');
  expect(await ask(server, 'https://example.org.evil.net')).toBeNull();
  await server.close();
});
