import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileErrorBound } from '../../src/compile/error-bound.js';
import { compileLinear } from '../../src/compile/linear.js';
import type { Linear } from '../../src/ir/index.js';
import { multiply } from '../../src/kernels/multiply.js';
import { describeModel } from './describe-trees.js';
import { type LinearCase, readLinearCases } from './fixtures.js';

function describeLinear({ x, coefficients, intercepts }: LinearCase) {
  const linear: Linear = {
    kind: 'linear',
    features: x.cols,
    outputs: intercepts.length,
    nonFinite: 'refuse',
    coefficients,
    intercepts,
    deviation: null,
    head: { task: 'regressor', targets: intercepts.length, flat: false, link: 'identity' },
  };
  return describeModel(linear, x.cols);
}

const cases = readLinearCases().map((item) => {
  const types = [item.x.data, item.coefficients, item.intercepts]
    .map((data) => (data instanceof Float32Array ? 'float32' : 'float64'))
    .join(' · ')
    .replace(/ · (?=\w+$)/, ' + ');
  return { name: `${item.x.cols} features: ${types}`, item };
});

describe.each(cases)('$name', ({ item }) => {
  const model = describeLinear(item);
  const linear = model.root as Linear;
  const x = { ...item.x, names: null };
  const found = new Float64Array(item.scores.length);
  const single = compileLinear(linear).score(x, found);

  test('has numpy’s type', () => {
    expect(single).toBe(item.scores instanceof Float32Array);
    if (single) expect(found).toEqual(Float64Array.from(found, Math.fround));
  });

  test('lies within its bound of numpy’s scores', () => {
    const bound = compileErrorBound(model)(x)!;
    found.forEach((value, i) => {
      expect(Math.abs(value - item.scores[i]!)).toBeLessThanOrEqual(bound[i]!);
    });
  });

  test('is numpy’s to the bit where nothing is summed', () => {
    // The first row is all 0; with one feature a product is rounded, the intercept added and that is all.
    const rows = item.x.cols === 1 ? item.x.rows : 1;
    const count = rows * linear.outputs;
    expect(Array.from(found.subarray(0, count))).toEqual(Array.from(item.scores.slice(0, count)));
  });
});

/** The product of the last rows of `a` and of `b`, of as many as are made at once. */
function dot(
  a: Float64Array | Float32Array,
  b: Float64Array | Float32Array,
  count: number,
): number {
  const rows = a.length / count;
  const others = b.length / count;
  const out = new Float64Array(rows * others);
  multiply(a, rows, count, b, others, out);
  return out[out.length - 1]!;
}

describe('products', () => {
  // Products of 24-bit integers are exact in float64, so that BigInt tells the exact sum.
  const factor = fc.integer({ min: -(2 ** 24), max: 2 ** 24 });
  const terms = fc.array(fc.tuple(factor, factor), { maxLength: 200, size: 'max' });

  test('is exact where every partial sum is', () => {
    fc.assert(
      fc.property(terms, fc.nat(3), fc.nat(3), (pairs, rowsBefore, othersBefore) => {
        if (pairs.length === 0) return;
        const small = pairs.map(([a, b]) => [a % 2 ** 20, b % 2 ** 20] as const);
        const gaps = (rows: number) => new Array<number>(rows * small.length).fill(Number.NaN);
        const a = Float64Array.from([...gaps(rowsBefore), ...small.map(([v]) => v)]);
        const b = Float32Array.from([...gaps(othersBefore), ...small.map(([, v]) => v)]);
        const exact = small.reduce((sum, [v, w]) => sum + BigInt(v) * BigInt(w), 0n);
        expect(BigInt(dot(a, b, small.length))).toBe(exact);
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  test('lies within (8 + √n)·2⁻⁵³·Σ|xᵢwᵢ| of the exact sum, however much cancels', () => {
    const spread = fc.tuple(factor, factor, fc.integer({ min: 0, max: 60 }));
    const most = fc.array(spread, { minLength: 1, maxLength: 400, size: 'max' });
    fc.assert(
      fc.property(most, (drawn) => {
        // Every term and then its opposite, but for the last: nearly all cancels.
        const all = [...drawn, ...drawn.slice(0, -1).map(([a, b, e]) => [-a, b, e] as const)];
        const a = Float64Array.from(all, ([value, , exponent]) => value * 2 ** exponent);
        const b = Float64Array.from(all, ([, value]) => value);
        const products = all.map(([v, w, e]) => (BigInt(v) * BigInt(w)) << BigInt(e));
        const exact = products.reduce((sum, product) => sum + product, 0n);
        const size = products.reduce(
          (sum, product) => sum + (product < 0n ? -product : product),
          0n,
        );
        const error = Number(BigInt(dot(a, b, all.length)) - exact);
        const bound = (8 + Math.sqrt(all.length)) * 2 ** -53 * Number(size);
        expect(Math.abs(error)).toBeLessThanOrEqual(bound);
      }),
      { seed: 12, numRuns: 200 },
    );
  });
});
