import { NuthatchError, refuse } from '../errors.js';
import { fromFailure, type Reply, type Share, type Start, type Task } from './message.js';

/** A worker thread, as the host starts it. */
export interface Worker {
  post(message: Start | Task): void;
  /** Whether it keeps the process alive. */
  hold(alive: boolean): void;
  end(): Promise<void>;
}

/** What a host tells of a thread that it has started. */
export interface Listener {
  reply(reply: Reply): void;
  /** It has ended by itself, or could not start: the reason, in words. */
  ended(reason: string): void;
}

export type StartWorker = (listener: Listener) => Worker;

interface Thread {
  readonly worker: Worker;
  /** Takes what the thread says next; null while it has nothing to do. */
  settle: ((reply: Reply | { readonly ended: string }) => void) | null;
}

/** A method asked for some rows. */
interface Asked {
  /** All rows in one part. */
  readonly whole: () => Task;
  resolve(answers: Share[]): void;
  reject(error: unknown): void;
}

/** Parts go to threads one by one, as they become free. */
interface Call extends Asked {
  readonly parts: Task[];
  readonly answers: Share[];
  next: number;
  answered: number;
}

/** Threads that share a model, and what waits for them. */
export class Pool {
  readonly #threads = new Set<Thread>();
  readonly #free: Thread[] = [];
  /** Calls with parts that no thread has yet. Each gives one part in its turn, so that none waits for all of a larger one. */
  readonly #waiting: Call[] = [];
  readonly #underWay = new Set<Call>();
  #closing: Promise<void> | null = null;
  /** Called when there is nothing left to do. */
  #rested: () => void = () => {};

  /** Starts a thread for each message, and resolves when all are ready; rejects, and ends them, if one is not. */
  static async start(startWorker: StartWorker, starts: readonly Start[]): Promise<Pool> {
    const pool = new Pool();
    try {
      await Promise.all(starts.map((start) => pool.#add(startWorker, start)));
    } catch (error) {
      await pool.#end();
      // A page's policy may forbid workers.
      throw error instanceof NuthatchError ? error : deadThread((error as Error).message);
    }
    pool.#hold(false);
    return pool;
  }

  /**
   * The answers to the parts, in any order. Where a part is refused, `whole` is asked instead: the first bad row of a part need not be what
   * the model would have met first.
   */
  run(parts: Iterable<Task>, whole: () => Task): Promise<Share[]> {
    return new Promise((resolve, reject) => {
      if (this.#closing) refuse('usage', 'parallel', 'the threads are closed');
      if (this.#threads.size === 0) refuse('threads', 'parallel', 'all threads have ended');
      if (this.#underWay.size === 0) this.#hold(true);
      this.#ask(parts, { whole, resolve, reject });
    });
  }

  /** Ends the threads once all calls have been answered, and no thread works for one that failed: browsers do not say when a thread has ended. */
  close(): Promise<void> {
    this.#closing ??= new Promise<void>((resolve) => {
      this.#rested = resolve;
      this.#rest();
    }).then(() => this.#end());
    return this.#closing;
  }

  #add(startWorker: StartWorker, start: Start): Promise<void> {
    return new Promise((resolve, reject) => {
      const worker = startWorker({
        reply: (reply) => this.#settle(thread, reply),
        ended: (reason) => {
          this.#threads.delete(thread);
          const free = this.#free.indexOf(thread);
          if (free !== -1) this.#free.splice(free, 1);
          this.#settle(thread, { ended: reason });
          if (this.#threads.size === 0)
            for (const call of this.#waiting.splice(0)) this.#fail(call, deadThread(reason));
          this.#rest();
        },
      });
      const thread: Thread = {
        worker,
        settle: (reply) => {
          if ('answer' in reply) {
            this.#free.push(thread);
            resolve();
          } else reject(errorOf(reply));
        },
      };
      this.#threads.add(thread);
      worker.post(start);
    });
  }

  #settle(thread: Thread, reply: Reply | { readonly ended: string }): void {
    const { settle } = thread;
    thread.settle = null;
    settle?.(reply);
  }

  /** Parts are taken one after another, each only when the one before is on its way to a free thread. */
  #ask(parts: Iterable<Task>, { whole, resolve, reject }: Asked): void {
    const call: Call = { whole, resolve, reject, parts: [], answers: [], next: 0, answered: 0 };
    this.#underWay.add(call);
    for (const part of parts) {
      call.parts.push(part);
      if (!this.#waiting.includes(call)) this.#waiting.push(call);
      this.#dispatch();
    }
  }

  #dispatch(): void {
    while (this.#free.length > 0 && this.#waiting.length > 0) {
      const thread = this.#free.shift()!;
      const call = this.#waiting.shift()!;
      const part = call.parts[call.next++]!;
      if (call.next < call.parts.length) this.#waiting.push(call);
      thread.settle = (reply) => {
        if (!('ended' in reply)) this.#free.push(thread);
        if ('answer' in reply) this.#keep(call, reply.answer);
        else this.#fail(call, errorOf(reply));
        this.#dispatch();
        this.#rest();
      };
      thread.worker.post(part);
    }
  }

  #keep(call: Call, shares: readonly Share[]): void {
    call.answers.push(...shares);
    call.answered++;
    if (call.answered < call.parts.length || !this.#underWay.delete(call)) return;
    call.resolve(call.answers);
  }

  #fail(call: Call, error: unknown): void {
    // It may have failed before, in another part.
    if (!this.#underWay.delete(call)) return;
    const at = this.#waiting.indexOf(call);
    if (at !== -1) this.#waiting.splice(at, 1);
    if (call.parts.length > 1 && isRefusal(error)) this.#ask([call.whole()], call);
    else call.reject(error);
  }

  /** Lets the process end where there is nothing to do, for now or for ever. */
  #rest(): void {
    const busy = [...this.#threads].some(({ settle }) => settle !== null);
    if (busy || this.#underWay.size > 0) return;
    this.#hold(false);
    this.#rested();
  }

  #hold(alive: boolean): void {
    for (const { worker } of this.#threads) worker.hold(alive);
  }

  async #end(): Promise<void> {
    const ending = [...this.#threads].map(({ worker }) => worker.end());
    this.#threads.clear();
    this.#free.length = 0;
    await Promise.all(ending);
  }
}

/** Whether a thread refused what it was asked, and lives on. */
const isRefusal = (error: unknown): boolean =>
  error instanceof NuthatchError && error.code !== 'threads';

const deadThread = (reason: string): NuthatchError =>
  new NuthatchError('threads', 'parallel', `a worker thread cannot run: ${reason}`);

const errorOf = (
  reply: Exclude<Reply, { answer: unknown }> | { readonly ended: string },
): unknown => ('ended' in reply ? deadThread(reply.ended) : fromFailure(reply.failure));
