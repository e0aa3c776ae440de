import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createApp } from '../src/app.js';
import { Context } from '../src/context.js';
import { createLog, requestIds } from '../src/log.js';
import { Metrics } from '../src/metrics.js';
import { Repository } from '../src/repository.js';
import { iris } from './serving.js';

const features = [5.1, 3.5, 1.4, 0.2];
const repository = new Repository();
const apps = new Map<string, FastifyInstance>();
const lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  await repository.load(iris, 'iris');
  const context = new Context(repository, new Metrics(), { rows: 10, cells: 100 });
  for (const level of ['info', 'debug']) {
    const write = (line: string) => lines.push(JSON.parse(line));
    const log = createLog(level, { write });
    const app = createApp(context, {
      log,
      limits: {},
      security: {},
      tls: null,
      docs: false,
      page: false,
    });
    app.get('/fails', () => {
      throw new Error('a secret place');
    });
    apps.set(level, app);
  }
});
afterAll(async () => {
  for (const app of apps.values()) await app.close();
  await repository.close();
});
beforeEach(() => {
  lines.length = 0;
});

async function ask(level: string, url: string, headers = {}, payload: object = { features }) {
  const app = apps.get(level)!;
  const answer = await app.inject({ method: 'POST', url, headers, payload });
  // What is done at the end of a request comes after its answer.
  await new Promise((resolve) => setImmediate(resolve));
  return answer;
}

test('a request is a line where all are wanted, without what it sent', async () => {
  const headers = { authorization: 'Bearer hidden', 'x-request-id': 'mine-1' };
  const answer = await ask('debug', '/models/iris/predict?key=hidden', headers);
  expect(answer.headers['x-request-id']).toBe('mine-1');
  expect(lines).toHaveLength(1);
  const route = '/models/:model/predict';
  const model = { model: 'iris', version: '1' };
  expect(lines[0]).toMatchObject({ reqId: 'mine-1', method: 'POST', route, ...model, rows: 1 });
  expect(lines[0]!.status).toBe(200);
  expect(lines[0]!.ms).toBeGreaterThan(0);
  expect(JSON.stringify(lines)).not.toMatch(/hidden|5\.1/);
});

test('else those alone that are refused, with an id that the client is told', async () => {
  const fine = await ask('info', '/predict');
  expect(fine.headers['x-request-id']).toBeUndefined();
  expect(lines).toEqual([]);
  const refused = await ask('info', '/predict', {}, { features: ['x'] });
  expect(refused.statusCode).toBe(400);
  expect(lines).toMatchObject([{ reqId: refused.headers['x-request-id'], status: 400 }]);
  await ask('info', '/nowhere');
  expect(lines[1]).toMatchObject({ route: 'none', status: 404 });
});

test('a failure within is logged with its reason, which the client is not told', async () => {
  const answer = await apps.get('info')!.inject('/fails');
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toContain('secret');
  expect(lines[0]).toMatchObject({
    level: 50,
    reqId: answer.headers['x-request-id'],
    err: { message: 'a secret place' },
  });
});

test('ids are those that clients send, if they are sane, or of their trace, or new', () => {
  const next = requestIds();
  const idOf = (headers: Record<string, string>) => next({ headers } as never);
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  expect(idOf({ 'x-request-id': 'a-1' })).toBe('a-1');
  expect(idOf({ traceparent: `00-${trace}-00f067aa0ba902b7-01` })).toBe(trace);
  const made = [{}, { 'x-request-id': 'a b' }, { 'x-request-id': 'x'.repeat(200) }].map(idOf);
  expect(new Set(made).size).toBe(3);
  for (const id of made) expect(id).toMatch(/^[\da-f]{12}-[\da-z]+$/);
});
