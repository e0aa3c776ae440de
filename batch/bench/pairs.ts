import { quantile } from '../../bench/measurement.js';
import { free, type TwoCores } from '../../bench/two-cores.js';
import type { Taken } from './timed-process.js';

/** A run in one thread and the next in two. */
export interface Pair {
  readonly one: Taken;
  readonly two: Taken;
  /** What two cores gave before, between and after, where it was least. */
  readonly cores: number;
}

/** Cores are asked for so many milliseconds: they come and go within a second. */
const askedMillis = 300;

/** So many pairs. What two cores give is asked before, between and after them. */
export async function timePairs(
  count: number,
  cores: TwoCores,
  runOne: () => Promise<Taken>,
  runTwo: () => Promise<Taken>,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  const rounds = await cores.roundsOf(askedMillis);
  let before = await cores.measure(rounds);
  for (let i = 0; i < count; i++) {
    const one = await runOne();
    const between = await cores.measure(rounds);
    const two = await runTwo();
    const after = await cores.measure(rounds);
    pairs.push({ one, two, cores: Math.min(before, between, after) });
    before = after;
  }
  return pairs;
}

/** How many times as fast two threads are: the quartiles. */
export function gainOf(pairs: readonly Pair[]): [low: number, median: number, high: number] {
  const gains = pairs.map(({ one, two }) => one.seconds / two.seconds);
  return [quantile(gains, 0.25), quantile(gains, 0.5), quantile(gains, 0.75)];
}

/** The median of the pairs while two cores were free, and how many they are. */
export function describeFree(pairs: readonly Pair[]): string {
  const whole = pairs.filter((pair) => pair.cores >= free);
  return whole.length === 0 ? 'none' : `${gainOf(whole)[1].toFixed(2)}× (${whole.length})`;
}
