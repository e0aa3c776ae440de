import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Benchmark from 'benchmark';

/** How long a call takes, once warm. */
export interface Timing {
  /** µs, the median of all samples. */
  readonly median: number;
  /** Half the distance between the quartiles, in percent of the median. */
  readonly spread: number;
}

/** Enough for code to be compiled, even of calls that take long. */
const warmUpMillis = 500;

export function measureTime(call: () => void): Timing {
  const warm = performance.now() + warmUpMillis;
  for (let i = 0; i < 2000 && performance.now() < warm; i++) call();
  const benchmark = new Benchmark({ fn: call, minSamples: 30, maxTime: 1 });
  benchmark.run({ async: false });
  const samples = [...benchmark.stats.sample].sort((a, b) => a - b);
  const at = (share: number) => samples[Math.floor(share * (samples.length - 1))]! * 1e6;
  const median = at(0.5);
  return { median, spread: ((at(0.75) - at(0.25)) / 2 / median) * 100 };
}

const rounds = 50;
const callsPerRound = 2000;

/**
 * Bytes that a call leaves to the garbage collector, once warm: the median of rounds that are short enough for most to pass without a
 * collection. Below ten it is what measuring takes.
 */
export function measureAllocation(call: () => void): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 20_000; i++) call();
  collect();
  const bytes = Array.from({ length: rounds }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < callsPerRound; i++) call();
    return (process.memoryUsage().heapUsed - before) / callsPerRound;
  });
  return Math.max(0, bytes.sort((a, b) => a - b)[rounds >> 1]!);
}
