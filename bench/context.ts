import { type CallSizes, type Comparison, compare } from './comparison.js';
import type { Pace } from './rounds.js';
import type { Peer } from './subject.js';
import { formatComparison } from './tables.js';
import { readWorkload } from './workload.js';

/** What a run of the benchmark was asked for, and what it has found so far. */
export interface Bench {
  /** Whether peers in Python and native code take part, on workloads trained on this machine. */
  readonly python: boolean;
  readonly pace: Pace;
  /** Names of the trained workloads to restrict the run to; null for all. */
  readonly only: readonly string[] | null;
  readonly comparisons: Comparison[];
}

/** Compares on each of the named workloads that the run is not restricted from, and prints what it finds. */
export async function compareAll(
  bench: Bench,
  names: readonly string[],
  peers: readonly Peer[],
  sizes?: CallSizes,
): Promise<void> {
  for (const name of names) {
    if (bench.only !== null && !bench.only.includes(name)) continue;
    const workload = readWorkload(name, bench.python);
    const comparison = await compare(workload, peers, bench.pace, sizes);
    bench.comparisons.push(comparison);
    process.stdout.write(`${formatComparison(comparison)}\n\n`);
  }
}
