import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readOptions } from '../src/index.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nuthatch-options-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string) {
  const path = join(folder, 'serve.yaml');
  await writeFile(path, text);
  return readOptions(path);
}

test('a file of settings is YAML or JSON, and may be empty', async () => {
  expect(await read('port: 0\nlimits:\n  rows: 5\n')).toEqual({ port: 0, limits: { rows: 5 } });
  expect(await read('{"host": "::1", "logLevel": false}')).toEqual({
    host: '::1',
    logLevel: false,
  });
  expect(await read('')).toEqual({});
});

test.each([
  ['port: 70000', 'usage', /serve.yaml: port/],
  ['limits: {rows: 0}', 'usage', /serve.yaml: limits.rows/],
  ['limits: {row: 1}', 'usage', /limits.row: there is no such option/],
  ['__proto__: {port: 1}', 'usage', /__proto__/],
  ['port: [', 'malformed', /serve.yaml/],
  ['a: &a [1]\nb: *a', 'malformed', /serve.yaml/],
])('%s is refused as %s, by its place', async (text, code, message) => {
  await expect(read(text)).rejects.toMatchObject({
    name: 'NuthatchError',
    code,
    message: expect.stringMatching(message),
  });
});
