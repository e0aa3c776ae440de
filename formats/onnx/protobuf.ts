import { NuthatchError, refuse } from '../../src/errors.js';
import type { Limits } from '../../src/ir/index.js';

/** How a field's value is written. Groups (3 and 4) are of protobufs that nobody writes. */
export const wires = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Bytes of a file with what may be made of them. Everything that costs memory is asked for before it is made. */
export class Source {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly limits: Limits;
  #memory: number;

  constructor(bytes: Uint8Array, limits: Limits) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.limits = limits;
    this.#memory = limits.memoryBytes + 4 * bytes.length;
  }

  /** Before so much memory is taken: two bytes of a file can be a message, which is an object here. */
  spend(bytes: number): void {
    this.#memory -= bytes;
    if (!(this.#memory >= 0)) refuse('limit-exceeded', '', 'the file holds too much for its size');
  }
}

/** What an object or a string takes, about. */
const objectBytes = 200;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A message, field after field: `next` goes on to the next one, whose value the other methods then read. Whatever is not asked for is
 * passed over. A message within is another `Message`, whose end is the value's.
 */
export class Message {
  readonly source: Source;
  readonly #start: number;
  readonly #end: number;
  /** Where the next field begins. */
  #at: number;
  /** Of the value: where it begins, and where it ends. */
  #from = 0;
  #to = 0;
  /** The number and the wire of the field at hand. */
  number = 0;
  wire = 0;
  #low = 0;
  #high = 0;

  constructor(source: Source, start = 0, end = source.bytes.length) {
    this.source = source;
    this.#start = start;
    this.#at = start;
    this.#end = end;
  }

  next(): boolean {
    if (this.#at >= this.#end) return false;
    this.#readVarint();
    if (this.#high !== 0 || this.#low < 8) throw this.malformed('no field has this number');
    this.number = this.#low >>> 3;
    this.wire = this.#low & 7;
    this.#from = this.#at;
    if (this.wire === wires.varint) this.#readVarint();
    else if (this.wire === wires.bytes) {
      this.#readVarint();
      this.#from = this.#at;
      this.#skip(this.#high * 2 ** 32 + this.#low);
    } else if (this.wire === wires.fixed64) this.#skip(8);
    else if (this.wire === wires.fixed32) this.#skip(4);
    else throw this.malformed(`a value is written in no known way (${this.wire})`);
    this.#to = this.#at;
    return true;
  }

  /** Back to the first field. */
  rewind(): void {
    this.#at = this.#start;
  }

  #skip(length: number): void {
    if (!(length <= this.#end - this.#at)) throw this.#truncated();
    this.#at += length;
  }

  /** A number of up to 64 bits, seven to a byte, the lowest first. */
  #readVarint(): void {
    const { bytes } = this.source;
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      if (this.#at >= this.#end) throw this.#truncated();
      const byte = bytes[this.#at++]!;
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else if (bits > 1) throw this.malformed('a number of more than 64 bits');
      else high |= bits << 31;
      if (byte < 128) break;
      if (shift === 63) throw this.malformed('a number of more than 64 bits');
    }
    this.#low = low >>> 0;
    this.#high = high >>> 0;
  }

  /** The varint that was read last, as int64. */
  #signed(): number {
    const value = (this.#high | 0) * 2 ** 32 + this.#low;
    if (!Number.isSafeInteger(value)) throw this.malformed('an integer beyond 2⁵³');
    return value;
  }

  integer(): number {
    this.#expect(wires.varint);
    return this.#signed();
  }

  float(): number {
    this.#expect(wires.fixed32);
    return this.source.view.getFloat32(this.#from, true);
  }

  bytes(): Uint8Array {
    this.#expect(wires.bytes);
    return this.source.bytes.subarray(this.#from, this.#to);
  }

  text(): string {
    const bytes = this.bytes();
    const { source } = this;
    if (bytes.length > source.limits.stringBytes)
      refuse('limit-exceeded', `byte ${this.#from}`, `a string of ${bytes.length} bytes`);
    source.spend(objectBytes + 2 * bytes.length);
    try {
      return utf8.decode(bytes);
    } catch {
      throw this.malformed('a string that is not UTF-8');
    }
  }

  message(): Message {
    this.#expect(wires.bytes);
    this.source.spend(objectBytes);
    return new Message(this.source, this.#from, this.#to);
  }

  /** How many numbers the field at hand holds: several where they are packed, else one. `size` is that of each in bytes; 0 for varints. */
  count(size: number): number {
    if (this.wire !== wires.bytes) return 1;
    const length = this.#to - this.#from;
    if (size > 0) {
      if (length % size !== 0) throw this.malformed(`numbers of ${size} bytes in ${length}`);
      return length / size;
    }
    let count = 0;
    const { bytes } = this.source;
    for (let i = this.#from; i < this.#to; i++) if (bytes[i]! < 128) count++;
    if (length > 0 && bytes[this.#to - 1]! >= 128) throw this.malformed('half a number');
    return count;
  }

  /** The integers of the field at hand, packed or not, one after another. */
  eachInteger(take: (value: number) => void): void {
    if (this.wire === wires.varint) {
      take(this.#signed());
      return;
    }
    this.#expect(wires.bytes);
    const end = this.#at;
    this.#at = this.#from;
    while (this.#at < end) {
      this.#readVarint();
      take(this.#signed());
    }
  }

  /** The float32 or float64 numbers of the field at hand, packed or not, one after another. */
  eachFloat(size: 4 | 8, take: (value: number) => void): void {
    if (this.wire !== wires.bytes) this.#expect(size === 4 ? wires.fixed32 : wires.fixed64);
    const { view } = this.source;
    for (let at = this.#from; at < this.#to; at += size)
      take(size === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true));
  }

  #expect(wire: number): void {
    if (this.wire !== wire) throw this.malformed(`field ${this.number} is of another type`);
  }

  #truncated(): NuthatchError {
    const { bytes } = this.source;
    const what = `what begins at byte ${this.#at} goes beyond byte ${this.#end}`;
    return this.#end === bytes.length
      ? new NuthatchError('truncated', '', `the file ends too early: ${what}`)
      : this.malformed(what);
  }

  malformed(message: string): NuthatchError {
    return new NuthatchError('malformed', `byte ${this.#from}`, message);
  }
}
