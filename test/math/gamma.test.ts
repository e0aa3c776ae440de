import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { digamma } from '../../src/math/digamma.js';
import { logGamma } from '../../src/math/log-gamma.js';
import { ulpOf } from '../../src/math/ulp.js';

const rows = JSON.parse(
  readFileSync(new URL('../../fixtures/math/gamma.json', import.meta.url), 'utf8'),
) as [x: number, logGamma: number, digamma: number][];

/** The largest difference in steps of a float, near a root in those of a quarter. */
const worst = (find: (x: number) => number, column: 1 | 2) =>
  rows.reduce((most, row) => {
    const steps =
      Math.abs(find(row[0]) - row[column]) / ulpOf(Math.max(0.25, Math.abs(row[column])));
    return Math.max(most, steps);
  }, 0);

describe('of the gamma function', () => {
  test('the logarithm', () => {
    expect(worst(logGamma, 1)).toBeLessThanOrEqual(2);
    expect([logGamma(1), logGamma(2)].map((value) => Math.abs(value) < 1e-16)).toEqual([
      true,
      true,
    ]);
  });

  test('the derivative of the logarithm', () => {
    expect(worst(digamma, 2)).toBeLessThanOrEqual(2);
  });

  test.each([0, -1, -0.5, Number.NaN])('neither is known of %s', (x) => {
    expect([logGamma(x), digamma(x)]).toEqual([Number.NaN, Number.NaN]);
  });

  test.each([Number.POSITIVE_INFINITY])('both are infinite of %s', (x) => {
    expect([logGamma(x), digamma(x)]).toEqual([x, x]);
  });
});
