import { refuse } from '../../src/errors.js';

/** Work that a file may make, in predicates: they are asked again in every branch that they are in. */
export class Effort {
  #left: number;

  constructor(bytes: number) {
    this.#left = 5_000_000 + 20 * bytes;
  }

  spend(some: number): void {
    this.#left -= some;
    if (this.#left < 0) refuse('limit-exceeded', '', 'predicates that take too long to sort out');
  }
}
