import { type Bench, compareAll } from '../context.js';
import { goalWorkloads, threadedRows } from '../goals.js';
import { threadPeers } from '../peers/list.js';
import { free, TwoCores } from '../two-cores.js';

export const runsIn = ['node', 'python'] as const;
export const trained: readonly string[] = goalWorkloads;
const committed = ['W1', 'W2'];

/**
 * Large batches in the calling thread, in one worker thread and in two: what handing over costs, and what a second thread brings where there is a core
 * for it.
 */
export async function run(bench: Bench): Promise<void> {
  const names = bench.only ?? (bench.python ? goalWorkloads : committed);
  const cores = await TwoCores.start();
  await compareAll(
    { ...bench, pace: { ...bench.pace, isFair: () => cores.areFree(bench.pace.sampleMillis) } },
    trained.filter((name) => names.includes(name)),
    threadPeers,
    threadedRows,
  );
  process.stdout.write(
    `In rounds of threads ${cores.describe()}; they count as free from ${free} on.\n\n`,
  );
  await cores.close();
}
