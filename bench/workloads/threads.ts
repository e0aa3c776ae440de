import { type Bench, compareAll } from '../context.js';
import { goalWorkloads, threadedRows } from '../goals.js';
import { threadPeers } from '../peers/list.js';

export const runsIn = ['node', 'python'] as const;
export const trained: readonly string[] = goalWorkloads;
const committed = ['W1', 'W2'];

/** Large batches in the calling thread, in one worker thread and in two: what handing over costs, and what a second thread brings. */
export async function run(bench: Bench): Promise<void> {
  const names = bench.only ?? (bench.python ? goalWorkloads : committed);
  await compareAll(
    bench,
    trained.filter((name) => names.includes(name)),
    threadPeers,
    threadedRows,
  );
}
