/** Of a series that a row says nothing of: a method that was not asked for. */
export const absent = 0xffff;

/** The last rows, as the bins that their cells fall into, and how many fall into each: memory is bounded, and a row costs a few additions. */
export class Window {
  /** Of each series: rows in each bin. */
  readonly counts: readonly Uint32Array[];
  readonly #capacity: number;
  readonly #codes: Uint16Array;
  readonly #times: Float64Array;
  #oldest = 0;
  #rows = 0;

  /** @param bins of each series */
  constructor(bins: readonly number[], capacity: number) {
    this.counts = bins.map((length) => new Uint32Array(length));
    this.#capacity = capacity;
    this.#codes = new Uint16Array(capacity * bins.length);
    this.#times = new Float64Array(capacity);
  }

  get rows(): number {
    return this.#rows;
  }

  /** When the oldest of the rows came; null without any. */
  get since(): number | null {
    return this.#rows === 0 ? null : this.#times[this.#oldest]!;
  }

  /** Takes a row in, and the oldest out where there are enough. */
  push(codes: ArrayLike<number>, time: number): void {
    if (this.#rows === this.#capacity) this.#drop();
    const row = (this.#oldest + this.#rows) % this.#capacity;
    this.#times[row] = time;
    this.counts.forEach((counts, i) => {
      const code = codes[i]!;
      this.#codes[row * this.counts.length + i] = code;
      if (code !== absent) counts[code]!++;
    });
    this.#rows++;
  }

  /** Takes out what came before a time. */
  expire(time: number): void {
    while (this.#rows > 0 && this.#times[this.#oldest]! < time) this.#drop();
  }

  #drop(): void {
    this.counts.forEach((counts, i) => {
      const code = this.#codes[this.#oldest * this.counts.length + i]!;
      if (code !== absent) counts[code]!--;
    });
    this.#oldest = (this.#oldest + 1) % this.#capacity;
    this.#rows--;
  }
}
