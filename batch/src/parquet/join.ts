import type { Joiner } from '../join.js';
import type { Output } from '../output.js';
import type { WrittenGroup } from './group.js';
import { unpackPiece, type WrittenPiece } from './piece.js';

/** A group of rows ends with so many rows, or bytes: readers skip and share whole ones, and the footer tells of each. */
const mostRows = 2 ** 17;
const mostBytes = 2 ** 24;

/** Joins pieces to a file of groups that are larger. */
export class ParquetJoiner implements Joiner {
  readonly #output: Output;
  readonly #empty: WrittenPiece;
  readonly #groups: WrittenGroup[];
  readonly #groupRows: number;
  /** Of each column, the pages that wait for their group, and their size before compression. */
  #waiting: { readonly pages: Uint8Array[]; plainSize: number }[] = [];
  #waitingRows = 0;
  #waitingBytes = 0;

  constructor(
    output: Output,
    empty: () => Uint8Array,
    notes: readonly WrittenGroup[],
    groupRows = mostRows,
  ) {
    this.#output = output;
    this.#empty = unpackPiece(empty());
    this.#groups = [...notes];
    this.#groupRows = groupRows;
  }

  get canContinue(): boolean {
    return this.#waitingRows === 0;
  }

  async add(piece: Uint8Array): Promise<WrittenGroup | undefined> {
    const { rows, columns, pages } = unpackPiece(piece);
    if (rows === 0) return undefined;
    for (const [i, { size, plainSize }] of columns.entries()) {
      this.#waiting[i] ??= { pages: [], plainSize: 0 };
      this.#waiting[i].pages.push(pages[i]!);
      this.#waiting[i].plainSize += plainSize;
      this.#waitingBytes += size;
    }
    this.#waitingRows += rows;
    const isFull = this.#waitingRows >= this.#groupRows || this.#waitingBytes >= mostBytes;
    return isFull ? await this.#flush() : undefined;
  }

  async finish(): Promise<void> {
    if (this.#waitingRows > 0) await this.#flush();
    await this.#begin();
    const { formatFooter } = await import('./group.js');
    await this.#output.write(formatFooter(this.#empty.schema, this.#groups));
  }

  async #begin(): Promise<void> {
    if (this.#output.position > 0) return;
    const { magic } = await import('./group.js');
    await this.#output.write(magic);
  }

  async #flush(): Promise<WrittenGroup> {
    await this.#begin();
    const columns: WrittenGroup['columns'][number][] = [];
    for (const [i, { pages, plainSize }] of this.#waiting.entries()) {
      const offset = this.#output.position;
      const dictionary = this.#empty.pages[i]!;
      for (const part of [dictionary, ...pages]) await this.#output.write(part);
      columns.push({
        offset,
        size: this.#output.position - offset,
        plainSize: dictionary.length + plainSize,
        dictionarySize: dictionary.length,
      });
    }
    const group = { rows: this.#waitingRows, columns };
    this.#groups.push(group);
    this.#waiting = [];
    this.#waitingRows = 0;
    this.#waitingBytes = 0;
    return group;
  }
}
