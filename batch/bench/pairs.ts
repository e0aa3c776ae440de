import { free, type TwoCores } from '../../bench/two-cores.js';
import type { Taken } from './timed-process.js';

/** A run in one thread and the next in two. */
export interface Pair {
  readonly one: Taken;
  readonly two: Taken;
  /** The least that two cores gave before, between and after them, in times of one. */
  readonly cores: number;
}

/** Pairs that are measured for each that is wanted: a machine may never have free cores. */
const mostTries = 6;

/** Pairs, until so many of them had two free cores. */
export async function timePairs(
  wanted: number,
  cores: TwoCores,
  runOne: () => Promise<Taken>,
  runTwo: () => Promise<Taken>,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  while (freePairs(pairs).length < wanted && pairs.length < mostTries * wanted) {
    const before = await cores.measure();
    const one = await runOne();
    const between = await cores.measure();
    const two = await runTwo();
    const after = await cores.measure();
    pairs.push({ one, two, cores: Math.min(before, between, after) });
  }
  return pairs;
}

export const freePairs = (pairs: readonly Pair[]): readonly Pair[] =>
  pairs.filter((pair) => pair.cores >= free);
