import { spawn } from 'node:child_process';
import { utimesSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prove } from '../src/proof.js';
import { flowers, replace, setosa, until, wrongFlowers } from './models.js';
import { type Asked, iris, startServer } from './serving.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nuthatch-reload-'));
});
afterAll(() => rm(folder, { recursive: true }));

const watched = { models: { watch: true, watchMs: 10 } };

async function wordOf(server: Asked, to = '/predict'): Promise<unknown> {
  const { json } = await server.post(to, { features: setosa });
  return (json as { prediction?: unknown[] }).prediction?.[0];
}

async function countOf(server: Asked, outcome: string): Promise<number> {
  const { body } = await server.get('/metrics');
  const line = new RegExp(`^nuthatch_reloads_total\\{.*outcome="${outcome}"\\} (\\d+)$`, 'm');
  return Number(line.exec(body)?.[1] ?? 0);
}

test('under load, every request is answered, by the old model or the new', async () => {
  const path = join(folder, 'busy.nut');
  const models = [await flowers('one'), await flowers('two')];
  await writeFile(path, models[0]!);
  const server = await startServer(path);
  try {
    let asking = true;
    const words = new Set<unknown>();
    const ask = async (): Promise<void> => {
      while (asking) words.add(await wordOf(server));
    };
    const clients = Promise.all([ask(), ask()]);
    for (let i = 1; i <= 30; i++) {
      await replace(path, models[i % 2]!);
      await server.context.repository.loadModel('busy');
    }
    asking = false;
    await clients;
    expect(words).toEqual(new Set(['one', 'two']));
    expect(await countOf(server, 'reloaded')).toBe(30);
    const { body } = await server.get('/metrics');
    expect(body.match(/^nuthatch_model_info\{/gm)).toHaveLength(1);
    expect(body).not.toMatch(/^nuthatch_errors_total\{/m);
  } finally {
    await server.close();
  }
});

test('a request ends on the model that it began with', async () => {
  const path = join(folder, 'begun.nut');
  await writeFile(path, await flowers('old'));
  const server = await startServer(path);
  const { context } = server;
  const begun = { served: context.repository.get(), steps: null };
  await replace(path, await flowers('new'));
  await context.repository.loadModel('begun');
  expect(await context.answer(begun, ['predict'], [setosa], '')).toEqual([['old']]);
  expect(await wordOf(server)).toBe('new');
  await server.close();
});

test('watching: a file that is damaged, or breaks its golden rows, leaves the old model', async () => {
  const path = join(folder, 'watched.nut');
  await writeFile(path, await flowers('old'));
  const server = await startServer(path, watched);
  try {
    const good = await flowers('new');
    await replace(path, good.subarray(0, 9999));
    await until(async () => (await countOf(server, 'failed')) === 1);
    await replace(path, await wrongFlowers());
    await until(async () => (await countOf(server, 'failed')) === 2);
    // What has failed is not tried again until it changes.
    await sleep(100);
    expect(await countOf(server, 'failed')).toBe(2);
    expect(await wordOf(server)).toBe('old');
    await replace(path, good);
    await until(async () => (await wordOf(server)) === 'new');
    await rm(path);
    await sleep(50);
    expect(await wordOf(server)).toBe('new');
  } finally {
    await server.close();
  }
});

test('watching: versions and models come and go', async () => {
  const root = join(folder, 'models');
  const put = async (place: string, bytes: Uint8Array): Promise<void> => {
    await mkdir(join(root, place), { recursive: true });
    await writeFile(join(root, place, 'model.nut'), bytes);
  };
  await put('rose/1', await flowers('one'));
  const server = await startServer(root, watched);
  const versions = async (): Promise<unknown> => {
    const { json } = await server.get('/v2/models/rose');
    return (json as { versions: unknown }).versions;
  };
  const rose = '/models/rose/predict';
  try {
    await put('rose/2', (await flowers('two')).subarray(0, 999));
    await until(async () => (await countOf(server, 'failed')) === 1);
    expect([await versions(), await wordOf(server, rose)]).toEqual([['1'], 'one']);
    await put('rose/10', await flowers('ten'));
    await until(async () => (await wordOf(server, rose)) === 'ten');
    expect(await versions()).toEqual(['10']);
    await put('tulip/1', await flowers('tulip'));
    await until(async () => (await wordOf(server, '/models/tulip/predict')) === 'tulip');
    await rm(join(root, 'rose/10'), { recursive: true });
    await rm(join(root, 'rose/2'), { recursive: true });
    await until(async () => (await wordOf(server, rose)) === 'one');
    await rename(join(root, 'rose'), join(folder, 'away'));
    await until(async () => (await server.get('/v2/models/rose')).status === 404);
    expect(await wordOf(server)).toBe('tulip');
  } finally {
    await server.close();
  }
});

test('a file that changes while it is read is not served', async () => {
  const path = join(folder, 'changing.json');
  await copyFile(iris, path);
  let seconds = 0;
  let changing = true;
  const change = (): void => {
    utimesSync(path, ++seconds, seconds);
    if (changing) setImmediate(change);
  };
  change();
  await expect(prove(path)).rejects.toMatchObject({
    code: 'io',
    message: expect.stringMatching(/changes while/),
  });
  changing = false;
  await sleep(1);
  expect((await prove(path)).replayed).toBeGreaterThan(0);
});

test('of a writer that is killed, no part of a file is left in the place of a model', async () => {
  const path = join(folder, 'killed.nut');
  await writeFile(path, await flowers('first'));
  const program = `
    const { readModel, saveFile } = await import('nuthatch/node');
    const model = await readModel(process.argv[1]);
    console.log('ready');
    for (;;) await saveFile(model, process.argv[1]);`;
  for (let i = 0; i < 3; i++) {
    const writer = spawn(process.execPath, ['--input-type=module', '-e', program, path]);
    await new Promise((resolve) => writer.stdout.once('data', resolve));
    await sleep(7 * i);
    writer.kill('SIGKILL');
    await new Promise((resolve) => writer.once('exit', resolve));
    expect((await prove(path)).description.golden).toEqual([]);
  }
  // Only a hidden file may be left, which nobody takes for a model.
  const left = (await readdir(folder)).filter((name) => name.endsWith('.tmp'));
  expect(left.every((name) => name.startsWith('.'))).toBe(true);
});
