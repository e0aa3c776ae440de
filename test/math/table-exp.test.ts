import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exp } from '../../src/math/exp.js';
import { pow } from '../../src/math/pow.js';
import { tableExp, tableExpError, tableSoftmax } from '../../src/math/table-exp.js';

// What it is to the bit, models of CatBoost in fixtures/boosting ask.
describe('exp by a table', () => {
  test('is off exp by what its bound allows', () => {
    const within = (x: number) => {
      const exact = exp(x);
      // Half a step of exp itself, and that of the quotient.
      expect(Math.abs(tableExp(x) / exact - 1)).toBeLessThanOrEqual(tableExpError(x) + 2 ** -52);
    };
    fc.assert(fc.property(fc.double({ min: -708, max: 709.5, noNaN: true }), within), {
      numRuns: 2000,
      seed: 1,
    });
  });

  test('has the nearest floats in its table', () => {
    // Where nothing is left over, the cubic is 1.
    const a = 2048 / Math.LN2;
    for (let j = 0; j < 2048; j++) {
      const x = j * (1 / a);
      expect(Math.round(x * a)).toBe(j);
      expect(tableExp(x), `2^(${j}/2048)`).toBe(pow(2, j / 2048));
    }
  });

  test('is exact at 0, and stays within floats beyond their ends', () => {
    expect(tableExp(0)).toBe(1);
    expect(tableExp(709.7825)).toBeLessThan(Infinity);
    for (const x of [709.7826, 1e300, Infinity]) expect(tableExp(x)).toBe(Infinity);
    expect(tableExp(-1e300)).toBe(tableExp(-708.39641853226408));
    expect(tableExp(-Infinity)).toBeGreaterThan(0);
    expect(tableExp(Number.NaN)).toBeNaN();
  });

  test('makes a softmax whose smallest values are 0 where they make no four', () => {
    const values = Float64Array.of(9, 0, -2000, 9, -2000, 0);
    tableSoftmax(values, 0, 6, Number);
    expect(values[2]).toBeGreaterThan(0);
    expect(values[4]).toBe(0);
    expect(values[0]).toBe(values[3]);
    expect(values[1]).toBe(values[5]);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 15);
  });
});
