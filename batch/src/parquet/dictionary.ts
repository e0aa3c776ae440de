import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import type { Column } from '../batch.js';
import { plainValues } from './plain.js';

/** Bytes of a dictionary: each group of rows has it anew. */
const mostBytes = 2 ** 14;

/** What the cells of a column are, where that is known before, so that pages hold numbers of few bits: those of all pieces have one dictionary. */
export class Dictionary {
  readonly #numbers: ReadonlyMap<unknown, number>;
  readonly #count: number;
  readonly #values: Uint8Array;
  /** Bits of a cell. */
  readonly #width: number;

  private constructor(categories: readonly unknown[], values: Uint8Array) {
    this.#numbers = new Map(categories.map((category, number) => [category, number]));
    this.#count = categories.length;
    this.#values = values;
    this.#width = Math.max(1, 32 - Math.clz32(categories.length - 1));
  }

  /** Null where there is none, or a bit a cell is what it has anyway. */
  static of({ name, type, categories }: Column): Dictionary | null {
    if (!categories?.length || categories.length > mostBytes || type === 'boolean') return null;
    const values = plainValues(name, type, categories);
    return values.length > mostBytes ? null : new Dictionary(categories, values);
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

  /** Cells in Parquet's encoding RLE_DICTIONARY, as one run of packed numbers; null where one is none of its own, such as a label for outliers. */
  encode(cells: readonly unknown[]): Uint8Array | null {
    const groups = Math.ceil(cells.length / 8);
    const packed = new Uint8Array(groups * this.#width);
    if (!packNumbers(cells, this.#numbers, this.#width, packed)) return null;
    const writer = new ByteWriter();
    writer.appendUint8(this.#width);
    writer.appendVarInt((groups << 1) | 1);
    writer.appendBytes(packed);
    return writer.getBytes();
  }
}

/** Packs the number of each cell in so many bits, the low ones first; false where one has none. */
function packNumbers(
  cells: readonly unknown[],
  numbers: ReadonlyMap<unknown, number>,
  width: number,
  packed: Uint8Array,
): boolean {
  let at = 0;
  let held = 0;
  let bits = 0;
  for (let i = 0; i < cells.length; i++) {
    const number = numbers.get(cells[i]);
    if (number === undefined) return false;
    held |= number << bits;
    for (bits += width; bits >= 8; bits -= 8) {
      packed[at++] = held;
      held >>>= 8;
    }
  }
  if (bits > 0) packed[at] = held;
  return true;
}
