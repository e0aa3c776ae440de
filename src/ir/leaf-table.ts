/** Collects leaf vectors and stores equal ones (bit for bit) once. A fully grown classifier has as many as it has classes. */
export class LeafTable {
  readonly #columns: number;
  #values: Float64Array;
  #words: Uint32Array;
  #count = 0;
  /** Open addressing: index + 1 of the vector in each place, 0 for empty. At most half full. */
  #places = new Uint32Array(64);

  constructor(columns: number) {
    this.#columns = columns;
    this.#values = new Float64Array(16 * columns);
    this.#words = new Uint32Array(this.#values.buffer);
  }

  /** The index of the vector of `columns` values from `offset` on. */
  add(source: Float64Array, offset: number): number {
    const columns = this.#columns;
    this.#reserve();
    this.#values.set(source.subarray(offset, offset + columns), this.#count * columns);
    const candidate = this.#count * columns * 2;
    let place = this.#hash(candidate) & (this.#places.length - 1);
    for (;;) {
      const found = this.#places[place]!;
      if (found === 0) {
        this.#places[place] = ++this.#count;
        return this.#count - 1;
      }
      if (this.#equal((found - 1) * columns * 2, candidate)) return found - 1;
      place = (place + 1) & (this.#places.length - 1);
    }
  }

  /** All distinct vectors, in the order of their first appearance. */
  values(): Float64Array {
    return this.#values.slice(0, this.#count * this.#columns);
  }

  #equal(a: number, b: number): boolean {
    for (let i = 0; i < this.#columns * 2; i++)
      if (this.#words[a + i] !== this.#words[b + i]) return false;
    return true;
  }

  #hash(offset: number): number {
    let hash = 0x9e3779b1;
    for (let i = 0; i < this.#columns * 2; i++) {
      hash = Math.imul(hash ^ this.#words[offset + i]!, 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }

  #reserve(): void {
    if ((this.#count + 1) * this.#columns > this.#values.length) {
      const grown = new Float64Array(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
      this.#words = new Uint32Array(grown.buffer);
    }
    if ((this.#count + 1) * 2 > this.#places.length) {
      this.#places = new Uint32Array(this.#places.length * 2);
      for (let vector = 0; vector < this.#count; vector++) {
        let place = this.#hash(vector * this.#columns * 2) & (this.#places.length - 1);
        while (this.#places[place] !== 0) place = (place + 1) & (this.#places.length - 1);
        this.#places[place] = vector + 1;
      }
    }
  }
}
