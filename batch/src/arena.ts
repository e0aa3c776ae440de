type TypedArray =
  | Uint8Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** Enough for most pieces. The system gives memory when it is first written to: what is not needed is not there. */
const usual = 2 ** 24;

/**
 * Memory of a thread, in which arrays are laid one behind another and passed over together. Arrays of their own for each page are collected when there are a
 * hundred million bytes of them, in each thread.
 */
export class Arena {
  #memory = new ArrayBuffer(0);
  #used = 0;
  #needed = 0;

  /** An array in which anything may stand. */
  take<T extends TypedArray>(
    Type: {
      new (memory: ArrayBuffer, offset: number, length: number): T;
      BYTES_PER_ELEMENT: number;
    },
    length: number,
  ): T {
    if (this.#memory.byteLength === 0) this.#memory = new ArrayBuffer(usual);
    const bytes = Math.ceil((length * Type.BYTES_PER_ELEMENT) / 8) * 8;
    const start = this.#used;
    this.#used += bytes;
    this.#needed = Math.max(this.#needed, this.#used);
    return this.#used <= this.#memory.byteLength
      ? new Type(this.#memory, start, length)
      : new Type(new ArrayBuffer(bytes), 0, length);
  }

  /** Where the next array will lie. */
  get mark(): number {
    return this.#used;
  }

  /** Passes over what was taken since it had this mark. */
  release(mark: number): void {
    this.#used = mark;
  }

  /** Passes over everything. It grows then to what was needed, so that no array moves. */
  clear(): void {
    this.#used = 0;
    if (this.#needed > this.#memory.byteLength) this.#memory = new ArrayBuffer(this.#needed);
  }
}
