import { describe, expect, it } from 'vitest';
import { tanh } from '../../src/math/tanh.js';
import { ulpOf } from '../../src/math/ulp.js';
import { drawArguments } from './draw-arguments.js';

/** Fixed-point numbers with so many bits after the point. */
const BITS = 500n;
const ONE = 1n << BITS;

/** A double, exactly, where it has no bits below 2^-500. */
function toFixed(x: number): bigint {
  let exponent = 0n;
  let mantissa = x;
  for (; !Number.isInteger(mantissa); exponent++) mantissa *= 2;
  return BigInt(mantissa) << (BITS - exponent);
}

/** e^x, by its series. */
function power(x: bigint): bigint {
  let term = ONE;
  let sum = ONE;
  for (let n = 1n; term !== 0n; n++) {
    term = ((term * x) >> BITS) / n;
    sum += term;
  }
  return sum;
}

/** How many units in the last place `found` lies from the hyperbolic tangent of x. */
function unitsOff(found: number, x: number): number {
  const squared = power(2n * toFixed(Math.abs(x)));
  const exact = (((squared - ONE) << BITS) / (squared + ONE)) * BigInt(Math.sign(x));
  return Math.abs(Number(((toFixed(found) - exact) << 60n) / toFixed(ulpOf(found))) / 2 ** 60);
}

describe('tanh', () => {
  const families = {
    'all over': drawArguments({ kind: 'uniform', from: -20, to: 20, count: 500, seed: 1 }),
    'near 0': drawArguments({ kind: 'uniform', from: -0.3, to: 0.3, count: 500, seed: 2 }),
    'where the series ends': drawArguments({
      kind: 'uniform',
      from: -0.002,
      to: 0.002,
      count: 500,
      seed: 3,
    }),
    tiny: Float64Array.from({ length: 120 }, (_, k) => 1.7 * 2 ** -k),
  };

  it.each(Object.entries(families))('is rounded correctly, or nearly, %s', (_, drawn) => {
    const off = Array.from(drawn, (x) => unitsOff(tanh(x), x));
    expect(Math.max(...off)).toBeLessThan(0.51);
    const missed = off.filter((units) => units > 0.5).length;
    expect(missed).toBeLessThanOrEqual(0.005 * off.length);
  });

  it('has the special values of C99, and is odd', () => {
    for (const x of [0, -0, Number.NaN]) expect(tanh(x)).toBe(x);
    for (const x of [19.1, 20, 800, Infinity, Number.MAX_VALUE]) expect(tanh(x)).toBe(1);
    for (const x of families['all over']) expect(tanh(-x)).toBe(-tanh(x));
    expect(tanh(2 ** -1074)).toBe(2 ** -1074);
  });
});
