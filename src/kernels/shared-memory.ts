import { allocateBeside, type Memory, pageBytes, placed, scratchBytes } from './wasm-memory.js';

/** Where a thread writes its rows and scores in a memory that threads share. Can be sent to it. */
export interface Scratch {
  readonly memory: Memory;
  readonly start: number;
  readonly end: number;
}

/** Scratches whose threads have ended. */
const spare = new WeakMap<ArrayBufferLike, Scratch[]>();

/** Zeros that threads can share, in WebAssembly's memory where that may be used. Throws a RangeError where there is not so much. */
export function allocateShared(bytes: number): SharedArrayBuffer {
  try {
    return allocateBeside(bytes, true) as SharedArrayBuffer;
  } catch {
    return new SharedArrayBuffer(bytes);
  }
}

/** Whether it is WebAssembly's memory, and one that threads can share. */
export const isShared = (buffer: ArrayBufferLike): boolean =>
  placed.has(buffer) && !(buffer instanceof ArrayBuffer);

/** Scratches for so many threads, of their own as long as they live; fewer where the memory can grow no more, none if it is not WebAssembly's. */
export function takeScratches(buffer: ArrayBufferLike, count: number): Scratch[] {
  const memory = placed.get(buffer)?.memory;
  const free = spare.get(buffer) ?? [];
  spare.set(buffer, free);
  try {
    while (memory && free.length < count) {
      const start = memory.grow(scratchBytes / pageBytes) * pageBytes;
      free.push({ memory, start, end: start + scratchBytes });
    }
  } catch {
    // As many as there are.
  }
  return free.splice(0, count);
}

export function returnScratches(buffer: ArrayBufferLike, scratches: readonly Scratch[]): void {
  spare.get(buffer)?.push(...scratches);
}

/** Lets this thread walk trees where they lie. Returns the bytes of the memory. */
export function useScratch({ memory, start, end }: Scratch): ArrayBufferLike {
  const { buffer } = memory;
  placed.set(buffer, { memory, free: start, end });
  return buffer;
}
