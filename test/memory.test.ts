import { expect, test } from 'vitest';
import { createModel } from '../src/index.js';
import { type RunnableModel, validateRunnable } from '../src/ir/index.js';

/** What typed arrays hold after a call that they did not before, in bytes. */
function heldBy(call: () => unknown): number {
  const before = process.memoryUsage().arrayBuffers;
  const result = call();
  const { arrayBuffers } = process.memoryUsage();
  expect(result).toBeDefined();
  return arrayBuffers - before;
}

const model = (root: object, features: number): RunnableModel =>
  validateRunnable({ root, input: { type: 'matrix', features, names: null } });
const kernel = (features: number, references: number, steps: readonly string[]) => ({
  kind: 'kernel',
  features,
  nonFinite: 'refuse',
  references: Float32Array.from({ length: references * features }, (_, i) => (i % 7) / 7),
  steps,
  operands: new Float64Array(0),
  diagonal: false,
});

test('probabilities are made block by block, as scores are', () => {
  const columns = 1000;
  const binary = {
    task: 'classifier',
    labels: [{ dtype: 'int64', values: Float64Array.of(0, 1) }],
    decide: 'positive',
    probability: 'expit',
    decisionFunction: true,
  };
  const part = (slope: number) => ({
    node: {
      kind: 'linear',
      features: columns,
      outputs: 1,
      nonFinite: 'refuse',
      coefficients: new Float64Array(columns).fill(slope),
      intercepts: new Float64Array(1),
      deviation: null,
      head: binary,
    },
  });
  const ensemble = {
    kind: 'ensemble',
    features: columns,
    outputs: 3,
    parts: [part(-1e-3), part(0), part(1e-3)],
    combine: 'one-vs-rest',
    misses: null,
    folded: false,
    transforms: false,
    head: {
      ...binary,
      labels: [{ dtype: 'int64', values: Float64Array.of(0, 1, 2) }],
      decide: 'argmax',
      probability: 'normalize-nan',
    },
  };
  const root = { kind: 'pipeline', steps: [kernel(1, columns, ['manhattan']), ensemble] };
  const { predictProba } = createModel(model(root, 1)) as unknown as {
    predictProba(X: unknown): { toArray(): number[][] };
  };
  const rows = 10_000;
  const x = { data: Float64Array.from({ length: rows }, (_, i) => i / rows), rows, cols: 1 };
  // All cells together would be 80 MB.
  expect(heldBy(() => predictProba(x))).toBeLessThan(2 ** 26);
  const last = predictProba({ data: x.data.subarray(rows - 1), rows: 1, cols: 1 });
  expect(predictProba(x).toArray().slice(-1)).toEqual(last.toArray());
});

test('steps of a kernel that come again hold references once', () => {
  const sums = new Array(127).fill(['cosine', 'sum']).flat();
  const { transform } = createModel(
    model(kernel(10, 10_000, ['cosine', ...sums]), 10),
  ) as unknown as { transform(X: unknown): unknown };
  expect(heldBy(() => transform([new Array(10).fill(1)]))).toBeLessThan(2 ** 23);
});
