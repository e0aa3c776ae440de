import { refuse } from '../errors.js';
import type { Terms } from '../ir/index.js';

/** Terms that may lie on the way to one: honest ones are a few dozen at most. */
const longestWay = 1000;

export const hashStart = 0x811c9dc5 | 0;

/** The hash of what was hashed so far and one code unit more. */
export const hashUnit = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193);

/** Finds terms by their code units, where they lie: no string is made of any. */
export class TermTable {
  readonly #units: Terms['units'];
  readonly #starts: Uint32Array;
  /** Open addressing: a term's hash, and its index + 1, 0 for empty. At most half full. */
  readonly #hashes: Int32Array;
  readonly #places: Int32Array;

  constructor({ units, starts }: Terms) {
    this.#units = units;
    this.#starts = starts;
    const count = starts.length - 1;
    let size = 4;
    while (size < count * 2) size *= 2;
    this.#hashes = new Int32Array(size);
    this.#places = new Int32Array(size);
    for (let term = 0; term < count; term++) {
      let hash = hashStart;
      for (let i = starts[term]!; i < starts[term + 1]!; i++) hash = hashUnit(hash, units[i]!);
      let place = this.#first(hash);
      let way = 0;
      for (; this.#places[place] !== 0; place = (place + 1) & (size - 1))
        if (++way > longestWay)
          refuse('limit-exceeded', 'model', 'a vocabulary that is slow on purpose');
      this.#hashes[place] = hash;
      this.#places[place] = term + 1;
    }
  }

  /** The index of the term that is `units` from `from` to `to`, whose hash that is; −1 where there is none. The first of equal terms. */
  find(units: Uint16Array, from: number, to: number, hash: number): number {
    const places = this.#places;
    const mask = places.length - 1;
    for (let place = this.#first(hash); places[place] !== 0; place = (place + 1) & mask) {
      const term = places[place]! - 1;
      if (this.#hashes[place] === hash && this.#equal(term, units, from, to)) return term;
    }
    return -1;
  }

  #first(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.#places.length - 1);
  }

  #equal(term: number, units: Uint16Array, from: number, to: number): boolean {
    const start = this.#starts[term]!;
    if (this.#starts[term + 1]! - start !== to - from) return false;
    for (let i = from; i < to; i++) if (this.#units[start + i - from] !== units[i]) return false;
    return true;
  }
}
