import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Asked, fixture, startServer } from './serving.js';

/** What dashboards and alerts ask Prometheus for, a server really says. */
let server: Asked;
let exported: ReadonlySet<string>;
beforeAll(async () => {
  server = await startServer(fixture('fixtures/reference/flowers/model.json'));
  const { body } = await server.get('/metrics');
  const names = [...body.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name, type]) => {
    const parts = type === 'histogram' || type === 'summary' ? ['_sum', '_count'] : [''];
    return [...parts, ...(type === 'histogram' ? ['_bucket'] : [])].map((part) => name! + part);
  });
  exported = new Set(names);
});
afterAll(() => server.close());

test.each([
  ['deploy/grafana/dashboards/nuthatch.json', 15],
  ['deploy/prometheus/alerts.yml', 5],
])('%s names only metrics that are exported', (path, least) => {
  const text = readFileSync(fixture(path), 'utf8');
  const asked = new Set(text.match(/\b(nuthatch|request|process|nodejs)_\w+/g));
  expect(asked.size).toBeGreaterThanOrEqual(least);
  expect([...asked].filter((name) => !exported.has(name))).toEqual([]);
});
