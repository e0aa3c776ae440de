import {
  assembleFold,
  assembleProof,
  depthBound,
  fewestSlots,
  foldBytes,
  foldSpan,
} from './check-code.js';
import { createModule, findWasm, placed, type WebAssembly } from './wasm-memory.js';

/** Trees as the IR has them, as far as their structure goes. */
export interface CheckedTrees {
  readonly features: number;
  readonly layout: 'narrow' | 'wide';
  readonly featureBits: number;
  readonly nodes: Uint32Array;
  readonly starts: Uint32Array;
  readonly depths: ArrayLike<number>;
  readonly leafColumns: number;
  readonly leaves: Float64Array | null;
  readonly categories: object | null;
}

type Check = (...parameters: readonly number[]) => void;
type Assemble = (shared: boolean) => Uint8Array<ArrayBuffer>;

/** Compiled modules, for memories of one's own and for those that threads may share; null where this engine does not know their instructions. */
const modules = new WeakMap<WebAssembly['Module'], Map<Assemble, (object | null)[]>>();

function compile(wasm: WebAssembly, assemble: Assemble, shared: boolean): object | null {
  const known = modules.get(wasm.Module) ?? new Map<Assemble, (object | null)[]>();
  modules.set(wasm.Module, known);
  const made = known.get(assemble) ?? [];
  known.set(assemble, made);
  if (made[Number(shared)] === undefined) {
    const bytes = assemble(shared);
    made[Number(shared)] = wasm.validate(bytes) ? createModule(wasm, bytes) : null;
  }
  return made[Number(shared)]!;
}

/**
 * Calls `work` with a module's function, in the memory that the buffer of a placed file is, and `bytes` zeros there; null where there is no such memory, or no
 * room in it, or where the engine refuses.
 */
function inMemory<T>(
  buffer: ArrayBufferLike,
  assemble: Assemble,
  bytes: number,
  work: (check: Check, scratch: Uint8Array) => T,
): T | null {
  const wasm = findWasm();
  const home = placed.get(buffer);
  if (!wasm || !home || home.free + bytes > home.end) return null;
  const scratch = new Uint8Array(buffer, home.free, bytes);
  try {
    const module = compile(wasm, assemble, !(buffer instanceof ArrayBuffer));
    if (module === null) return null;
    const { f } = new wasm.Instance(module, { m: { m: home.memory } }).exports;
    return work(f, scratch);
  } catch {
    return null;
  } finally {
    scratch.fill(0);
  }
}

/**
 * Few bytes in the place of `bytes[start, end)` of a placed file: after them a CRC-32 that began with 0 is what it is after those, had it begun with `crc`.
 * No complement is taken. null where that cannot be done, or is not worth it.
 */
export function condense(
  bytes: Uint8Array,
  start: number,
  end: number,
  crc: number,
): Uint8Array | null {
  const blocks = Math.floor((end - start - foldSpan) / foldBytes);
  if (blocks < 1) return null;
  return inMemory(bytes.buffer, assembleFold, foldSpan + foldBytes, (fold, scratch) => {
    const dropped = new Int32Array(scratch.buffer, scratch.byteOffset, scratch.length / 4);
    dropped[0] = crc;
    const at = start + blocks * foldBytes;
    fold(bytes.byteOffset + start, bytes.byteOffset + at, scratch.byteOffset);
    scratch.fill(0, foldSpan);
    const rest = new Uint8Array(bytes.subarray(at, end));
    const first = new Int32Array(rest.buffer, 0, foldSpan / 4);
    for (let i = 0; i < first.length; i++)
      first[i]! ^= dropped[i]! ^ dropped[i + 356]! ^ dropped[i + 468]! ^ dropped[i + 620]!;
    return rest;
  });
}

/**
 * Whether the structure of trees that lie in a placed file is proven to be right, with their depths; false says nothing.
 */
export function proveTrees(trees: CheckedTrees): boolean {
  const { nodes, starts, depths, features, featureBits, leaves, leafColumns } = trees;
  if (trees.layout !== 'narrow' || leaves === null || trees.categories !== null) return false;
  const shift = 4 + featureBits;
  const mask = (1 << shift) - 16;
  const count = starts.length - 1;
  let largest = 0;
  for (let t = 0; t < count; t++) {
    const size = starts[t + 1]! - starts[t]!;
    // Links have numbers for all slots.
    const numbered = (size - 1) >>> (32 - shift) === 0;
    const fits = size % 2 === 1 && size >= fewestSlots && numbered;
    if (!fits || depths[t]! >= depthBound) return false;
    largest = Math.max(largest, size);
  }
  const known = 16;
  const proven = inMemory(nodes.buffer, assembleProof, known + largest + 1, (prove, scratch) => {
    const depth = new Int32Array(scratch.buffer, scratch.byteOffset, 1);
    const knownAt = scratch.byteOffset + known;
    const vectors = leaves.length / leafColumns;
    for (let t = 0; t < count; t++) {
      const root = starts[t]!;
      const at = nodes.byteOffset + root * 8;
      const size = starts[t + 1]! - root;
      prove(at, size, knownAt, scratch.byteOffset, shift, mask, features * 16, vectors);
      if (depth[0] !== depths[t]) return false;
    }
    return true;
  });
  return proven ?? false;
}
