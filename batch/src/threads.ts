import type { Worker } from 'node:worker_threads';
import { type Model, NuthatchError } from 'nuthatch';
import { shareForThreads } from 'nuthatch/node';
import type { Job, Piece, Scored } from './job.js';
import { createScorer } from './score.js';
import { isLarge, startThread } from './start-thread.js';
import type { Reply, WorkerStart } from './worker.js';

/** Scores pieces, in this thread and in others. */
export interface Threads {
  /** Pieces that may be under way at a time. */
  readonly most: number;
  /** `left`: about so many pieces come after it. */
  score(piece: Piece, left?: number): Promise<Scored>;
  close(): Promise<void>;
}

/**
 * This thread scores too, and so many less one beside it, which share the model: it takes what they have no need of. They start at once where the
 * input is known to be large; else when there is a second piece: small inputs are done before threads would have started. `started` are ones that were
 * started before.
 */
export function openThreads(
  model: Model,
  job: Job,
  threads: number,
  size: number | null,
  started: readonly Worker[] = [],
): Threads {
  let here: Promise<(piece: Piece) => Scored> | null = null;
  const start = () => startOthers(model, job, threads - 1, started);
  let others = threads > 1 && isLarge(size) ? start() : null;
  let first = true;
  return {
    // Those that are done wait for those before them to be written: the first ones of a thread take it thrice as long as others.
    most: threads === 1 ? 1 : 4 * threads,
    async score(piece, left = Number.POSITIVE_INFINITY) {
      const isWork = hasRows(piece);
      if (threads > 1 && !first) others ??= start();
      if (isWork) first = false;
      const there = isWork ? others?.score(piece, left < threads) : null;
      if (there) return there;
      here ??= createScorer(model, job);
      return (await here)(piece);
    },
    async close() {
      await others?.close();
      await Promise.all(started.map((thread) => thread.terminate()));
    },
  };
}

/** The first piece of a file may tell of its columns alone, in no time. */
const hasRows = ({ bytes, layout }: Piece): boolean => bytes.length > 0 || !!layout?.inFile;

interface Others {
  /** Null where none of them needs more; of the last pieces none has one waiting, which the calling thread could be done with sooner. */
  score(piece: Piece, isLast: boolean): Promise<Scored> | null;
  close(): Promise<void>;
}

/** One is worked on while others wait, so many that there is one as long as the calling thread scores its own. A thread that starts has one that waits. */
const mostOfOne = 3;

function startOthers(model: Model, job: Job, count: number, started: readonly Worker[]): Others {
  const [starts, giveBack] = shareForThreads(model, count);
  // What has ended has no number.
  const ready = started.filter(({ threadId }) => threadId !== -1);
  const others = starts.map((start, i) => new Other(ready[i] ?? startThread(), { start, job }));
  return {
    score(piece, isLast) {
      let freest = null as Other | null;
      for (const other of others) {
        const most = other.isReady && !isLast ? mostOfOne : 1;
        if (other.underWay < (freest?.underWay ?? most)) freest = other;
      }
      return freest?.score(piece) ?? null;
    },
    async close() {
      await Promise.all(others.map((other) => other.close()));
      giveBack();
    },
  };
}

interface Waiting {
  resolve(scored: Scored): void;
  reject(error: NuthatchError): void;
}

/** A thread, which answers pieces in their order. */
class Other {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #failure: NuthatchError | null = null;
  isReady = false;

  constructor(worker: Worker, start: WorkerStart) {
    this.#worker = worker;
    worker.ref();
    worker.postMessage(start);
    worker.on('message', (reply: Reply) => this.#take(reply));
    worker.on('error', (error) => this.#fail(error.message));
    worker.on('exit', (code) => this.#fail(`its exit code is ${code}`));
  }

  get underWay(): number {
    return this.#waiting.length;
  }

  score(piece: Piece): Promise<Scored> {
    return new Promise((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(piece, [piece.bytes.buffer]);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(reply: Reply): void {
    if (reply === 'ready') this.isReady = true;
    else if ('code' in reply)
      this.#waiting.shift()!.reject(new NuthatchError(reply.code, reply.path, reply.message));
    else this.#waiting.shift()!.resolve(reply);
  }

  /** The next piece finds it out where none is under way. */
  #fail(reason: string): void {
    this.#failure ??= new NuthatchError('threads', '', `a worker thread cannot run: ${reason}`);
    this.isReady = true;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}
