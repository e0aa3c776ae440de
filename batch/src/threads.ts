import { type Model, NuthatchError } from 'nuthatch';
import { shareForThreads } from 'nuthatch/node';
import { Piscina } from 'piscina';
import type { Job, Piece, Scored } from './job.js';
import { pieceBytes } from './pieces.js';
import { createScorer } from './score.js';
import type { Reply, WorkerStart } from './worker.js';

/** Scores pieces, in this thread or in others. */
export interface Threads {
  /** Pieces that may be under way at a time. */
  readonly most: number;
  score(piece: Piece): Promise<Scored>;
  close(): Promise<void>;
}

/**
 * Scores the first piece in this thread, and the next in others, which share the model. These start at once where the input is known to be large; else
 * when there is a second piece: small inputs are done before threads would have started.
 */
export function openThreads(model: Model, job: Job, threads: number, size: number | null): Threads {
  let here: Promise<(piece: Piece) => Scored> | null = null;
  let pool =
    threads > 1 && size !== null && size > 2 * pieceBytes ? startPool(model, job, threads) : null;
  let first = true;
  return {
    // One waits for each thread while it works.
    most: threads === 1 ? 1 : 2 * threads,
    async score(piece) {
      if (first || threads === 1) {
        // A piece without rows tells of columns alone.
        first = piece.bytes.length === 0;
        here ??= createScorer(model, job);
        return (await here)(piece);
      }
      pool ??= startPool(model, job, threads);
      return pool.score(piece);
    },
    async close() {
      await pool?.close();
    },
  };
}

type Pool = Pick<Threads, 'score' | 'close'>;

function startPool(model: Model, job: Job, threads: number): Pool {
  const [starts, giveBack] = shareForThreads(model, threads);
  const next = new Int32Array(new SharedArrayBuffer(4));
  const pool = new Piscina<Piece, Reply>({
    // Built, also where tests run this from its source.
    filename: new URL('../dist/worker.cjs', import.meta.url).href,
    workerData: { starts, next, job } satisfies WorkerStart,
    minThreads: threads,
    maxThreads: threads,
    // Rows are garbage soon: there is no need to let it grow to more.
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
    // Options of this process may be ones that threads do not take.
    execArgv: [],
  });
  return {
    async score(piece) {
      const reply = await pool
        .run(piece, { transferList: [piece.bytes.buffer] })
        .catch((error: Error) => {
          throw new NuthatchError('threads', '', `a worker thread cannot run: ${error.message}`);
        });
      if ('code' in reply) throw new NuthatchError(reply.code, reply.path, reply.message);
      return reply;
    },
    async close() {
      await pool.destroy();
      giveBack();
    },
  };
}
