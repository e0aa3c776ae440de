/**
 * Memory of pieces that are done, for those that come: new memory takes a tenth of the time to get and to give back, and of what is thrown away hundreds
 * of megabytes pile up before it is collected.
 */
export class SpareMemory {
  readonly #buffers: ArrayBuffer[] = [];

  readonly #most: number;

  /** Keeps so many pieces' at most. */
  constructor(most = 8) {
    this.#most = most;
  }

  /** So many bytes of any value. */
  take(length: number): Buffer<ArrayBuffer> {
    const at = this.#buffers.findIndex(({ byteLength }) => byteLength >= length);
    const [found = new ArrayBuffer(length + (length >> 3))] =
      at === -1 ? [] : this.#buffers.splice(at, 1);
    return Buffer.from(found, 0, length);
  }

  give(buffer: ArrayBuffer): void {
    this.#buffers.unshift(buffer);
    this.#buffers.splice(this.#most);
  }
}
