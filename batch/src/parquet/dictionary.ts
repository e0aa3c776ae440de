import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import type { Column } from '../batch.js';
import { plainValues } from './plain.js';

/** Bytes of a dictionary: each group of rows has it anew. */
const mostBytes = 2 ** 14;

/** The categories of a column, of which pages hold numbers of few bits: those of all pieces have one dictionary. */
export class Dictionary {
  readonly #count: number;
  readonly #values: Uint8Array;
  /** Bits of a cell. */
  readonly #width: number;

  private constructor(count: number, values: Uint8Array) {
    this.#count = count;
    this.#values = values;
    this.#width = Math.max(1, 32 - Math.clz32(count - 1));
  }

  /** Null where there is none, or a bit a cell is what it has anyway. */
  static of({ name, type, categories }: Column): Dictionary | null {
    if (!categories?.length || categories.length > mostBytes || type === 'boolean') return null;
    const values = plainValues(name, type, categories);
    return values.length > mostBytes ? null : new Dictionary(categories.length, values);
  }

  /** Writes the page that stands before those of cells; returns its size. */
  writePage(writer: ByteWriter): number {
    const start = writer.offset;
    const size = this.#values.length;
    writePageHeader(writer, {
      type: 'DICTIONARY_PAGE',
      uncompressed_page_size: size,
      compressed_page_size: size,
      dictionary_page_header: { num_values: this.#count, encoding: 'PLAIN' },
    });
    writer.appendBytes(this.#values);
    return writer.offset - start;
  }

  /** Numbers of categories in Parquet's encoding RLE_DICTIONARY, as one run of packed ones. */
  encode(numbers: ArrayLike<number>): Uint8Array {
    const groups = Math.ceil(numbers.length / 8);
    const packed = new Uint8Array(groups * this.#width);
    packNumbers(numbers, this.#width, packed);
    const writer = new ByteWriter();
    writer.appendUint8(this.#width);
    writer.appendVarInt((groups << 1) | 1);
    writer.appendBytes(packed);
    return writer.getBytes();
  }
}

/** Packs each number in so many bits, the low ones first. */
function packNumbers(numbers: ArrayLike<number>, width: number, packed: Uint8Array): void {
  let at = 0;
  let held = 0;
  let bits = 0;
  for (let i = 0; i < numbers.length; i++) {
    held |= numbers[i]! << bits;
    for (bits += width; bits >= 8; bits -= 8) {
      packed[at++] = held;
      held >>>= 8;
    }
  }
  if (bits > 0) packed[at] = held;
}
