import { NuthatchError } from '../../src/errors.js';

/** What a file may hold and ask for, all of its parts together. */
const mostOperations = 50_000_000;
const mostRemembered = 1_000_000;
/** After so many bytes it is told how far they are. */
const bytesTold = 2 ** 20;

/** Bytes and a place in them; every read is checked against what is left, and what is made of them against what they are worth. */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  offset = 0;
  #operations = mostOperations;
  #remembered = mostRemembered;
  #memory: number;
  readonly #onProgress: ((step: 'read', share: number) => void) | undefined;
  #told = 0;

  /** `memoryBytes` may be made beyond four times what there is. */
  constructor(
    bytes: Uint8Array,
    memoryBytes: number,
    onProgress?: (step: 'read', share: number) => void,
  ) {
    this.#onProgress = onProgress;
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#memory = memoryBytes + 4 * bytes.length;
  }

  /** Before so many bytes of memory are taken, or as much work is done: one byte of a file can ask for a million. */
  spend(bytes: number): void {
    this.#memory -= bytes;
    if (!(this.#memory >= 0)) throw tooMuch('values for its size');
  }

  countOperation(): void {
    if (--this.#operations < 0) throw tooMuch('operations');
    if (this.offset - this.#told < bytesTold) return;
    this.#told = this.offset;
    this.#onProgress?.('read', this.offset / this.bytes.length);
  }

  countRemembered(): void {
    if (--this.#remembered < 0) throw tooMuch('remembered values');
  }

  /** Moves past `length` bytes and returns where they began. */
  skip(length: number): number {
    const start = this.offset;
    if (!(length >= 0 && length <= this.bytes.length - start)) throw this.truncated();
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

export function tooMuch(what: string): NuthatchError {
  return new NuthatchError('limit-exceeded', '', `the file has too many ${what}`);
}
