/** What of WebAssembly is used: the language's own types do not have it. */
export interface WebAssembly {
  Memory: new (size: { initial: number; maximum?: number; shared?: boolean }) => Memory;
  Module: new (bytes: Uint8Array) => object;
  validate(bytes: Uint8Array): boolean;
  Instance: new (module: object, imports: { m: { m: object } }) => { readonly exports: { f: Run } };
}
export type Run = (...numbers: number[]) => void;

export const pageBytes = 2 ** 16;
export const addressable = 2 ** 32;
/** Smaller files are copied when their trees are first walked: a memory of its own would be larger than the file. */
const smallestPlaced = 2 ** 20;
/** Room behind a placed file for a block of rows and its scores; untouched, it takes no memory. */
export const scratchBytes = 2 ** 22;

/** Scratches that the threads of a shared memory may have at one time. */
const mostScratches = 64;

export interface Memory {
  readonly buffer: ArrayBufferLike;
  /** Returns the pages there were. */
  grow(pages: number): number;
}

/** The memory that a buffer belongs to, and the part of it that is free for this thread. */
export const placed = new WeakMap<
  ArrayBufferLike,
  { readonly memory: Memory; free: number; readonly end: number }
>();

/** Pages of the smallest memory that was refused, by what refused it. */
const refusedPages = new WeakMap<WebAssembly['Memory'], number>();

/** Throws where there is no such memory; at once if so much was refused before, since V8 collects garbage for a second until it refuses. */
export function createMemory({ Memory }: WebAssembly, bytes: number, shared = false): Memory {
  const initial = Math.ceil(bytes / pageBytes);
  const maximum = Math.min(2 ** 16, initial + (mostScratches * scratchBytes) / pageBytes);
  if (initial >= (refusedPages.get(Memory) ?? Number.POSITIVE_INFINITY))
    throw new RangeError(`${initial} pages or fewer were refused before`);
  try {
    return new Memory(shared ? { initial, maximum, shared } : { initial });
  } catch (error) {
    refusedPages.set(Memory, initial);
    throw error;
  }
}

/** What a content security policy forbade: it is asked once, as browsers report every attempt. */
const forbidden = new WeakSet<WebAssembly['Module']>();

/** undefined where it is missing, or forbidden. */
export function findWasm(): WebAssembly | undefined {
  const wasm = (globalThis as { WebAssembly?: WebAssembly }).WebAssembly;
  return wasm && !forbidden.has(wasm.Module) ? wasm : undefined;
}

export function createModule({ Module }: WebAssembly, bytes: Uint8Array): object {
  try {
    return new Module(bytes);
  } catch (error) {
    forbidden.add(Module);
    throw error;
  }
}

/**
 * A copy of a file in a memory where its trees can be walked as they lie; the file itself where it is small or lies there already, or there is no such memory.
 * Whoever gives the file away then has one copy of it, as before.
 */
export const placeInMemory = (bytes: Uint8Array): Uint8Array => copyToMemory(bytes, false);

/** As `placeInMemory`, in a memory that threads can share. */
export const placeInSharedMemory = (bytes: Uint8Array): Uint8Array =>
  copyToMemory(bytes, hasSharedMemory());

/** Where a file of so many bytes is to be read to, to lie as `placeInSharedMemory` would place it; null where that would leave it as it is. */
export const reserveSharedMemory = (length: number): Uint8Array | null =>
  reserve(length, hasSharedMemory());

const hasSharedMemory = (): boolean => typeof SharedArrayBuffer !== 'undefined';

function copyToMemory(bytes: Uint8Array, shared: boolean): Uint8Array {
  if (placed.has(bytes.buffer)) return bytes;
  const copy = reserve(bytes.length, shared);
  copy?.set(bytes);
  return copy ?? bytes;
}

function reserve(length: number, shared: boolean): Uint8Array | null {
  if (length < smallestPlaced) return null;
  try {
    return new Uint8Array(allocateBeside(length, shared), 0, length);
  } catch {
    return null;
  }
}

/** A memory of that many bytes, and a scratch behind them; throws where there is none. */
export function allocateBeside(length: number, shared: boolean): ArrayBufferLike {
  const wasm = findWasm();
  if (wasm === undefined || length + scratchBytes > addressable)
    throw new RangeError('no WebAssembly, or more than it can address');
  const memory = createMemory(wasm, length + scratchBytes, shared);
  const { buffer } = memory;
  placed.set(buffer, { memory, free: aligned(length), end: buffer.byteLength });
  return buffer;
}

export const aligned = (at: number): number => Math.ceil(at / 64) * 64;
