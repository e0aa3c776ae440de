import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pairwiseSum } from '../../src/math/pairwise-sum.js';
import { drawArguments, type Family } from './draw-arguments.js';

interface Sums {
  family: Family;
  runs: [start: number, count: number][];
  sumOfNegativeZerosIsNegative: Record<string, boolean>;
}

describe('pairwiseSum', () => {
  const folder = new URL('../../fixtures/math/', import.meta.url);
  const sums: Sums = JSON.parse(readFileSync(new URL('pairwise-sum.json', folder), 'utf8'));
  const file = readFileSync(new URL('pairwise-sum.bin', folder));
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const values = drawArguments(sums.family);

  it('is np.sum, bit for bit', () => {
    expect(sums.runs.length).toBeGreaterThan(600);
    const wrong = sums.runs.filter(
      ([start, count], i) =>
        !Object.is(pairwiseSum(values, start, count), view.getFloat64(8 * i, true)),
    );
    expect(wrong).toEqual([]);
  });

  it('differs from a plain sum, so that the order is tested', () => {
    const plain = sums.runs.filter(([start, count]) => {
      let sum = 0;
      for (let i = start; i < start + count; i++) sum += values[i]!;
      return sum === pairwiseSum(values, start, count);
    });
    expect(plain.length).toBeLessThan(sums.runs.length / 2);
  });

  it('sums negative zeros to the sign np.sum gives', () => {
    for (const [count, isNegative] of Object.entries(sums.sumOfNegativeZerosIsNegative)) {
      const sum = pairwiseSum(new Float64Array(Number(count)).fill(-0), 0, Number(count));
      expect(sum).toBe(isNegative ? -0 : 0);
    }
  });
});
