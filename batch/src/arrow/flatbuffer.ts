import { NuthatchError } from 'nuthatch';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A table of a flatbuffer, its fields by their numbers in the schema. Every offset in one may lie: whatever reads beyond the bytes throws a RangeError,
 * since Buffer's own methods do, and lists are as long as bytes are there. Arrow's JavaScript libraries take what they find, and the heap with it.
 */
export class FlatTable {
  readonly #bytes: Buffer;
  readonly #at: number;
  readonly #vtable: number;
  readonly #end: number;

  private constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#vtable = at - bytes.readInt32LE(at);
    this.#end = this.#vtable + bytes.readUInt16LE(this.#vtable);
  }

  static root(bytes: Buffer): FlatTable {
    return new FlatTable(bytes, bytes.readUInt32LE(0));
  }

  byte(field: number, absent = 0): number {
    const at = this.#place(field);
    return at === 0 ? absent : this.#bytes.readUInt8(at);
  }

  short(field: number, absent = 0): number {
    const at = this.#place(field);
    return at === 0 ? absent : this.#bytes.readInt16LE(at);
  }

  int(field: number): number {
    const at = this.#place(field);
    return at === 0 ? 0 : this.#bytes.readInt32LE(at);
  }

  /** An integer of 64 bits. */
  long(field: number): number {
    const at = this.#place(field);
    return at === 0 ? 0 : longAt(this.#bytes, at);
  }

  text(field: number): string {
    const at = this.#place(field);
    if (at === 0) return '';
    const { start, count } = this.#list(at, 1);
    return utf8.decode(this.#bytes.subarray(start, start + count));
  }

  table(field: number): FlatTable | null {
    const at = this.#place(field);
    return at === 0 ? null : new FlatTable(this.#bytes, this.#follow(at));
  }

  tables(field: number): FlatTable[] {
    const at = this.#place(field);
    if (at === 0) return [];
    const { start, count } = this.#list(at, 4);
    return Array.from(
      { length: count },
      (_, i) => new FlatTable(this.#bytes, this.#follow(start + 4 * i)),
    );
  }

  /** Integers of 64 bits that stand behind one another: a list of structs of so many. */
  longs(field: number, each = 1): Float64Array {
    const at = this.#place(field);
    if (at === 0) return new Float64Array(0);
    const { start, count } = this.#list(at, 8 * each);
    return Float64Array.from({ length: count * each }, (_, i) =>
      longAt(this.#bytes, start + 8 * i),
    );
  }

  /** Where a field stands; 0 where it does not. */
  #place(field: number): number {
    const slot = this.#vtable + 4 + 2 * field;
    if (slot + 2 > this.#end) return 0;
    const offset = this.#bytes.readUInt16LE(slot);
    return offset === 0 ? 0 : this.#at + offset;
  }

  #follow(at: number): number {
    return at + this.#bytes.readUInt32LE(at);
  }

  #list(at: number, size: number): { start: number; count: number } {
    const start = this.#follow(at) + 4;
    const count = this.#bytes.readUInt32LE(start - 4);
    if (count * size > this.#bytes.length - start) throw new RangeError('a list is too long');
    return { start, count };
  }
}

function longAt(bytes: Buffer, at: number): number {
  const value = Number(bytes.readBigInt64LE(at));
  if (!Number.isSafeInteger(value)) throw new RangeError(`a number is ${value}`);
  return value;
}

/** Reads what is damaged perhaps. @throws NuthatchError `malformed`, and those of `read`, with the place where they have none */
export function readChecked<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw asTyped(place, error);
  }
}

/** The same of what is not there yet. */
export async function readCheckedAsync<T>(place: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw asTyped(place, error);
  }
}

function asTyped(place: string, error: unknown): unknown {
  if (error instanceof NuthatchError)
    return error.path === '' ? new NuthatchError(error.code, place, error.message) : error;
  // Of what is out of bounds, or of a text that is no UTF-8.
  if (!(error instanceof RangeError || error instanceof TypeError)) return error;
  return new NuthatchError('malformed', place, `it cannot be read: ${error.message}`);
}
