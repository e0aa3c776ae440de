import { NuthatchError } from 'nuthatch';

/**
 * Runs of equal integers and groups of packed ones, in turn: how levels and the numbers of a dictionary are stored. Runs are passed over in one step, so that
 * a page of a billion equal cells takes no longer than one of ten.
 * Source: https://github.com/apache/parquet-format/blob/master/Encodings.md
 */
export class Runs {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #width: number;
  #at: number;
  /** Of the run that is being read: what is left of it; its value, or −1 and where its next one begins. */
  #left = 0;
  #value = 0;
  #bit = 0;

  constructor(bytes: Buffer, start: number, end: number, width: number) {
    if (width > 32) throw malformed(`integers of ${width} bits`);
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#width = width;
  }

  skip(count: number): void {
    for (let left = count; left > 0; ) {
      if (this.#left === 0) this.#begin();
      const some = Math.min(left, this.#left);
      this.#bit += some * this.#width;
      this.#left -= some;
      left -= some;
    }
  }

  /** How many of the next ones are 1; others are 0. */
  countOnes(count: number): number {
    let ones = 0;
    for (let left = count; left > 0; ) {
      if (this.#left === 0) this.#begin();
      const some = Math.min(left, this.#left);
      if (this.#value !== -1) ones += this.#value * some;
      else
        for (let i = 0, bit = this.#bit; i < some; i++, bit++)
          ones += (this.#bytes[bit >> 3]! >> (bit & 7)) & 1;
      this.#bit += some * this.#width;
      this.#left -= some;
      left -= some;
    }
    return ones;
  }

  /** Reads the next ones. */
  read(out: Uint32Array | Uint8Array): void {
    for (let to = 0; to < out.length; ) {
      if (this.#left === 0) this.#begin();
      const some = Math.min(out.length - to, this.#left);
      if (this.#value !== -1) out.fill(this.#value, to, to + some);
      else unpack(this.#bytes, this.#bit, this.#width, out, to, some);
      this.#bit += some * this.#width;
      this.#left -= some;
      to += some;
    }
  }

  #begin(): void {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#byte();
      if (shift > 28 || (shift === 28 && byte > 15)) throw malformed('a run is too long');
      head += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    const count = Math.floor(head / 2);
    if (count === 0) return;
    if (head % 2 === 0) {
      this.#value = 0;
      for (let i = 0; i < this.#width; i += 8) this.#value += this.#byte() * 2 ** i;
      if (this.#value >= 2 ** this.#width) throw malformed('an integer of a run is too large');
      this.#left = count;
      return;
    }
    // The last group may lack the bytes of what is not there.
    const room =
      this.#width === 0 ? count * 8 : Math.floor(((this.#end - this.#at) * 8) / this.#width);
    this.#value = -1;
    this.#left = Math.min(count * 8, room);
    if (this.#left === 0) throw malformed('it ends too early');
    this.#bit = this.#at * 8;
    this.#at = Math.min(this.#end, this.#at + count * this.#width);
  }

  #byte(): number {
    if (this.#at >= this.#end) throw malformed('it ends too early');
    return this.#bytes[this.#at++]!;
  }
}

/** Reads integers of `width` bits, the low ones first; callers know that they are there. */
export function unpack(
  bytes: Buffer,
  bit: number,
  width: number,
  out: Uint32Array | Uint8Array,
  to: number,
  count: number,
): void {
  if (width === 0) {
    out.fill(0, to, to + count);
    return;
  }
  // Four bytes at a time, as long as they are there.
  const room = Math.floor(((bytes.length - 4) * 8 - bit) / width);
  const fast = width > 25 ? 0 : Math.max(0, Math.min(count, room));
  unpackWords(bytes, bit, width, out, to, fast);
  for (let i = fast; i < count; i++) out[to + i] = readBits(bytes, bit + i * width, width);
}

/** Apart from what is left over, which is so rare that the loop would be compiled without it, and again. */
function unpackWords(
  bytes: Buffer,
  bit: number,
  width: number,
  out: Uint32Array | Uint8Array,
  to: number,
  count: number,
): void {
  const mask = 2 ** width - 1;
  for (let i = 0, at = bit; i < count; i++, at += width) {
    const start = at >> 3;
    const word =
      bytes[start]! |
      (bytes[start + 1]! << 8) |
      (bytes[start + 2]! << 16) |
      (bytes[start + 3]! << 24);
    out[to + i] = (word >>> (at & 7)) & mask;
  }
}

/** An integer of up to 53 bits. */
export function readBits(bytes: Buffer, bit: number, width: number): number {
  let value = 0;
  let scale = 1;
  let at = Math.floor(bit / 8);
  let from = bit % 8;
  for (let left = width; left > 0; ) {
    const some = Math.min(8 - from, left);
    value += (((bytes[at] ?? 0) >> from) & (2 ** some - 1)) * scale;
    scale *= 2 ** some;
    left -= some;
    at++;
    from = 0;
  }
  return value;
}

const malformed = (message: string): NuthatchError => new NuthatchError('malformed', '', message);
