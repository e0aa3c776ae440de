import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chiSquare, kolmogorovSmirnov, stabilityIndex } from '../src/drift/formulas.js';
import type { DriftReport } from '../src/drift/monitor.js';
import { absent, Window } from '../src/drift/window.js';
import { type Asked, fixture, iris, startServer } from './serving.js';

interface Case {
  readonly expected: number[];
  readonly observed: number[];
  readonly psi: number;
  readonly ks: [statistic: number, p: number];
  readonly chi2: [statistic: number, degrees: number, p: number];
}

describe('formulas are those of scipy', () => {
  const text = readFileSync(fixture('fixtures/drift/formulas.json'), 'utf8');
  const { cases } = JSON.parse(text) as { cases: Case[] };

  test.each(cases.map((one, i) => [i, one] as const))('case %i', (_, one) => {
    expect(stabilityIndex(one.expected, one.observed)).toBeCloseTo(one.psi, 12);
    const ks = kolmogorovSmirnov(one.expected, one.observed);
    expect(ks.statistic).toBeCloseTo(one.ks[0], 12);
    expect(ks.p).toBeCloseTo(one.ks[1], 12);
    const chi2 = chiSquare(one.expected, one.observed);
    expect(chi2.statistic / Math.max(one.chi2[0], 1e-300)).toBeCloseTo(one.chi2[0] > 0 ? 1 : 0, 10);
    expect(chi2.degrees).toBe(one.chi2[1]);
    // Of very small ones as many digits.
    expect(chi2.p).toBeCloseTo(one.chi2[2], 11);
    if (one.chi2[2] > 0) expect(chi2.p / one.chi2[2]).toBeCloseTo(1, 9);
  });
});

describe('a window', () => {
  test('holds the last rows, and no more', () => {
    const window = new Window([3, 2], 4);
    for (let i = 0; i < 10; i++) window.push([i % 3, i % 2 === 0 ? 1 : absent], i);
    expect(window.rows).toBe(4);
    expect(window.since).toBe(6);
    // Rows 6 to 9.
    expect(window.counts.map((counts) => [...counts])).toEqual([
      [2, 1, 1],
      [0, 2],
    ]);
    window.expire(8);
    expect([window.rows, [...window.counts[0]!]]).toEqual([2, [1, 0, 1]]);
    window.expire(100);
    expect([window.rows, window.since, [...window.counts[1]!]]).toEqual([0, null, [0, 0]]);
  });

  test('counts as one that counts anew each time', () => {
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const window = new Window([5], 50);
    let rows: { code: number; time: number }[] = [];
    for (let i = 0; i < 2000; i++) {
      const row = { code: random(5), time: i };
      window.push([row.code], row.time);
      rows = [...rows, row].slice(-50);
      if (random(20) === 0) {
        window.expire(i - 10);
        rows = rows.filter(({ time }) => time >= i - 10);
      }
      const counts = [0, 0, 0, 0, 0];
      for (const { code } of rows) counts[code]!++;
      expect([...window.counts[0]!]).toEqual(counts);
    }
  });
});

const reportOf = async (server: Asked) =>
  ((await server.get('/drift')).json as { models: DriftReport[] }).models[0]!;
const seriesIn = ({ series }: DriftReport, name: string) =>
  series.find((one) => one.name === name)!;

describe('of a server', () => {
  let server: Asked;
  const start = () =>
    startServer(fixture('fixtures/reference/prices/model.json'), {
      modelName: 'prices',
      drift: { leastRows: 50, rows: 300 },
    });
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.close());

  const [, ...lines] = readFileSync(fixture('fixtures/reference/prices/rows.csv'), 'utf8')
    .trim()
    .split('\n');
  const training = lines.map((line) => {
    const [area, rooms, country, city] = line.split(',');
    return {
      area: Number(area),
      rooms: Number(rooms),
      country: Number(country),
      city: city === '' ? null : city!,
    };
  });

  test('too few rows say nothing', async () => {
    await server.post('/predict', { features: training.slice(0, 40) });
    const report = await reportOf(server);
    expect(report).toMatchObject({
      model: 'prices',
      status: 'few-rows',
      trainingRows: 240,
      window: { rows: 40 },
    });
    expect(report.series.map(({ name }) => name)).toEqual([
      ...['predict()', 'area', 'rooms', 'country', 'city'],
    ]);
    expect((await server.get('/metrics')).body).not.toMatch(/^nuthatch_drift_psi\{/m);
  });

  test('rows of the training are stable, whatever way they come', async () => {
    await server.post('/predict', { features: training.slice(40, 240) });
    const table = Object.fromEntries(
      (['area', 'rooms', 'country', 'city'] as const).map((name) => [
        name,
        training.slice(0, 10).map((row) => row[name]),
      ]),
    );
    await server.post('/predict', { features: table });
    const report = await reportOf(server);
    expect(report).toMatchObject({ status: 'stable', window: { rows: 250 } });
    for (const { psi, level, unseen, missing } of report.series) {
      expect(psi).toBeLessThan(0.1);
      expect(level).toBe('stable');
      expect(unseen ?? 0).toBe(0);
      expect(missing.window).toBeCloseTo(missing.reference, 1);
    }
    expect(seriesIn(report, 'area').ks!.p).toBeGreaterThan(0.5);
    expect(seriesIn(report, 'city').chi2!.p).toBeGreaterThan(0.5);
    expect(seriesIn(report, 'city').ks).toBeNull();
  });

  test('rows of another world are not', async () => {
    await server.close();
    server = await start();
    const moved = training.slice(0, 200).map((row, i) => ({
      ...row,
      area: row.area * 3,
      country: 2,
      city: i % 2 === 0 ? null : 'Bern',
    }));
    await server.post('/predict', { features: moved });
    const report = await reportOf(server);
    expect(report.status).toBe('large');
    for (const name of ['area', 'country', 'city', 'predict()'])
      expect([name, seriesIn(report, name).level]).toEqual([name, 'large']);
    expect(seriesIn(report, 'rooms').level).toBe('stable');
    expect(seriesIn(report, 'country')).toMatchObject({ unseen: 1, ks: { statistic: 1 } });
    expect(seriesIn(report, 'city').missing.window).toBe(0.5);
    const { body } = await server.get('/metrics');
    const gauge = (name: string, feature: string) =>
      Number(
        new RegExp(
          `^${name}\\{model="prices",version="1",feature="${feature}"\\} (\\S+)$`,
          'm',
        ).exec(body)?.[1],
      );
    expect(gauge('nuthatch_drift_psi', 'area')).toBe(seriesIn(report, 'area').psi);
    expect(gauge('nuthatch_drift_ks', 'area')).toBe(seriesIn(report, 'area').ks!.statistic);
    expect(gauge('nuthatch_drift_chi2', 'city')).toBe(seriesIn(report, 'city').chi2!.statistic);
    expect(gauge('nuthatch_missing_ratio', 'city')).toBe(0.5);
    expect(gauge('nuthatch_unseen_ratio', 'country')).toBe(1);
  });
});

test('labels and probabilities of a classifier are looked at where they are asked for', async () => {
  const server = await startServer(fixture('fixtures/reference/flowers/model.json'), {
    drift: { leastRows: 5, rows: 100, columns: 6 },
  });
  const features = Array.from({ length: 30 }, () => [5.1, 3.5, 1.4, 0.2]);
  await server.post('/predict', { features });
  const named = [
    'predict()',
    ...['setosa', 'versicolor', 'virginica'].map((k) => `predict_proba()[${k}]`),
  ];
  const first = await reportOf(server);
  // Six at most.
  expect(first.series.map(({ name }) => name)).toEqual([
    ...named,
    'sepal length (cm)',
    'sepal width (cm)',
  ]);
  expect(seriesIn(first, 'predict()')).toMatchObject({ rows: 30, level: 'large', unseen: 0 });
  expect(seriesIn(first, named[1]!)).toMatchObject({ rows: 0, psi: null });
  await server.post('/predict', { features, probabilities: true });
  expect(seriesIn(await reportOf(server), named[1]!)).toMatchObject({ rows: 30, level: 'large' });
  await server.close();
});

test('of more rows than it takes, some are taken, from all over a request', async () => {
  const server = await startServer(fixture('fixtures/reference/flowers/model.json'), {
    drift: { leastRows: 5, rows: 100, seconds: 100_000 },
  });
  const features = Array.from({ length: 5000 }, (_, i) => [5.1, 3.5, i < 2500 ? 1.4 : 5, 0.2]);
  await server.post('/predict', { features });
  await server.post('/predict', { features: [[5.1, 3.5, 1.4, 0.2]] });
  const report = await reportOf(server);
  expect(report.window).toMatchObject({ rows: 100 });
  const { labels, window } = seriesIn(report, 'petal length (cm)').bins;
  const below = window!.filter((_, i) => (labels[i] as number) < 3);
  expect(below.reduce((a, b) => a + b)).toBe(0.5);
  await server.close();
});

test('a model without statistics says so, and none are measured where that is not wanted', async () => {
  const without = await startServer(iris);
  await without.post('/predict', { features: [5.1, 3.5, 1.4, 0.2] });
  expect((await without.get('/drift')).json).toEqual({
    models: [
      {
        model: 'model',
        version: '1',
        status: 'no-reference',
        trainingRows: null,
        window: null,
        series: [],
      },
    ],
  });
  await without.close();
  const off = await startServer(fixture('fixtures/reference/flowers/model.json'), {
    drift: { enabled: false },
  });
  expect((await off.get('/drift')).status).toBe(404);
  expect((await off.get('/metrics')).body).not.toMatch(/drift/);
  await off.close();
});
