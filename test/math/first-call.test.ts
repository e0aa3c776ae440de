import { beforeEach, expect, test, vi } from 'vitest';

/** Tables are filled by whoever comes first. */
beforeEach(() => {
  vi.resetModules();
});

test('the first exponential is right', async () => {
  const { exp } = await import('../../src/math/exp.js');
  expect(exp(1)).toBe(Math.E);
});

test('the first logarithm is right', async () => {
  const { log } = await import('../../src/math/log.js');
  expect(log(2)).toBe(Math.LN2);
  expect(log(10)).toBe(Math.LN10);
});

test('the first power is right, though it is subnormal', async () => {
  const { pow } = await import('../../src/math/pow.js');
  expect(pow(2, -1060)).toBe(2 ** -1060);
});
