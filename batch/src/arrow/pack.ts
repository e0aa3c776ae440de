import { NuthatchError } from 'nuthatch';
import type { Arena } from '../arena.js';
import type { Held } from '../byte-reader.js';
import { closeFile, type FileState, readInto, reopenFile } from '../file.js';
import type { SpareMemory } from '../spare-memory.js';
import { type BatchLayout, type ColumnLayout, moveColumn } from './layout.js';

/** A piece may not take more. */
const mostBytes = 2 ** 28;

/** Where what becomes a piece of so many bytes lies in a file. */
export interface FileParts {
  readonly file: FileState;
  readonly length: number;
  /** Three numbers for each part: where it begins, its length, and where it goes to. */
  readonly parts: Float64Array;
}

/** Puts the buffers of columns one after the other, so that they can be handed to another thread. */
export class Packer {
  readonly #parts: {
    readonly body: Held;
    readonly start: number;
    readonly length: number;
    readonly to: number;
  }[] = [];
  #length = 0;

  /** Where the columns of a batch will stand. */
  add(layout: BatchLayout, body: Held): BatchLayout {
    const move = (column: ColumnLayout): ColumnLayout => {
      const moved = moveColumn(column, this.#length, ([start, end], to) =>
        this.#parts.push({ body, start, length: end - start, to }),
      );
      this.#length = moved.end;
      return moved.column;
    };
    return { ...layout, columns: layout.columns.map((column) => column && move(column)) };
  }

  /** Reads them, into memory of their own. */
  async pack(memory: SpareMemory): Promise<Buffer<ArrayBuffer>> {
    this.#check();
    const bytes = memory.take(this.#length);
    for (const { body, start, length, to } of this.#parts)
      await body.read(bytes.subarray(to, to + length), start);
    return bytes;
  }

  /** Says where they are to be read; null where not all of them lie in a file. */
  locate(): FileParts | null {
    this.#check();
    const parts = new Float64Array(3 * this.#parts.length);
    let file: FileState | null = null;
    for (const [i, { body, start, length, to }] of this.#parts.entries()) {
      const place = body.placeOf(start, length);
      if (place === null) return null;
      file = place.file;
      parts.set([place.offset, length, to], 3 * i);
    }
    return file && { file, length: this.#length, parts };
  }

  #check(): void {
    if (this.#length > mostBytes)
      throw new NuthatchError(
        'limit-exceeded',
        '',
        `a batch of ${this.#length} bytes; write batches of fewer rows, such as 65536`,
      );
  }
}

/** Reads what `locate` found. @throws NuthatchError `io`, `truncated` */
export function readParts({ file: state, length, parts }: FileParts, arena: Arena): Buffer {
  const bytes = arena.take(Uint8Array, length);
  const file = reopenFile(state);
  try {
    for (let i = 0; i < parts.length; i += 3) {
      const [offset, count, to] = parts.subarray(i, i + 3) as unknown as [number, number, number];
      readInto(file, offset, bytes.subarray(to, to + count));
    }
  } finally {
    closeFile(file);
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, length);
}
