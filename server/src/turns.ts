/** Lets pieces of work run one at a time, and what has come meanwhile between them. */
export class Turns {
  readonly #waiting: { readonly resolve: () => void; readonly since: number }[] = [];

  #idle = 0;

  /** Milliseconds of work for which the one whose turn is next has waited: while other processes have the machine, none is behind. */
  get wait(): number {
    const [first] = this.#waiting;
    return first === undefined ? 0 : worked() - first.since;
  }

  /** Resolves when it is this piece's turn: after those that asked before. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ resolve, since: worked() });
      if (this.#waiting.length === 1) setImmediate(this.#next);
    });
  }

  readonly #next = (): void => {
    if (this.#idle > 0) {
      this.#idle--;
      setImmediate(this.#next);
      return;
    }
    this.#idle = turnsBetween;
    this.#waiting.shift()!.resolve();
    if (this.#waiting.length > 0) setImmediate(this.#next);
  };
}

/** Turns of the event loop between two pieces, a few microseconds each. One connection is accepted in each: probes come on new ones. */
const turnsBetween = 16;

/** Milliseconds that this process has computed. */
function worked(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
