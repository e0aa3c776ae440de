import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as metrics from '../src/check/metrics.js';
import { checkModel, formatJunit } from '../src/index.js';
import { fixture } from './serving.js';

interface OfClasses {
  readonly classes: string[];
  readonly truth: string[];
  readonly found: string[];
  readonly probabilities: number[][];
  readonly accuracy: number;
  readonly f1: number;
  readonly roc_auc: number;
  readonly log_loss: number;
}
interface OfNumbers {
  readonly truth: number[];
  readonly found: number[];
  readonly r2: number;
  readonly mae: number;
  readonly rmse: number;
}

describe('metrics are those of scikit-learn', () => {
  const { classes, numbers } = JSON.parse(
    readFileSync(fixture('fixtures/metrics/metrics.json'), 'utf8'),
  ) as { classes: OfClasses[]; numbers: OfNumbers[] };

  test.each(classes)('of $classes', (one) => {
    expect(metrics.accuracy(one.truth, one.found)).toBeCloseTo(one.accuracy, 14);
    expect(metrics.macroF1(one.truth, one.found)).toBeCloseTo(one.f1, 14);
    expect(metrics.rocAuc(one.truth, one.probabilities, one.classes)).toBeCloseTo(one.roc_auc, 14);
    expect(metrics.logLoss(one.truth, one.probabilities, one.classes)).toBeCloseTo(
      one.log_loss,
      12,
    );
  });

  test.each(numbers)('of numbers', (one) => {
    expect(metrics.determination(one.truth, one.found)).toBeCloseTo(one.r2, 12);
    expect(metrics.meanAbsoluteError(one.truth, one.found)).toBeCloseTo(one.mae, 12);
    expect(metrics.rootMeanSquaredError(one.truth, one.found)).toBeCloseTo(one.rmse, 12);
  });
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nuthatch-check-'));
  const rows = readFileSync(fixture('fixtures/reference/prices/rows.csv'), 'utf8')
    .trim()
    .split('\n');
  const priced = rows.map((line, i) => {
    const [area, rooms] = line.split(',').map(Number);
    return `${line},${i === 0 ? 'price' : area! * 3 + rooms! * 10}`;
  });
  writeFileSync(join(folder, 'prices.csv'), priced.join('\n'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const model = fixture('fixtures/reference/prices/model.json');
async function check(suite: string) {
  const path = join(folder, 'suite.yaml');
  writeFileSync(path, suite);
  return checkModel(model, path);
}

test('what a suite expects holds or does not, and says what was found', async () => {
  const outcomes = await check(`
data: prices.csv
label: price
golden: true
size: {mostBytes: 1000000}
latency: {p99Ms: 1000}
metrics: {r2: {least: 0.9}, mae: {most: 0.001}}
invariance:
  - {columns: [country]}
  - {columns: [area]}
  - {columns: [area], tolerance: 1000000}
direction:
  - {column: area, by: 10, never: lower}
  - {column: area, by: 10, never: higher}
`);
  expect(outcomes.map(({ name, passed }) => [name, passed])).toEqual([
    ['golden rows hold', true],
    ['size is at most 1000000 bytes', true],
    ['country must not matter', true],
    ['area must not matter', false],
    ['area must not matter', true],
    ['area + 10 is never answered lower', true],
    ['area + 10 is never answered higher', false],
    ['r2 at least 0.9', true],
    ['mae at most 0.001', false],
    ['99 of 100 rows take at most 1000 ms', true],
  ]);
  expect(outcomes[6]!.found).toBe('240 of 240 answers are higher');
});

test('of a classifier, too', async () => {
  const rows = readFileSync(fixture('fixtures/reference/flowers/rows.csv'), 'utf8')
    .trim()
    .split('\n');
  const named = rows.map((line, i) =>
    i === 0
      ? `${line},kind`
      : `${line},${['setosa', 'versicolor', 'virginica'][Math.floor((i - 1) / 50)]}`,
  );
  writeFileSync(join(folder, 'flowers.csv'), named.join('\n'));
  const path = join(folder, 'flowers.json');
  writeFileSync(
    path,
    JSON.stringify({
      data: 'flowers.csv',
      label: 'kind',
      metrics: {
        accuracy: { least: 0.97 },
        f1: { least: 0.97 },
        roc_auc: { least: 0.97 },
        log_loss: { most: 0.1 },
      },
      direction: [{ column: 'petal length (cm)', by: 1, never: 'higher', class: 'setosa' }],
    }),
  );
  const outcomes = await checkModel(fixture('fixtures/reference/flowers/model.json'), path);
  expect(outcomes.map(({ passed }) => passed)).toEqual([true, true, true, true, true]);
});

test.each([
  ['metric: {}', 'usage', /suite.yaml: metric: there is no such expectation/],
  ['metrics: {accuracy: {least: high}}', 'usage', /metrics.accuracy.least/],
  ['direction: [{column: a, by: 1, never: up}]\ndata: prices.csv', 'usage', /direction.0.never/],
  ['invariance: [{columns: [a]}]', 'usage', /invariance need data/],
  ['invariance: [{columns: [nothing]}]\ndata: prices.csv', 'usage', /no column "nothing"/],
  ['metrics: {r2: {least: 1}}\ndata: prices.csv', 'usage', /label: metrics need it/],
  [
    'metrics: {f1: {least: 1}}\ndata: prices.csv\nlabel: price',
    'usage',
    /no metric of a regressor/,
  ],
  ['data: none.csv', 'io', /none.csv/],
  ['a: [', 'malformed', /suite.yaml/],
])('%s is refused as %s', async (suite, code, message) => {
  await expect(check(suite)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});

test("JUnit's XML is well formed, whatever is in it", () => {
  const odd = 'a < "b" & \u0000\ud800 c\n';
  const text = formatJunit(odd, [
    { name: odd, found: odd, passed: false, seconds: 0.5 },
    { name: 'good', found: '', passed: true, seconds: 1 },
  ]);
  const found: [string, Record<string, string>][] = [];
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => found.push([name, attributes as never]));
  parser.write(text).close();
  const counts = { tests: '2', failures: '1', errors: '0', time: '1.500' };
  const clean = 'a < "b" & \ufffd\ufffd c\n';
  expect(found).toEqual([
    ['testsuites', counts],
    ['testsuite', { name: clean, ...counts }],
    ['testcase', { classname: clean, name: clean, time: '0.500' }],
    ['failure', { message: clean }],
    ['testcase', { classname: clean, name: 'good', time: '1.000' }],
  ]);
});
