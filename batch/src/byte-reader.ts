import type { FileHandle } from 'node:fs/promises';
import { NuthatchError } from 'nuthatch';
import type { FileState } from './file.js';

/** Reads a part of what is held, from `start` on. */
export type ReadPart = (target: Uint8Array, start: number) => Promise<void>;

/** Where a part of what is held lies in a file. */
export interface FilePlace {
  readonly file: FileState;
  readonly offset: number;
}

/** What is held of a source until it is skipped. */
export interface Held {
  readonly read: ReadPart;
  /** Where a part lies that others read, from `start` on; null where they cannot. */
  placeOf(start: number, length: number): FilePlace | null;
}

/** Bytes that are read from the first to the last. */
export interface ByteSource {
  /** Whether what is held takes no memory. */
  readonly canSeek: boolean;
  /** The next bytes, fewer at the end; they stay. */
  peek(count: number): Promise<Buffer>;
  /** The next `end` bytes from number `start` on, until they are skipped; null where they are not all there. */
  hold(start: number, end: number): Promise<Held | null>;
  /** Goes on behind so many bytes, or at the end. */
  skip(count: number): Promise<void>;
  /** Whether the last bytes of all are these. */
  endsWith(text: string): Promise<boolean>;
}

/** Reads chunks that come one after the other. */
export class ByteReader implements ByteSource {
  readonly canSeek = false;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #waiting: Uint8Array[] = [];
  #length = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async peek(count: number): Promise<Buffer> {
    while (this.#length < count && (await this.#more()));
    const bytes = Buffer.alloc(Math.min(count, this.#length));
    this.#copy(bytes, 0);
    return bytes;
  }

  async hold(start: number, end: number): Promise<Held | null> {
    while (this.#length < end && (await this.#more()));
    if (this.#length < end) return null;
    return { read: async (target, from) => this.#copy(target, start + from), placeOf: () => null };
  }

  async skip(count: number): Promise<void> {
    let left = Math.min(count, this.#length);
    this.#length -= left;
    while (left > 0) {
      const [first] = this.#waiting as [Uint8Array];
      if (first.length > left) this.#waiting[0] = first.subarray(left);
      else this.#waiting.shift();
      left -= Math.min(left, first.length);
    }
  }

  async endsWith(text: string): Promise<boolean> {
    let end = await this.peek(this.#length);
    for (;;) {
      const { value, done } = await this.#chunks.next();
      if (done) return end.toString('latin1').endsWith(text);
      end = Buffer.concat([end.subarray(-text.length), value]);
    }
  }

  #copy(target: Uint8Array, start: number): void {
    let at = -start;
    for (const part of this.#waiting) {
      if (at + part.length > 0 && at < target.length)
        target.set(part.subarray(Math.max(0, -at), target.length - at), Math.max(0, at));
      at += part.length;
    }
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#chunks.next();
    if (done) return false;
    this.#waiting.push(value);
    this.#length += value.length;
    return true;
  }
}

/** Reads a file where it stands; `seen` is told of how many bytes more. */
export class FileReader implements ByteSource {
  readonly canSeek = true;
  readonly #file: FileHandle;
  readonly #state: FileState;
  readonly #size: number;
  readonly #seen: (bytes: number) => void;
  #at = 0;
  /** Bytes from there on that `seen` has been told of. */
  #told = 0;

  constructor(file: FileHandle, state: FileState, seen: (bytes: number) => void) {
    this.#file = file;
    this.#state = state;
    this.#size = state.size;
    this.#seen = seen;
  }

  async peek(count: number): Promise<Buffer> {
    const bytes = Buffer.alloc(Math.min(count, this.#size - this.#at));
    await this.#read(bytes, this.#at);
    return bytes;
  }

  async hold(start: number, end: number): Promise<Held | null> {
    const at = this.#at + start;
    if (at - start + end > this.#size) return null;
    const tell = (length: number): void => {
      this.#told += length;
      this.#seen(length);
    };
    return {
      read: async (target, from) => {
        await this.#read(target, at + from);
        tell(target.length);
      },
      placeOf: (from, length) => {
        tell(length);
        return { file: this.#state, offset: at + from };
      },
    };
  }

  async skip(count: number): Promise<void> {
    const at = Math.min(this.#size, this.#at + count);
    this.#seen(Math.max(0, at - this.#at - this.#told));
    this.#told = 0;
    this.#at = at;
  }

  async endsWith(text: string): Promise<boolean> {
    const end = Buffer.alloc(Math.min(text.length, this.#size - this.#at));
    await this.#read(end, this.#size - end.length);
    this.#seen(this.#size - this.#at);
    return end.toString('latin1') === text;
  }

  async #read(target: Uint8Array, position: number): Promise<void> {
    for (let at = 0; at < target.length; ) {
      const { bytesRead } = await this.#file.read(target, at, target.length - at, position + at);
      if (bytesRead === 0) throw new NuthatchError('truncated', '', 'the file has become shorter');
      at += bytesRead;
    }
  }
}
