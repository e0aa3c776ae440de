import { Work } from './work.js';

/** Lets pieces of work run one at a time, and what has come meanwhile between them. */
export class Turns {
  readonly #waiting: { readonly resolve: () => void; readonly since: number }[] = [];
  readonly #work = new Work();

  /** Milliseconds of work for which the one whose turn is next has waited: while other processes have the machine, none is behind. */
  get wait(): number {
    const [first] = this.#waiting;
    return first === undefined ? 0 : worked() - first.since;
  }

  /** Milliseconds of work before all that wait have had a turn. */
  get ahead(): number {
    return this.#waiting.length * this.#work.msPerPiece;
  }

  /** Resolves when it is this piece's turn: after those that asked before. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ resolve, since: worked() });
      if (this.#waiting.length === 1) setImmediate(this.#next);
    });
  }

  readonly #next = (): void => {
    const now = performance.now();
    if (this.#work.yields(now)) {
      setImmediate(this.#next);
      return;
    }
    this.#work.begin(now);
    this.#waiting.shift()!.resolve();
    // Behind the piece, which runs when this has returned.
    queueMicrotask(() => this.#work.end(performance.now(), 1));
    if (this.#waiting.length > 0) setImmediate(this.#next);
  };
}

/** Milliseconds that this process has computed. */
function worked(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
