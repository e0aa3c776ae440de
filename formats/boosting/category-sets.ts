import { NuthatchError } from '../../src/errors.js';
import type { CategorySets } from '../../src/ir/index.js';

/** Words of all sets: a category of seven digits stands for a set of thousands of words. */
const mostWords = 2 ** 24;

/** Collects the category sets of splits; what a set does not list goes to the other side. */
export class SetTable {
  readonly #side: 'left' | 'right';
  readonly #reading: CategorySets['reading'];
  readonly #sets: Uint32Array[] = [];
  #words = 0;

  /** `side`: where the listed categories go. */
  constructor(side: 'left' | 'right', reading: CategorySets['reading']) {
    this.#side = side;
    this.#reading = reading;
  }

  /** The index of a set of these bits. */
  add(bits: ArrayLike<number>, path: string): number {
    const half = Math.max(bits.length, 1);
    this.#words += 2 * half;
    if (this.#words > mostWords)
      throw new NuthatchError(
        'limit-exceeded',
        path,
        `sets of categories of more than ${mostWords} words`,
      );
    const words = new Uint32Array(2 * half);
    words.set(bits, this.#side === 'left' ? 0 : half);
    this.#sets.push(words);
    return this.#sets.length - 1;
  }

  /** The index of the set of these categories, each below `bound`. */
  addCategories(categories: ArrayLike<number>, bound: number, path: string): number {
    let most = 0;
    for (let i = 0; i < categories.length; i++) {
      const category = categories[i]!;
      if (!(Number.isInteger(category) && category >= 0 && category < bound))
        throw new NuthatchError('malformed', path, `category ${category} of at most ${bound}`);
      most = Math.max(most, category);
    }
    const bits = new Uint32Array((most >> 5) + 1);
    for (let i = 0; i < categories.length; i++)
      bits[categories[i]! >> 5]! |= 1 << (categories[i]! & 31);
    return this.add(bits, path);
  }

  categories(): CategorySets | null {
    const count = this.#sets.length;
    if (count === 0) return null;
    const starts = new Uint32Array(count + 1);
    const words = new Uint32Array(this.#words);
    this.#sets.forEach((set, i) => {
      words.set(set, starts[i]);
      starts[i + 1] = starts[i]! + set.length;
    });
    return {
      starts,
      words,
      unlisted: new Uint8Array(count).fill(this.#side === 'left' ? 1 : 0),
      reading: this.#reading,
    };
  }
}
