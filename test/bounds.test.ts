import { expect, test } from 'vitest';
import { compileErrorBound } from '../src/compile/error-bound.js';
import { validateRunnable } from '../src/ir/index.js';

test('a weight that may be anything leaves nothing certain, and no bound is NaN', () => {
  const neighbors = {
    kind: 'neighbors',
    features: 2,
    nonFinite: 'refuse',
    rows: Float64Array.of(0.6, 0.8, 0.8, 0.6, 1, 0),
    metric: 'cosine',
    nearest: 2,
    source: 'exact',
    combine: 'means',
    weigh: 'distance',
    targets: Float64Array.of(1, 1, 2),
  };
  const model = validateRunnable({
    root: neighbors,
    input: { type: 'matrix', features: 2, names: null },
  });
  const x = { data: Float64Array.of(0.6, 0.8), rows: 1, cols: 2, names: null };
  expect(compileErrorBound(model)(x)).toEqual(Float64Array.of(Infinity));
});
