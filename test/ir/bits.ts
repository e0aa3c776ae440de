import { expect } from 'vitest';

/** Fails unless all values have the same bits, −0 and 0 apart; names the first that differs. */
export function expectSameBits(actual: Float64Array, expected: Float64Array, what: string): void {
  expect(actual.length, what).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    if (!Object.is(actual[i], expected[i]))
      expect.fail(`${what}: element ${i} is ${show(actual[i]!)}, expected ${show(expected[i]!)}`);
  }
}

/** As `expectSameBits`, of integers; faster than `toEqual` on large arrays. */
export function expectSameIntegers(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
): void {
  expect(actual.length, what).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    if (actual[i] !== expected[i])
      expect.fail(`${what}: element ${i} is ${actual[i]}, expected ${expected[i]}`);
  }
}

function show(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
