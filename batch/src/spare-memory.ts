/** Memory of pieces that are done, for those that come: of what is thrown away hundreds of megabytes pile up before it is collected. */
export class SpareMemory {
  readonly #buffers: ArrayBuffer[] = [];

  take(length: number): Buffer<ArrayBuffer> {
    const at = this.#buffers.findIndex(({ byteLength }) => byteLength >= length);
    const [found = new ArrayBuffer(length)] = at === -1 ? [] : this.#buffers.splice(at, 1);
    return Buffer.from(found, 0, length);
  }

  give(buffer: ArrayBuffer): void {
    this.#buffers.unshift(buffer);
    this.#buffers.splice(most);
  }
}

const most = 8;
