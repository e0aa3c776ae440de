/** Lets pieces of work run one at a time, and what has come meanwhile between them. */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is this piece's turn: after those that asked before. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(this.#next);
    });
  }

  readonly #next = (): void => {
    this.#waiting.shift()!();
    if (this.#waiting.length > 0) setImmediate(this.#next);
  };
}
