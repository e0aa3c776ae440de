import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { erf } from '../../src/math/erf.js';
import { cos, sin } from '../../src/math/sin.js';
import { ulpDistance, ulpOf } from '../../src/math/ulp.js';
import { drawArguments } from './draw-arguments.js';

/** Fixed-point numbers with so many bits after the point: enough for the largest double less its whole turns. */
const BITS = 1400n;
const ONE = 1n << BITS;

/** A double, exactly, where it has no bits below 2^-1400. */
function toFixed(x: number): bigint {
  let exponent = 0;
  let mantissa = x;
  while (Math.abs(mantissa) >= 2 ** 52) {
    mantissa /= 2;
    exponent++;
  }
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent--;
  }
  return exponent >= 0
    ? BigInt(mantissa) << (BITS + BigInt(exponent))
    : BigInt(mantissa) << (BITS - BigInt(-exponent));
}

/** Where sine changes its sign near 3, by Newton's method on the series below. */
function findPi(): bigint {
  let pi = toFixed(Math.PI);
  for (let i = 0; i < 6; i++) pi += series(pi, 1n);
  return pi;
}

/** Σ (−1)ᵏ x^(2k + first) / (2k + first)!: sine for 1, cosine for 0. */
function series(x: bigint, first: bigint): bigint {
  let term = first === 1n ? x : ONE;
  let sum = term;
  for (let n = first; term !== 0n; n += 2n) {
    term = (-(((term * x) >> BITS) * x) >> BITS) / ((n + 1n) * (n + 2n));
    sum += term;
  }
  return sum;
}

const pi = findPi();

/** How many units in the last place `found` lies from the sine (1) or cosine (0) of x. */
function unitsOff(found: number, x: number, first: bigint): number {
  const exact = series(toFixed(x) % (2n * pi), first);
  const difference = toFixed(found) - exact;
  return Number((difference << 60n) / toFixed(ulpOf(found))) / 2 ** 60;
}

const quarters = Array.from({ length: 400 }, (_, k) => ((k - 200) * Math.PI) / 2);
const families = {
  'within a turn': drawArguments({ kind: 'uniform', from: -7, to: 7, count: 300, seed: 1 }),
  'many turns': drawArguments({ kind: 'uniform', from: -2e6, to: 2e6, count: 300, seed: 2 }),
  'near multiples of a quarter turn': Float64Array.from(quarters),
  'of any size': drawArguments({
    kind: 'bits',
    from: 900,
    to: 2046,
    signed: true,
    count: 200,
    seed: 3,
  }),
  // The double that comes nearest to a multiple of a quarter turn.
  'the hardest': Float64Array.of(6381956970095103 * 2 ** 797, 2 ** 20, 2 ** 53 - 1, 2 ** 1023),
};

describe.each(Object.entries(families))('%s', (_name, points) => {
  it('has a sine and a cosine within a unit', () => {
    for (const x of points) {
      expect(Math.abs(unitsOff(sin(x), x, 1n)), `sine of ${x}`).toBeLessThan(1);
      expect(Math.abs(unitsOff(cos(x), x, 0n)), `cosine of ${x}`).toBeLessThan(1);
    }
  });
});

describe('special values', () => {
  it('keeps zeros and what is tiny', () => {
    expect(Object.is(sin(-0), -0)).toBe(true);
    expect(sin(5e-324)).toBe(5e-324);
    expect([cos(0), cos(-1e-300)]).toEqual([1, 1]);
  });

  it('has none of infinities and NaN', () => {
    for (const x of [Infinity, -Infinity, Number.NaN]) expect([sin(x), cos(x)]).toEqual([NaN, NaN]);
  });
});

describe('erf', () => {
  const file = new URL('../../fixtures/math/erf.json', import.meta.url);
  const rows: [number, number][] = JSON.parse(readFileSync(file, 'utf8'));

  it('is that of SciPy', () => {
    expect(rows.length).toBeGreaterThan(300);
    const steps = rows.map(([x, y]) => ulpDistance(erf(x), y));
    expect(Math.max(...steps)).toBeLessThanOrEqual(1);
    expect(steps.filter((step) => step > 0).length).toBeLessThanOrEqual(2);
    expect(rows.filter(([x]) => x < 0).length).toBeGreaterThan(100);
  });

  it('has limits and no value of NaN', () => {
    expect([erf(Infinity), erf(-Infinity), erf(Number.NaN)]).toEqual([1, -1, NaN]);
    expect(Object.is(erf(-0), -0)).toBe(true);
  });
});
