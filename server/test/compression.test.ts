import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Asked, iris, startServer } from './serving.js';

let server: Asked;
beforeAll(async () => {
  server = await startServer(iris);
});
afterAll(() => server.close());

const row = [5.1, 3.5, 1.4, 0.2];
const encodingOf = async (rows: number, encoding: string) => {
  const features = Array.from({ length: rows }, () => row);
  const headers = { 'accept-encoding': encoding };
  const answer = await server.post('/predict', { features }, headers);
  expect((answer.json as { prediction: unknown[] }).prediction).toHaveLength(rows);
  return answer.headers.get('content-encoding');
};

test('answers are compressed that are large, for who asks', async () => {
  expect(await encodingOf(1000, 'gzip')).toBe('gzip');
  expect(await encodingOf(1000, 'identity')).toBeNull();
  expect(await encodingOf(1, 'gzip')).toBeNull();
});
