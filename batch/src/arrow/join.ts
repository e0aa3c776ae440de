import type { Joiner } from '../join.js';
import type { Output } from '../output.js';
import { readHead } from './messages.js';

/** Where a batch stands in a file: its place, and the lengths of its metadata and of its body. */
type Block = readonly [place: number, metadata: number, body: number];

/** What a piece has added: of the first one, the schema as well. */
export interface ArrowNote {
  readonly schema?: string;
  readonly block?: Block;
}

/** Joins streams of one batch each to one stream, or to a file. */
export class ArrowJoiner implements Joiner {
  readonly canContinue = true;
  readonly #output: Output;
  readonly #isFile: boolean;
  readonly #empty: () => Uint8Array;
  readonly #blocks: Block[] = [];
  #schema: Uint8Array | null = null;

  constructor(
    output: Output,
    isFile: boolean,
    empty: () => Uint8Array,
    notes: readonly ArrowNote[],
  ) {
    this.#output = output;
    this.#isFile = isFile;
    this.#empty = empty;
    for (const { schema, block } of notes) {
      if (schema !== undefined) this.#schema = Buffer.from(schema, 'base64');
      if (block !== undefined) this.#blocks.push(block);
    }
  }

  async add(stream: Uint8Array): Promise<ArrowNote> {
    const bytes = Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength);
    const { end: schemaEnd } = readHead(bytes, 'output');
    const isFirst = this.#schema === null;
    if (isFirst) {
      this.#schema = Uint8Array.from(bytes.subarray(0, schemaEnd));
      if (this.#isFile) await this.#output.write(Buffer.from('ARROW1\0\0'));
      await this.#output.write(this.#schema);
    }
    const batch = bytes.subarray(schemaEnd);
    const { start, end, table } = readHead(batch, 'output');
    const schema = isFirst ? { schema: Buffer.from(this.#schema!).toString('base64') } : {};
    // What comes first tells of columns perhaps, and has no rows.
    if (isFirst && table.long(0) === 0) return schema;
    const block: Block = [this.#output.position, start, end - start];
    // Loaded now, while threads work, it does not keep the end waiting.
    if (this.#blocks.push(block) === 2 && this.#isFile) import('./write-footer.js');
    await this.#output.write(batch.subarray(0, end));
    return { ...schema, block };
  }

  async finish(): Promise<void> {
    if (this.#schema === null) await this.add(this.#empty());
    await this.#output.write(Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0));
    if (!this.#isFile) return;
    const { formatFooter } = await import('./write-footer.js');
    await this.#output.write(formatFooter(this.#schema!, this.#blocks));
  }
}
