import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { digamma } from '../../src/math/digamma.js';
import { ulpOf } from '../../src/math/ulp.js';

const rows = JSON.parse(
  readFileSync(new URL('../../fixtures/math/digamma.json', import.meta.url), 'utf8'),
) as [x: number, digamma: number][];

describe('the derivative of the gamma function’s logarithm', () => {
  test('is exact to two steps of a float, near its root to those of a quarter', () => {
    for (const [x, expected] of rows) {
      const step = ulpOf(Math.max(0.25, Math.abs(expected)));
      expect(Math.abs(digamma(x) - expected), `of ${x}`).toBeLessThanOrEqual(2 * step);
    }
  });

  test.each([0, -1, -0.5, Number.NaN])('is not known of %s', (x) => {
    expect(digamma(x)).toBeNaN();
  });

  test('is infinite of infinity', () => {
    expect(digamma(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });
});
