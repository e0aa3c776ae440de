import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Lets a job end in order when its process is told to (Ctrl-C), once: the second time the system ends it. Where the job keeps this thread busy for
 * long a signal would wait for it, so that there the system ends it the first time.
 */
export class Interruption {
  readonly #controller = new AbortController();
  #exitCode: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #last = Number.NEGATIVE_INFINITY;
  #listens = false;

  readonly signal: AbortSignal = this.#controller.signal;

  /** The exit code that says so; null where it was not told to. */
  get exitCode(): number | null {
    return this.#exitCode;
  }

  /** The job has done its first part, and now there is something to be kept. */
  begin(): void {
    this.#timer ??= setInterval(() => this.#tick(), longest / 10).unref();
  }

  close(): void {
    clearInterval(this.#timer ?? undefined);
    this.#listen(false);
  }

  #tick(): void {
    const now = performance.now();
    this.#listen(now - this.#last < longest);
    this.#last = now;
  }

  #listen(on: boolean): void {
    if (on === this.#listens) return;
    this.#listens = on;
    for (const signal of signals) {
      if (on) process.on(signal, this.#told);
      else process.off(signal, this.#told);
    }
  }

  readonly #told = (signal: (typeof signals)[number]): void => {
    this.close();
    this.#exitCode = 128 + constants.signals[signal];
    this.#controller.abort();
  };
}

/** Milliseconds that somebody waits after Ctrl-C. */
const longest = 2000;
