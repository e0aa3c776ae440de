/** Reads so many bytes at a time from a stream of chunks. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #waiting: Uint8Array[] = [];
  #length = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next bytes, fewer at the end; they stay. */
  async peek(count: number): Promise<Buffer> {
    while (this.#length < count && (await this.#more()));
    const [first] = this.#waiting;
    if (first && first.length >= count) return Buffer.from(first.buffer, first.byteOffset, count);
    return this.#join(count);
  }

  /** The next bytes, fewer at the end, in memory of their own. */
  async take(count: number): Promise<Buffer<ArrayBuffer>> {
    while (this.#length < count && (await this.#more()));
    const taken = this.#join(count);
    let left = taken.length;
    this.#length -= left;
    while (left > 0) {
      const [first] = this.#waiting as [Uint8Array];
      if (first.length > left) this.#waiting[0] = first.subarray(left);
      else this.#waiting.shift();
      left -= Math.min(left, first.length);
    }
    return taken;
  }

  #join(count: number): Buffer<ArrayBuffer> {
    const joined = Buffer.from(new ArrayBuffer(Math.min(count, this.#length)));
    let at = 0;
    for (const part of this.#waiting) {
      joined.set(part.subarray(0, joined.length - at), at);
      at += part.length;
      if (at >= joined.length) break;
    }
    return joined;
  }

  /** Whether the stream ends with a text, of which this reads all that is left. */
  async endsWith(text: string): Promise<boolean> {
    let end = Buffer.concat(this.#waiting, this.#length);
    for (;;) {
      const { value, done } = await this.#chunks.next();
      if (done) return end.toString('latin1').endsWith(text);
      end = Buffer.concat([end.subarray(-text.length), value]);
    }
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    if (done) return false;
    this.#waiting.push(value);
    this.#length += value.length;
    return true;
  }
}
