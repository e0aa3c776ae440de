import { refuse } from '../../src/errors.js';

/** Counts what a file takes before it is taken: so much, and four times its own size. */
export class Memory {
  #left: number;
  /** What has been taken for good within what is given back. */
  #kept = 0;

  constructor(fileBytes: number, most: number) {
    this.#left = most + 4 * fileBytes;
  }

  spend(bytes: number): void {
    this.#left -= bytes;
    if (!(this.#left >= 0)) refuse('limit-exceeded', '', 'the file holds too much for its size');
  }

  /** The same, also where the rest is given back. */
  keep(bytes: number): void {
    this.spend(bytes);
    this.#kept += bytes;
  }

  /** What a function gives, whose own memory is given back when it ends. */
  within<T>(work: () => T): T {
    const left = this.#left;
    const kept = this.#kept;
    const result = work();
    this.#left = left - (this.#kept - kept);
    return result;
  }
}
