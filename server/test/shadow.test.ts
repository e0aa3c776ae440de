import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareAnswers } from '../src/difference.js';
import { flowers, setosa, until } from './models.js';
import { type Asked, fixture, startServer } from './serving.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nuthatch-shadow-'));
  for (const version of [1, 2, 3])
    await mkdir(join(folder, `rose/${version}`), { recursive: true });
  await writeFile(join(folder, 'rose/1/model.nut'), await flowers('one'));
  await writeFile(join(folder, 'rose/2/model.nut'), await flowers('two'));
  // Of three columns, not of four.
  const other = fixture('fixtures/pickle/sklearn-1.9/forest.zlib.joblib');
  await copyFile(other, join(folder, 'rose/3/model.joblib'));
});
afterAll(() => rm(folder, { recursive: true }));

const virginica = [6.3, 3.3, 6, 2.5];

async function metric(server: Asked, name: string, method: string): Promise<number | null> {
  const { body } = await server.get('/metrics');
  const line = new RegExp(`^nuthatch_shadow_${name}\\{.*method="${method}"\\} (\\S+)$`, 'm');
  const found = line.exec(body);
  return found === null ? null : Number(found[1]);
}

test('a shadow answers the same rows, is compared, and is never returned', async () => {
  const server = await startServer(folder, {
    models: { byName: { rose: { shadow: 2 } }, versions: { only: [1] } },
  });
  try {
    const body = { features: [setosa, virginica], probabilities: true };
    const { json, headers } = await server.post('/predict', body);
    expect(json).toMatchObject({ prediction: ['one', 'virginica'] });
    expect(headers.get('nuthatch-model-version')).toBe('1');
    await until(async () => (await metric(server, 'rows_total', 'predict')) === 2);
    expect(await metric(server, 'differing_rows_total', 'predict')).toBe(1);
    expect(await metric(server, 'rows_total', 'predict_proba')).toBe(2);
    expect(await metric(server, 'differing_rows_total', 'predict_proba')).toBe(0);
    expect(await metric(server, 'greatest_difference', 'predict_proba')).toBe(0);
    // It answers who asks for it, and shadows itself not.
    const asked = await server.post('/models/rose/versions/2/predict', { features: setosa });
    expect(asked.json).toEqual({ prediction: ['two'] });
    expect(await metric(server, 'rows_total', 'predict')).toBe(2);
  } finally {
    await server.close();
  }
});

test('a shadow that fails fails nobody else, and one that is behind is not asked', async () => {
  const server = await startServer(folder, {
    models: { byName: { rose: { shadow: 3, versions: { only: [1] } } } },
  });
  try {
    expect((await server.post('/predict', { features: setosa })).json).toEqual({
      prediction: ['one'],
    });
    await until(async () => (await metric(server, 'failed_rows_total', 'predict')) === 1);
    expect(await metric(server, 'rows_total', 'predict')).toBeNull();
    const { repository, observers } = server.context;
    const many = Array.from({ length: 9000 }, () => setosa);
    const answered = { served: repository.get(), methods: ['predict'] as const, rows: many };
    // Before the thread can have answered any.
    for (let i = 0; i < 3; i++)
      for (const observe of observers) observe({ ...answered, count: 9000, answers: [[]] });
    expect(await metric(server, 'dropped_rows_total', 'predict')).toBe(9000);
  } finally {
    await server.close();
  }
});

test('answers are compared value by value', () => {
  const one = [1, [0.5, 'a'], NaN, null, 'x', [1, 2]];
  expect(compareAnswers(one, one)).toEqual({ rows: 6, differing: 0, greatest: 0 });
  const other = [1.5, [0.5, 'b'], 3, null, 'x', [1, -2]];
  expect(compareAnswers(one.slice(0, 2), other)).toEqual({ rows: 6, differing: 6, greatest: 0.5 });
  expect(compareAnswers(one, other)).toEqual({
    rows: 6,
    differing: 4,
    greatest: Number.POSITIVE_INFINITY,
  });
  expect(compareAnswers([[1, 2]], [[1, -2]])).toMatchObject({ greatest: 4 });
});
