import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readRows } from '../batch/dist/index.js';
import { importModel, writeNut } from '../formats/index.js';
import { createModel, type Input, type Model } from '../src/index.js';
import type { ModelDescription } from '../src/ir/index.js';
import {
  binOf,
  collectReference,
  type NumberStatistics,
  readReference,
  type Statistics,
  type ValueStatistics,
} from '../src/reference.js';
import { smallLinear } from './nut/small-models.js';

/** Models whose exporter was given the rows that lie beside them. */
const folder = new URL('../fixtures/reference/', import.meta.url);
const models = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const load = (name: string) => importModel(readFileSync(new URL(`${name}/model.json`, folder)));
const rowsOf = (name: string, model: Model): Promise<Input> => readRows(model, rowsFile(name));
const rowsFile = (name: string) =>
  ['csv', 'json']
    .map((type) => fileURLToPath(new URL(`${name}/rows.${type}`, folder)))
    .find(existsSync)!;

test.each(models)('%s: what Python counted is what is counted here', async (name) => {
  const model = await load(name);
  const python = readReference(model)!;
  const created = createModel(model);
  const own = collectReference(created, await rowsOf(name, created));
  expect(own.rows).toBe(python.rows);
  expect(own.answers.map(({ method }) => method)).toEqual(
    python.answers.map(({ method }) => method),
  );
  const all = ({ columns, answers }: typeof own) => [columns, ...answers.map((a) => a.columns)];
  const pairs = all(own).flatMap((columns, i) =>
    columns.map((one, col) => [one, all(python)[i]![col]!] as const),
  );
  expect(pairs.length).toBeGreaterThan(2);
  for (const [found, expected] of pairs) {
    expect(found.type).toBe(expected.type);
    if (expected.type === 'numbers' || expected.type === 'lengths')
      expectNumbers(found as NumberStatistics, expected);
    else expect(found).toEqual(expected);
  }
});

/** Answers may differ by a rounding, which moves an edge with them, and numbers are added in another order. */
function expectNumbers(found: NumberStatistics, expected: NumberStatistics): void {
  expect(found.missing).toBe(expected.missing);
  expect(found.counts).toEqual(expected.counts);
  const close = (values: Float64Array) => [...values].map((value) => expect.closeTo(value, 9));
  expect([...found.edges]).toEqual(close(expected.edges));
  expect([...found.summary]).toEqual(close(expected.summary));
}

test('they come through a file as they are', async () => {
  const model = await load('prices');
  const again = await importModel(writeNut(model));
  expect(readReference(again)).toEqual(readReference(model));
  expect(again.reference).not.toBeNull();
});

function numbers(...values: (number | null)[]): NumberStatistics {
  const rows = values.map((value) => [value]);
  return collectReference(createModel(anything), rows).columns[0] as NumberStatistics;
}

test('bins: each value where there are few, with room below and above', () => {
  const { edges, counts, missing } = numbers(2, 2, 5, null, 2);
  expect([...edges]).toEqual([2 - 2 ** -52, 2, 5]);
  expect([[...counts], missing]).toEqual([[0, 3, 1, 0], 1]);
  for (const [value, bin] of [
    [-Infinity, 0],
    [2, 1],
    [3, 2],
    [5, 2],
    [5.1, 3],
    [Infinity, 3],
  ] as const)
    expect(binOf(edges, value), `${value}`).toBe(bin);
});

test('bins: twentieths where there are many; nothing but gaps, infinities, and the largest number', () => {
  const many = numbers(...Array.from({ length: 1000 }, (_, i) => (i * 7) % 1000));
  expect([...many.counts]).toEqual([0, ...new Array(20).fill(50), 0]);
  expect([...many.edges.subarray(1)]).toEqual(Array.from({ length: 20 }, (_, k) => 50 * k + 49));
  expect(numbers(null, null)).toMatchObject({ missing: 2, edges: new Float64Array() });
  expect([...numbers(-Number.MAX_VALUE, 1).edges]).toEqual([-Number.MAX_VALUE, 1]);
  expect([...numbers(0).edges]).toEqual([-Number.MIN_VALUE, 0]);
});

/** A model of one column, which takes anything. */
const anything = {
  ...smallLinear(),
  root: {
    ...smallLinear().root,
    features: 1,
    nonFinite: 'any',
    coefficients: Float64Array.of(1),
  },
  input: { type: 'matrix', features: 1, names: null },
} as ModelDescription;

const good = {
  rows: 3,
  columns: [
    {
      type: 'numbers',
      missing: 1,
      summary: new Float64Array(4),
      edges: Float64Array.of(1, 2),
      counts: Uint8Array.of(1, 1, 0),
    },
  ],
  answers: [
    {
      method: 'predict',
      columns: [
        { type: 'values', missing: 0, values: ['a', 'b'], counts: Uint8Array.of(1, 1), other: 1 },
      ],
    },
  ],
} satisfies {
  rows: number;
  columns: Statistics[];
  answers: { method: string; columns: ValueStatistics[] }[];
};
const [column] = good.columns;
const [answer] = good.answers;
const withColumn = (changed: object) => ({ ...good, columns: [{ ...column, ...changed }] });
const withAnswer = (changed: object) => ({
  ...good,
  answers: [{ ...answer, columns: [{ ...answer!.columns[0], ...changed }] }],
});
const input = { type: 'matrix', features: 1, names: null } as const;

test('a good one reads', () => {
  expect(readReference({ reference: good, input })).toEqual(good);
  expect(readReference({ reference: null, input })).toBeNull();
});

test.each<[string, unknown, RegExp]>([
  ['no map', [], /reference/],
  ['no rows', { ...good, rows: 0 }, /rows/],
  ['columns of another model', { ...good, columns: [column, column] }, /columns/],
  ['a type by the name of a property', withColumn({ type: 'constructor' }), /type/],
  ['more missing than rows', withColumn({ missing: 4 }), /missing/],
  ['counts that do not add up', withColumn({ counts: Uint8Array.of(1, 1, 1) }), /counts/],
  ['too few counts', withColumn({ counts: Uint8Array.of(2) }), /counts/],
  ['counts of floats', withColumn({ counts: Float64Array.of(1, 1, 0) }), /counts/],
  ['edges that descend', withColumn({ edges: Float64Array.of(2, 1) }), /edges/],
  ['equal edges', withColumn({ edges: Float64Array.of(1, 1) }), /edges/],
  ['an edge that is no number', withColumn({ edges: Float64Array.of(1, Number.NaN) }), /edges/],
  [
    'edges without end',
    withColumn({ edges: Float64Array.from({ length: 65 }, (_, i) => i) }),
    /edges/,
  ],
  ['a short summary', withColumn({ summary: new Float64Array(3) }), /summary/],
  ['a value twice', withAnswer({ values: ['a', 'a'] }), /values/],
  ['values that are no strings', withAnswer({ values: [1, 2] }), /values/],
  ['other below zero', withAnswer({ other: -1 }), /other/],
  [
    'too many values',
    withAnswer({ values: Array.from({ length: 1001 }, (_, i) => `${i}`) }),
    /values/,
  ],
  ['answers without end', { ...good, answers: new Array(17).fill(answer) }, /answers/],
])('%s is refused by its place', (_, reference, place) => {
  expect(() => readReference({ reference, input })).toThrow(
    expect.objectContaining({ code: 'invalid-model', path: expect.stringMatching(place) }),
  );
});
