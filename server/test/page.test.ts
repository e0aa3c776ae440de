import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Metrics } from '../src/index.js';
import type { ModelList, PageModel, TrafficReport } from '../src/page/reports.js';
import { Traffic } from '../src/page/traffic.js';
import { RecentTimes } from '../src/recent-times.js';
import { answerHeaders, pageHeaders } from '../src/security/headers.js';
import { type Asked, fixture, iris, startServer } from './serving.js';

let server: Asked;
beforeAll(async () => {
  server = await startServer(fixture('fixtures/reference/flowers/model.json'), {
    modelName: 'flowers',
  });
});
afterAll(() => server.close());

const browsers = [
  // Chromium, Firefox, Safari
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
  'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
];
const programs = [
  // curl, requests, kube-probe; httpx; axios; KServe's and others
  ...['*/*', 'application/json, text/plain, */*', 'application/json', '', 'text/plain'],
  'application/json;q=0.9, text/html;q=0.5',
];

describe('/', () => {
  test.each(browsers)('is a page to a browser: %s', async (accept) => {
    const found = await fetch(server.address, { headers: { accept } });
    expect(found.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(found.headers.get('vary')).toContain('Accept');
    expect(found.headers.get('content-security-policy')).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    );
    expect(found.headers.get('x-frame-options')).toBe('DENY');
    const html = await found.text();
    // What it loads is here, and nothing of it stands inline.
    const loaded = [...html.matchAll(/(?:src|href)="(ui\/[^"]+)"/g)].map(([, path]) => path!);
    expect(new Set(loaded)).toEqual(new Set(['ui/icon.svg', 'ui/page.css', 'ui/page.js']));
    expect(html).not.toMatch(/<script(?![^>]+src=)|style=|\son\w+=|https?:/);
    for (const path of loaded)
      expect((await fetch(`${server.address}/${path}`)).status, path).toBe(200);
  });

  test.each(programs)('is a probe to programs: %j', async (accept) => {
    const found = await fetch(server.address, { headers: { accept } });
    expect(await found.json()).toEqual({ status: 'alive' });
  });

  test('is a probe to all without the page', async () => {
    const without = await startServer(iris, { page: false });
    const found = await fetch(without.address, { headers: { accept: browsers[0]! } });
    expect(await found.json()).toEqual({ status: 'alive' });
    for (const path of ['/ui/page.js', '/ui/models', '/ui/statistics'])
      expect((await without.get(path)).status).toBe(404);
    await without.close();
  });
});

test('every answer says that it is what it says, and what is read is not kept', async () => {
  const answers = [
    await server.get('/metrics'),
    await server.get('/nowhere'),
    await server.get('/ui/models'),
    await server.post('/predict', { features: [5.1, 3.5, 1.4, 0.2] }),
    await server.post('/predict', 'x'),
  ];
  for (const { headers } of answers) expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(answers[2]!.headers.get('cache-control')).toBe('no-store');
  expect(answers[2]!.headers.get('strict-transport-security')).toBeNull();
  expect(answerHeaders(true)).toMatchObject({ 'strict-transport-security': 'max-age=31536000' });
  expect(pageHeaders(true)).toMatchObject({ strictTransportSecurity: { maxAge: 31_536_000 } });
});

describe('a model', () => {
  const read = async (from: Asked, name: string) =>
    (await from.get(`/ui/models/${encodeURIComponent(name)}/versions/1`)).json as PageModel;

  test('is found, and described', async () => {
    const { models, drift, docs } = (await server.get('/ui/models')).json as ModelList;
    expect({ models, drift, docs }).toEqual({
      models: [{ name: 'flowers', versions: ['1'] }],
      ...{ drift: true, docs: true },
    });
    const flowers = await read(server, 'flowers');
    expect(flowers).toMatchObject({
      ...{ className: 'DecisionTreeClassifier', form: 'rows', columns: 4 },
      classes: [['setosa', 'versicolor', 'virginica']],
    });
    expect(flowers.features[0]).toMatchObject({ name: 'sepal length (cm)', range: [4.3, 7.9] });
    expect((await server.get('/ui/models/flowers/versions/2')).status).toBe(404);
    expect((await server.get('/ui/models/__proto__/versions/1')).status).toBe(404);
  });

  test('is tried with rows that it answers', async () => {
    const mixed = fixture('fixtures/models/sklearn-1.9/pipeline-mixed/model.json');
    const other = await startServer(mixed, { modelName: 'a / "b"' });
    const { examples, features, exampleSource } = await read(other, 'a / "b"');
    expect(exampleSource).toBe('golden');
    expect(examples.length).toBeGreaterThan(3);
    const { status } = await other.post('/predict', { features: examples });
    expect(status).toBe(200);
    expect(features.find(({ name }) => name === 'sex')).toMatchObject({
      ...{ type: 'string', values: ['female', 'male'], closed: false, gaps: true },
    });
    await other.close();
  });
});

describe('traffic', () => {
  test('is what the counters say, of each moment', async () => {
    const metrics = new Metrics();
    let now = 1_000_000;
    const traffic = new Traffic(metrics, () => now);
    for (let i = 0; i < 50; i++) metrics.times.observe(null, '/predict', true, 0.004);
    metrics.times.observe(null, '/healthz', false, 9);
    metrics.rows.add({ name: 'm', version: '1' }, 500);
    metrics.errors.inc({ code: 'malformed' }, 5);
    metrics.inFlight = 3;
    now += 10_000;
    const first = await traffic.report(0);
    // Without the one that asks.
    expect(first).toMatchObject({ requests: [5], rows: [50], errors: [0.5], inFlight: [2] });
    expect(first.errorCodes).toEqual([['malformed', 5]]);
    for (const name of ['p50', 'p95', 'p99'] as const) {
      expect(first[name][0]).toBeGreaterThan(3.5);
      expect(first[name][0]).toBeLessThan(4.5);
    }
    // However many ask, once a second.
    now += 500;
    expect((await traffic.report(0)).time).toHaveLength(1);
    now += 1500;
    const second: TrafficReport = await traffic.report(first.time[0]!);
    expect(second).toMatchObject({ requests: [0], rows: [0], p99: [null] });
  });

  test('is forgotten after a quarter of an hour', async () => {
    let now = 0;
    const traffic = new Traffic(new Metrics(), () => now);
    for (let i = 0; i < 1200; i++) {
      now += 1000;
      await traffic.report(now);
    }
    const { time, memory } = await traffic.report(0);
    expect(time).toHaveLength(900);
    expect(time[0]).toBe(now - 899_000);
    expect(memory[0]).toBeGreaterThan(10 * 2 ** 20);
  });

  test('a moment that is no number is refused', async () => {
    const { status, json } = await server.get('/ui/statistics?since=1&since=2');
    expect([status, json]).toMatchObject([400, { error: { code: 'usage', path: 'since' } }]);
  });

  test.each([1e-6, 7e-6, 8e-6, 31e-6, 0.000_25, 0.0071, 0.9, 3, 70])(
    'times of about %d s are known to an eighth',
    (seconds) => {
      const recent = new RecentTimes();
      for (let i = 0; i < 100; i++) recent.add(seconds);
      const { count, times } = recent.take([0.001, 0.5, 1]);
      expect(count).toBe(100);
      const [low, , high] = times.map((time) => time! / 1000);
      expect(low).toBeLessThanOrEqual(seconds * 1.002);
      expect(high).toBeGreaterThanOrEqual(seconds * (1 - 1e-9));
      expect(high! - low!).toBeLessThanOrEqual(Math.max(1e-6, seconds / 8) * 1.001);
      expect(recent.take([0.5])).toEqual({ count: 0, times: [null] });
    },
  );
});
