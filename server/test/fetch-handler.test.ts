import { gzipSync } from 'node:zlib';
import { type Model, NuthatchError } from 'nuthatch';
import { loadFile } from 'nuthatch/node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createFetchHandler } from '../src/fetch-handler.js';
import { type Asked, iris, startServer } from './serving.js';

/** A function that is asked answers what the server answers. */
const row = [5.1, 3.5, 1.4, 0.2];
const limits = { rows: 3, bodyBytes: 2000 };
let server: Asked;
let model: Model;
beforeAll(async () => {
  server = await startServer(iris, { limits });
  model = await loadFile(iris);
});
afterAll(() => server.close());

async function both(path: string, init: RequestInit) {
  const response = await createFetchHandler(model, limits)(new Request(`http://x${path}`, init));
  const own = await fetch(server.address + path, init);
  return [response, own].map(async (one) => ({ status: one.status, body: await one.json() }));
}

describe('as the server', () => {
  test.each<[string, unknown]>([
    ['a row', { features: row }],
    ['rows, with probabilities', { features: [row, row], probabilities: true }],
    ['another method', { features: [row], method: 'predict_log_proba' }],
    ['NaN, as Python writes it', '{"features": [NaN, 3.5, 1.4, 0.2]}'],
    ['no features', { rows: [row] }],
    ['no JSON', '{'],
    ['too many rows', { features: [row, row, row, row] }],
    ['too few cells', { features: [1] }],
    ['a method that is none', { features: row, method: 'constructor' }],
    ['no truth', { features: row, probabilities: 1 }],
    ['names that objects have', '{"features": {"__proto__": 1, "constructor": 2}}'],
    ['half a character', Uint8Array.of(0x22, 0xc3)],
    ['a byte order mark', `\ufeff${JSON.stringify({ features: row })}`],
    ['gzip', gzipSync(JSON.stringify({ features: row }))],
  ])('%s', async (name, sent) => {
    const isPlain = typeof sent === 'string' || sent instanceof Uint8Array;
    const body = (isPlain ? sent : JSON.stringify(sent)) as string;
    const headers = name === 'gzip' ? { 'content-encoding': 'gzip' } : {};
    const [found, expected] = await both('/predict', { method: 'POST', body, headers });
    expect(await found).toEqual(await expected);
  });

  test('nothing, too much of it, and what inflates to too much', async () => {
    for (const [status, init] of [
      [400, {}],
      [413, { body: 'x'.repeat(3000) }],
      [413, { body: gzipSync('x'.repeat(3000)), headers: { 'content-encoding': 'gzip' } }],
      [415, { body: 'x', headers: { 'content-encoding': 'br' } }],
    ] as const) {
      const [found, expected] = await both('/predict', { method: 'POST', ...init });
      const { error } = (await found)!.body as { error: { code: string } };
      expect([(await found)!.status, (await expected)!.status]).toEqual([status, status]);
      if (status === 413)
        expect(((await expected)!.body as { error: { code: string } }).error.code).toBe(error.code);
    }
  });

  test('other addresses', async () => {
    for (const path of ['/healthz', '/readyz', '/predict', '/constructor', '/__proto__']) {
      const [found, expected] = await both(path, {});
      expect(await found).toEqual(await expected);
    }
  });
});

test('a model that is brought is brought once; until it comes, the next request asks again', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  const bring = vi.fn<() => Promise<Model>>().mockResolvedValue(model);
  bring.mockRejectedValueOnce(new NuthatchError('malformed', '', 'the bucket is empty'));
  const handler = createFetchHandler(bring);
  const ask = async (path: string) => (await handler(new Request(`http://x${path}`))).status;
  expect(await ask('/healthz')).toBe(200);
  expect(bring).not.toHaveBeenCalled();
  // Of the model, and so nothing that a client could have done better.
  expect([await ask('/readyz'), await ask('/readyz'), await ask('/readyz')]).toEqual([
    503, 200, 200,
  ]);
  expect(bring).toHaveBeenCalledTimes(2);
  expect(error).toHaveBeenCalledTimes(1);
  error.mockRestore();
});
