import type { Joiner } from '../join.js';
import type { Output } from '../output.js';
import { readHead } from './messages.js';

/** Where a batch stands in a file: its place, and the lengths of its metadata and of its body. */
type Block = readonly [place: number, metadata: number, body: number];

/** Joins streams of one batch each to one stream, or to a file. */
export class ArrowJoiner implements Joiner {
  readonly #output: Output;
  readonly #isFile: boolean;
  readonly #empty: () => Uint8Array;
  readonly #blocks: Block[] = [];
  #schema: Uint8Array | null = null;
  #position = 0;

  constructor(output: Output, isFile: boolean, empty: () => Uint8Array) {
    this.#output = output;
    this.#isFile = isFile;
    this.#empty = empty;
  }

  async add(stream: Uint8Array): Promise<void> {
    const bytes = Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength);
    const { end: schemaEnd } = readHead(bytes, 'output');
    const isFirst = this.#schema === null;
    if (isFirst) {
      this.#schema = Uint8Array.from(bytes.subarray(0, schemaEnd));
      if (this.#isFile) await this.#write(Buffer.from('ARROW1\0\0'));
      await this.#write(this.#schema);
    }
    const batch = bytes.subarray(schemaEnd);
    const { start, end, table } = readHead(batch, 'output');
    // What comes first tells of columns perhaps, and has no rows.
    if (isFirst && table.long(0) === 0) return;
    this.#blocks.push([this.#position, start, end - start]);
    await this.#write(batch.subarray(0, end));
  }

  async finish(): Promise<void> {
    if (this.#schema === null) await this.add(this.#empty());
    await this.#write(Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0));
    if (!this.#isFile) return;
    const { formatFooter } = await import('./write.js');
    await this.#write(formatFooter(this.#schema!, this.#blocks));
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#position += bytes.length;
    await this.#output.write(bytes);
  }
}
