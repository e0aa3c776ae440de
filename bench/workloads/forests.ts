import { type Bench, compareAll } from '../context.js';
import { goalWorkloads } from '../goals.js';
import { listPeers } from '../peers/list.js';

export const runsIn = ['node', 'python'] as const;
/** Those that run without Python are committed. */
export const trained = [...goalWorkloads, 'W5-half'];
const committed = ['W1', 'W2', 'W5-half'];

/** Forests and boosted trees by every peer: one row a call and batches. */
export async function run(bench: Bench): Promise<void> {
  const names = bench.only ?? (bench.python ? goalWorkloads : committed);
  await compareAll(
    bench,
    trained.filter((name) => names.includes(name)),
    listPeers(bench),
  );
}
