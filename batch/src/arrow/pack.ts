import { NuthatchError } from 'nuthatch';
import type { ReadPart } from '../byte-reader.js';
import type { SpareMemory } from '../spare-memory.js';
import { type BatchLayout, type ColumnLayout, moveColumn } from './layout.js';

/** A piece may not take more. */
const mostBytes = 2 ** 28;

/** Puts the buffers of columns one after the other into memory of their own, which can be handed to another thread. */
export class Packer {
  readonly #parts: {
    readonly read: ReadPart;
    readonly start: number;
    readonly length: number;
    readonly to: number;
  }[] = [];
  #length = 0;

  /** Where the columns of a batch will stand, whose body `read` reads. */
  add(layout: BatchLayout, read: ReadPart): BatchLayout {
    const move = (column: ColumnLayout): ColumnLayout => {
      const moved = moveColumn(column, this.#length, ([start, end], to) =>
        this.#parts.push({ read, start, length: end - start, to }),
      );
      this.#length = moved.end;
      return moved.column;
    };
    return { ...layout, columns: layout.columns.map((column) => column && move(column)) };
  }

  async pack(memory: SpareMemory): Promise<Buffer<ArrayBuffer>> {
    if (this.#length > mostBytes)
      throw new NuthatchError(
        'limit-exceeded',
        '',
        `a batch of ${this.#length} bytes; write batches of fewer rows, such as 65536`,
      );
    const bytes = memory.take(this.#length);
    for (const { read, start, length, to } of this.#parts)
      await read(bytes.subarray(to, to + length), start);
    return bytes;
  }
}
