import { parentPort } from 'node:worker_threads';
import { type ErrorCode, NuthatchError } from 'nuthatch';
import { type ForThreads, openShared } from 'nuthatch/node';
import type { Job, Piece, Scored } from './job.js';
import { createScorer } from './score.js';

/** The first message to a thread, which says when it is ready; pieces follow. */
export interface WorkerStart {
  readonly start: ForThreads[0][number];
  readonly job: Job;
}

/** What a thread says: errors lose their codes on the way between threads. */
export type Reply =
  | 'ready'
  | Scored
  | { readonly code: ErrorCode; readonly path: string; readonly message: string };

const port = parentPort!;
const say = (reply: Reply, moved: readonly ArrayBuffer[] = []): void =>
  port.postMessage(reply, moved);

port.once('message', async ({ start, job }: WorkerStart) => {
  const score = await createScorer(openShared(start), job);
  port.on('message', (piece: Piece) => {
    try {
      const scored = score(piece);
      say(scored, [scored.bytes.buffer, scored.spent]);
    } catch (error) {
      if (!(error instanceof NuthatchError)) throw error;
      const { code, path, message } = error;
      say({ code, path, message: path === '' ? message : message.slice(path.length + 2) });
    }
  });
  say('ready');
});
