import { beforeEach, expect, it, vi } from 'vitest';

/** Tables are filled by whoever comes first. */
beforeEach(() => {
  vi.resetModules();
});

it('is right of the first exponential', async () => {
  const { exp } = await import('../../src/math/exp.js');
  expect(exp(1)).toBe(Math.E);
});

it('is right of the first logarithm', async () => {
  const { log } = await import('../../src/math/log.js');
  expect(log(2)).toBe(Math.LN2);
  expect(log(10)).toBe(Math.LN10);
});

it('is right of the first power, though it is subnormal', async () => {
  const { pow } = await import('../../src/math/pow.js');
  expect(pow(2, -1060)).toBe(2 ** -1060);
});
