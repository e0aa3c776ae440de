import { expect, test } from 'vitest';
import { Work } from '../src/work.js';

/** Work that took from 0 to 4 ms. */
function done(pieces = 1): Work {
  const work = new Work();
  work.begin(0);
  work.end(4, pieces);
  return work;
}

test('others have four times as long as the work took, while there are any', () => {
  const work = done();
  expect([4.5, 5, 12, 19.9].map((now) => work.yields(now))).toEqual([true, true, true, true]);
  expect(work.yields(20)).toBe(false);
});

test('where nothing else is to be done, nobody waits', () => {
  const work = done();
  expect(work.yields(4.5)).toBe(true);
  expect(work.yields(4.51)).toBe(false);
});

test('what pieces take is told from what they took of late', () => {
  const work = done(2);
  expect(work.ms).toBe(4);
  expect(work.msPerPiece).toBeCloseTo(0.4, 12);
  work.begin(10);
  work.end(11, 0);
  expect(work.ms).toBe(5);
  expect(work.msPerPiece).toBeCloseTo(0.4, 12);
});

test('time for which other processes have the machine is no work', async () => {
  const work = new Work();
  work.begin(performance.now());
  await new Promise((resolve) => setTimeout(resolve, 300));
  work.end(performance.now(), 1);
  expect(work.ms).toBeLessThan(200);
});
