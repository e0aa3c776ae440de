import type { CategorySets } from '../../src/ir/index.js';

/** Collects the category sets of splits; what a set marks nowhere goes to the other side. */
export class SetTable {
  readonly #side: 'left' | 'right';
  readonly #reading: CategorySets['reading'];
  readonly #starts: number[] = [0];
  readonly #words: number[] = [];

  /** `side`: where the listed categories go. */
  constructor(side: 'left' | 'right', reading: CategorySets['reading']) {
    this.#side = side;
    this.#reading = reading;
  }

  /** The index of a set of these bits. */
  add(bits: ArrayLike<number>): number {
    const half = Math.max(bits.length, 1);
    const words = new Uint32Array(2 * half);
    words.set(bits, this.#side === 'left' ? 0 : half);
    for (const word of words) this.#words.push(word);
    this.#starts.push(this.#words.length);
    return this.#starts.length - 2;
  }

  categories(): CategorySets | null {
    const count = this.#starts.length - 1;
    if (count === 0) return null;
    return {
      starts: Uint32Array.from(this.#starts),
      words: Uint32Array.from(this.#words),
      unlisted: new Uint8Array(count).fill(this.#side === 'left' ? 1 : 0),
      reading: this.#reading,
    };
  }
}
