import { workerData } from 'node:worker_threads';
import { type ErrorCode, NuthatchError } from 'nuthatch';
import { type ForThreads, openShared } from 'nuthatch/node';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import type { Job, Piece, Scored } from './job.js';
import { createScorer } from './score.js';

/** What every thread is started with: each takes the next of `starts`. */
export interface WorkerStart {
  readonly starts: ForThreads[0];
  /** One integer, which counts threads. */
  readonly next: Int32Array;
  readonly job: Job;
}

const { starts, next, job } = workerData as WorkerStart;
const score = await createScorer(openShared(starts[Atomics.add(next, 0, 1)]!), job);

/** What a thread says: errors lose their codes on the way between threads. */
export type Reply =
  | Scored
  | { readonly code: ErrorCode; readonly path: string; readonly message: string };

export default function run(piece: Piece): Reply {
  try {
    const scored = score(piece);
    const moved = {
      [transferableSymbol]: [scored.bytes.buffer, scored.spent],
      [valueSymbol]: scored,
    };
    return move(moved as never) as unknown as Scored;
  } catch (error) {
    if (!(error instanceof NuthatchError)) throw error;
    const { code, path, message } = error;
    return { code, path, message: path === '' ? message : message.slice(path.length + 2) };
  }
}
