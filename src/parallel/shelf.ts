import { refuse } from '../errors.js';

/** Bytes that wait for the next call at most. */
const mostBytes = 2 ** 26;
const pageBytes = 2 ** 16;

/** Memory for rows of calls, used again: to write to new memory takes ten times as long. */
export class Shelf {
  readonly #free: SharedArrayBuffer[] = [];
  #bytes = 0;

  /** Memory of so many bytes or more, perhaps with what was written to it before. @throws NuthatchError `limit-exceeded` */
  take(bytes: number): SharedArrayBuffer {
    const fitting = this.#free.findIndex(({ byteLength }) => byteLength >= bytes);
    if (fitting === -1) return allocate(Math.ceil(bytes / pageBytes) * pageBytes);
    const [memory] = this.#free.splice(fitting, 1);
    this.#bytes -= memory!.byteLength;
    return memory!;
  }

  /** In place of what lies there, where there would be too much. */
  put(memory: SharedArrayBuffer): void {
    if (memory.byteLength > mostBytes) return;
    this.#free.unshift(memory);
    this.#bytes += memory.byteLength;
    while (this.#bytes > mostBytes) this.#bytes -= this.#free.pop()!.byteLength;
  }
}

function allocate(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch {
    return refuse('limit-exceeded', 'input', `${bytes} bytes for rows are more than there are`);
  }
}
