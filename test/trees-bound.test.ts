import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileTrees } from '../src/compile/trees.js';
import { boundTrees } from '../src/compile/trees-bound.js';
import { describeTrees } from './ir/describe-trees.js';
import { randomForest } from './ir/random-trees.js';

const cell = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -4, max: 4, noNaN: true }));
const off = fc.constantFrom(0, 0, 2 ** -26, 0.5, 2);

test('scores that a row may have anywhere within its errors differ only where their bound is infinite', () => {
  let finite = 0;
  let infinite = 0;
  const forest = randomForest({ categories: false, most: { trees: 3, splits: 6 } });
  fc.assert(
    fc.property(
      forest,
      fc.array(cell, { minLength: 8, maxLength: 8 }),
      fc.array(off, { minLength: 8, maxLength: 8 }),
      fc.array(fc.array(fc.constantFrom(-1, 0, 1), { minLength: 8, maxLength: 8 }), {
        minLength: 40,
        maxLength: 40,
      }),
      ({ trees, facts }, cells, errors, ways) => {
        const described = describeTrees(trees, facts);
        const { features, outputs } = facts;
        const row = Float64Array.from(cells.slice(0, features));
        const error = Float64Array.from(errors.slice(0, features));
        const { score } = compileTrees(described);
        const scoreOf = (data: Float64Array) => {
          const out = new Float64Array(outputs);
          score({ data, rows: 1, cols: features, names: null }, out);
          return out;
        };
        const value = { data: row, rows: 1, cols: features, names: null };
        const bound = boundTrees(described, value, row, error);
        const here = scoreOf(row);
        const there = ways.map((way) => scoreOf(row.map((x, i) => x + way[i]! * error[i]!)));
        here.forEach((found, output) => {
          const isOpen = bound?.[output] === Number.POSITIVE_INFINITY;
          if (isOpen) infinite++;
          else finite++;
          if (!isOpen) for (const one of there) expect(one[output]).toBe(found);
        });
      },
    ),
    { numRuns: 500, seed: 1 },
  );
  expect(Math.min(finite, infinite)).toBeGreaterThan(50);
});

test('a row at two thresholds is open where it ends in one leaf with both cells up and with both down', () => {
  // Left of the first threshold leaf 0 or 1 by the second cell; right of it 1 or 0.
  const tree = {
    left: [1, 3, 5, -1, -1, -1, -1],
    right: [2, 4, 6, -1, -1, -1, -1],
    feature: [0, 1, 1, -2, -2, -2, -2],
    threshold: [0, 0, 0, NaN, NaN, NaN, NaN],
    missingLeft: null,
    categorical: null,
    covers: null,
    values: Float64Array.of(NaN, NaN, NaN, 0, 1, 1, 0),
  };
  const facts = {
    features: 2,
    outputs: 1,
    leafColumns: 1,
    precision: 'float64',
    nonFinite: 'any',
    aggregation: 'sum',
    treeOutputs: null,
    treeWeights: null,
    base: null,
    categories: null,
  } as const;
  const trees = describeTrees([{ ...tree, path: 'tree' } as never], facts);
  const boundOf = (cells: number[], errors: number[]) => {
    const data = Float64Array.from(cells);
    return boundTrees(
      trees,
      { data, rows: 1, cols: 2, names: null },
      data,
      Float64Array.from(errors),
    );
  };
  expect(boundOf([0, 0], [0.1, 0.1])).toEqual(Float64Array.of(Number.POSITIVE_INFINITY));
  expect(boundOf([1, 1], [0.1, 0.1])).toEqual(Float64Array.of(0));
  expect(boundOf([0, 0], [0, 0])).toBeNull();
});
