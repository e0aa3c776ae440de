import { NuthatchError } from '../../src/errors.js';

/** Bytes and a place in them; every read is checked against what is left. */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.offset = offset;
  }

  /** Moves past `length` bytes and returns where they began. */
  skip(length: number): number {
    const start = this.offset;
    if (!(length <= this.bytes.length - start)) throw this.truncated();
    this.offset = start + length;
    return start;
  }

  take(length: number): Uint8Array {
    const start = this.skip(length);
    return this.bytes.subarray(start, start + length);
  }

  uint8(): number {
    const start = this.skip(1);
    return this.bytes[start]!;
  }

  uint16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.skip(4), true);
  }

  /** A length: of more than 2⁵³ there are never as many bytes. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.skip(8), true));
  }

  /** Big-endian, as pickle has its floats. */
  float64(): number {
    return this.#view.getFloat64(this.skip(8), false);
  }

  /** Bytes up to a line feed, which is passed over. */
  line(): Uint8Array {
    const end = this.bytes.indexOf(0x0a, this.offset);
    if (end < 0) throw this.truncated();
    const line = this.take(end - this.offset);
    this.offset++;
    return line;
  }

  truncated(): NuthatchError {
    return new NuthatchError(
      'truncated',
      '',
      `the file ends at byte ${this.bytes.length}, in the middle of what begins at ${this.offset}`,
    );
  }

  malformed(message: string): NuthatchError {
    return new NuthatchError('malformed', '', `at byte ${this.offset}: ${message}`);
  }
}
