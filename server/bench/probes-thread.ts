import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/** How probes went. */
export interface Probed {
  /** Milliseconds until each was answered, or failed. */
  readonly waits: readonly number[];
  readonly failures: number;
}

// Asks whether the server lives and is ready, as an orchestrator does: each time on a connection of its own, whether or not the last was answered.
const { port } = workerData as { readonly port: number };
const waits: number[] = [];
let failures = 0;
let isOver = false;
parentPort!.once('message', () => {
  isOver = true;
});

async function ask(path: string): Promise<void> {
  const begun = performance.now();
  try {
    const { status } = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { connection: 'close' },
    });
    if (status !== 200) failures++;
  } catch {
    failures++;
  }
  waits.push(performance.now() - begun);
}

const asked: Promise<void>[] = [];
while (!isOver) {
  asked.push(ask(asked.length % 2 === 0 ? '/healthz' : '/readyz'));
  await sleep(100);
}
await Promise.all(asked);
parentPort!.postMessage({ waits, failures } satisfies Probed);
