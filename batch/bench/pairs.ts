import { quantile } from '../../bench/measurement.js';
import type { TwoCores } from '../../bench/two-cores.js';
import type { Taken } from './timed-process.js';

/** A run in one thread and the next in two. */
export interface Pair {
  readonly one: Taken;
  readonly two: Taken;
}

/** So many pairs. What two cores give is asked before, between and after them. */
export async function timePairs(
  count: number,
  cores: TwoCores,
  runOne: () => Promise<Taken>,
  runTwo: () => Promise<Taken>,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let i = 0; i < count; i++) {
    await cores.measure();
    const one = await runOne();
    await cores.measure();
    pairs.push({ one, two: await runTwo() });
  }
  await cores.measure();
  return pairs;
}

/** How many times as fast two threads are: the quartiles. */
export function gainOf(pairs: readonly Pair[]): [low: number, median: number, high: number] {
  const gains = pairs.map(({ one, two }) => one.seconds / two.seconds);
  return [quantile(gains, 0.25), quantile(gains, 0.5), quantile(gains, 0.75)];
}
