import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { low } from '../../src/math/double-double.js';
import { EXP_ERROR, expAccurate, expFast } from '../../src/math/exp-core.js';
import { LOG_ERROR, logFast, refineLog } from '../../src/math/log-core.js';

/**
 * The inner functions against MPFR to 106 bits. Rounded results hardly tell a series one term short
 * or a bound too small: only arguments too rare to draw would come out wrong.
 */
describe('error bounds', () => {
  const folder = new URL('../../fixtures/math/', import.meta.url);
  const counts = JSON.parse(readFileSync(new URL('pairs.json', folder), 'utf8'));
  const file = readFileSync(new URL('pairs.bin', folder));
  const values = new Float64Array(
    file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength),
  );
  const exps = values.subarray(0, 4 * counts.exp);
  const logs = values.subarray(4 * counts.exp);

  function worstExp(compute: (k: number, r: number, rLow: number) => number): number {
    let worst = 0;
    for (let i = 0; i < exps.length; i += 4) {
      const high = compute(exps[i]!, exps[i + 1]!, 0);
      const error = high - exps[i + 2]! + (low[0]! - exps[i + 3]!);
      worst = Math.max(worst, Math.abs(error / exps[i + 2]!));
    }
    return worst;
  }

  function worstLog(compute: (x: number) => number): number {
    let worst = 0;
    for (let i = 0; i < logs.length; i += 3) {
      const high = compute(logs[i]!);
      const error = high - logs[i + 1]! + (low[0]! - logs[i + 2]!);
      worst = Math.max(worst, Math.abs(error / logs[i + 1]!));
    }
    return worst;
  }

  it('has all rows', () => {
    expect(counts.exp).toBeGreaterThan(2000);
    expect(logs.length).toBe(3 * counts.log);
    expect(counts.log).toBeGreaterThan(2000);
  });

  it('keeps the fast paths within half of what the rounding tests allow', () => {
    expect(worstExp(expFast)).toBeLessThan(EXP_ERROR / 2);
    expect(worstLog(logFast)).toBeLessThan(LOG_ERROR / 2);
  });

  it('keeps the accurate paths to 2^-101', () => {
    expect(worstExp(expAccurate)).toBeLessThan(2 ** -101);
    const refine = (x: number) => {
      logFast(x);
      return refineLog();
    };
    expect(worstLog(refine)).toBeLessThan(2 ** -101);
  });
});
