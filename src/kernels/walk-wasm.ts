import { assembleWalk, cellBits, lanes, treeEntry, type WalkCode } from './walk-code.js';

/** Trees whose splits compare numbers; arrays as the IR has them. */
export interface WasmTrees {
  readonly wide: boolean;
  /** What rows are rounded to. */
  readonly precision: 'float32' | 'float64';
  readonly features: number;
  readonly outputs: number;
  readonly featureBits: number;
  readonly nodes: Uint32Array;
  readonly starts: Uint32Array;
  readonly leafColumns: number;
  readonly leaves: Float64Array | null;
  readonly treeOutputs: ArrayLike<number> | null;
  readonly treeWeights: Float64Array | null;
}

/** Walks in WebAssembly: inputs and scores lie in its memory, beside a copy of the trees. */
export interface WasmWalker {
  /** Rows of a block: as many as were wanted, or fewer. */
  readonly blockRows: number;
  /** [blockRows × features]. */
  readonly inputs: Float32Array | Float64Array;
  /** [blockRows × outputs]. */
  readonly scores: Float64Array;
  /** Adds the leaves of the first rows to their scores, tree after tree. `gaps` says whether any cell is NaN. False where it cannot: nothing is added then. */
  addLeaves(rows: number, gaps: boolean): boolean;
}

/** What of WebAssembly is used: the language's own types do not have it. */
interface WebAssembly {
  Memory: new (size: { initial: number; maximum?: number; shared?: boolean }) => Memory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: { m: { m: object } },
  ) => { readonly exports: { f: Walk } };
}
type Walk = (x: number, scores: number, tree: number, end: number, rows: number) => void;

export const pageBytes = 2 ** 16;
const addressable = 2 ** 32;
/** Smaller files are copied when their trees are first walked: a memory of its own would be larger than the file. */
const smallestPlaced = 2 ** 20;
/** Room behind a placed file for a block of rows and its scores; untouched, it takes no memory. */
export const scratchBytes = 2 ** 22;
/** Rows of a block that are enough for trees to be walked where they lie; for fewer a copy of them is made. */
const enoughRows = 64;

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
function createMemory({ Memory }: WebAssembly, bytes: number, shared = false): Memory {
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
function findWasm(): WebAssembly | undefined {
  const wasm = (globalThis as { WebAssembly?: WebAssembly }).WebAssembly;
  return wasm && !forbidden.has(wasm.Module) ? wasm : undefined;
}

function createModule({ Module }: WebAssembly, bytes: Uint8Array): object {
  try {
    return new Module(bytes);
  } catch (error) {
    forbidden.add(Module);
    throw error;
  }
}

/**
 * A copy of a file in a memory where its trees can be walked as they lie; the file itself where it is small, or there is no such memory. Whoever
 * gives the file away then has one copy of it, as before.
 */
export function placeInMemory(bytes: Uint8Array): Uint8Array {
  return bytes.length < smallestPlaced ? bytes : copyToMemory(bytes, false);
}

/** As `placeInMemory`, in a memory that threads can share. */
export function placeInSharedMemory(bytes: Uint8Array): Uint8Array {
  const shared = typeof SharedArrayBuffer !== 'undefined';
  return bytes.length < smallestPlaced ? bytes : copyToMemory(bytes, shared);
}

function copyToMemory(bytes: Uint8Array, shared: boolean): Uint8Array {
  try {
    const copy = new Uint8Array(allocateBeside(bytes.length, shared), 0, bytes.length);
    copy.set(bytes);
    return copy;
  } catch {
    return bytes;
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

const aligned = (at: number): number => Math.ceil(at / 64) * 64;

/**
 * A walker for blocks of up to `wantedRows` rows, with the same answers as the portable walks to the bit; null where WebAssembly is missing or
 * forbidden, or the trees do not fit its memory. It walks trees in the memory where they lie, if they do, else a copy of them.
 *
 * About twice the speed of the portable walks (docs/performance.md): eight lanes instead of four, and no step has a branch.
 */
export function createWasmWalker(trees: WasmTrees, wantedRows: number): WasmWalker | null {
  const wasm = findWasm();
  if (wasm === undefined) return null;
  const { wide, features, outputs, featureBits, leafColumns, nodes, leaves } = trees;
  const count = trees.starts.length - 1;
  const input: WalkCode['input'] = trees.precision === 'float32' ? 'f32' : 'f64';
  const cellBytes = input === 'f32' ? 4 : 8;
  /** Places parts one after another from `start` on. */
  const layOut = (start: number, copied: boolean, blockRows: number) => {
    let end = start;
    const place = (bytes: number): number => {
      const at = end;
      end = aligned(at + bytes);
      return at;
    };
    return {
      blockRows,
      // Entries of a group of eight are read together.
      entriesAt: place((count + lanes - 1) * treeEntry.bytes),
      inputsAt: place((blockRows * features + (1 << cellBits(features))) * cellBytes),
      scoresAt: place(blockRows * outputs * 8),
      nodesAt: copied ? place(nodes.byteLength) : nodes.byteOffset,
      leavesAt: copied ? place(leaves?.byteLength ?? 0) : (leaves?.byteOffset ?? 0),
      end,
    };
  };
  try {
    const home = placed.get(nodes.buffer);
    const inPlace = home !== undefined && (leaves === null || leaves.buffer === nodes.buffer);
    let beside = inPlace ? layOut(home.free, false, wantedRows) : null;
    while (beside !== null && beside.end > home!.end) {
      const rows = beside.blockRows >> 1;
      beside = rows < enoughRows ? null : layOut(home!.free, false, rows);
    }
    const layout = beside ?? layOut(0, true, wantedRows);
    // Nor may it end there: the address after the last leaf would be 0.
    if (layout.end >= addressable) return null;
    const memory = beside ? home!.memory : createMemory(wasm, layout.end);
    const { buffer } = memory;
    const { blockRows, entriesAt, nodesAt, inputsAt, scoresAt } = layout;
    const compileOne = (of: WalkCode['of'], gaps: boolean): Walk => {
      const code = {
        ...{ of, gaps, wide, input, features, outputs, featureBits, leafColumns },
        leaves: leaves && layout.leavesAt,
        shared: !(buffer instanceof ArrayBuffer),
      };
      const module = createModule(wasm, assembleWalk(code));
      return new wasm.Instance(module, { m: { m: memory } }).exports.f;
    };
    const compile = (gaps: boolean) => ({
      rows: compileOne('rows', gaps),
      row: compileOne('row', gaps),
    });
    const walks = compile(false);
    if (beside) home!.free = layout.end;
    let gapWalks: typeof walks | null | undefined;
    if (!beside) {
      new Uint32Array(buffer, nodesAt).set(nodes);
      if (leaves) new Float64Array(buffer, layout.leavesAt).set(leaves);
    }
    writeEntries(trees, new DataView(buffer, entriesAt), nodesAt);
    const entriesEnd = entriesAt + count * treeEntry.bytes;
    const Inputs = (input === 'f32' ? Float32Array : Float64Array) as Float64ArrayConstructor;
    return {
      blockRows,
      inputs: new Inputs(buffer, inputsAt, blockRows * features),
      scores: new Float64Array(buffer, scoresAt, blockRows * outputs),
      addLeaves(rows, gaps) {
        if (gaps && gapWalks === undefined) gapWalks = unlessRefused(() => compile(true));
        const walk = gaps ? gapWalks : walks;
        if (!walk) return false;
        const together = rows - (rows % lanes);
        if (together > 0) walk.rows(inputsAt, scoresAt, entriesAt, entriesEnd, together);
        for (let row = together; row < rows; row++) {
          const cells = inputsAt + row * features * cellBytes;
          walk.row(cells, scoresAt + row * outputs * 8, entriesAt, entriesEnd, 1);
        }
        return true;
      },
    };
  } catch {
    // A content security policy forbids it, or there is no memory left: the portable walks serve.
    return null;
  }
}

/** null where a policy forbids it by now, or there is no memory left. */
function unlessRefused<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}

function writeEntries(trees: WasmTrees, view: DataView, nodesAt: number): void {
  const { starts, treeOutputs, treeWeights } = trees;
  const count = starts.length - 1;
  const slotBytes = trees.wide ? 16 : 8;
  const steps = certainSteps(trees);
  for (let entry = 0; entry < count + lanes - 1; entry++) {
    const tree = Math.min(entry, count - 1);
    const group = entry - (entry % lanes);
    const at = entry * treeEntry.bytes;
    view.setUint32(at + treeEntry.root, nodesAt + starts[tree]! * slotBytes, true);
    view.setInt32(at + treeEntry.steps, steps[tree]!, true);
    view.setInt32(at + treeEntry.score, (treeOutputs?.[tree] ?? 0) * 8, true);
    const ofGroup = steps.subarray(group, group + lanes);
    view.setInt32(at + treeEntry.groupSteps, Math.min(...ofGroup), true);
    view.setFloat64(at + treeEntry.weight, treeWeights?.[tree] ?? 1, true);
  }
}

/** For each tree, the edges between the root and its nearest leaf: so many steps every walk takes. */
function certainSteps({ wide, nodes, starts, featureBits }: WasmTrees): Int32Array {
  let depths = new Int32Array(0);
  return Int32Array.from({ length: starts.length - 1 }, (_, tree) => {
    const root = starts[tree]!;
    const size = starts[tree + 1]! - root;
    if (size === 1) return 0;
    // 0 of leaves, which lie anywhere after their parents; else one more than the depth.
    if (depths.length < size) depths = new Int32Array(size);
    else depths.fill(0, 0, size);
    depths[0] = 1;
    let nearest = size;
    for (let slot = 0; slot < size; slot++) {
      const depth = depths[slot]!;
      if (depth === 0) continue;
      const word = nodes[wide ? (root + slot) * 4 + 2 : (root + slot) * 2 + 1]!;
      const child = wide ? nodes[(root + slot) * 4 + 3]! : word >>> (4 + featureBits);
      if ((word & 6) !== 0) nearest = Math.min(nearest, depth);
      if ((word & 2) === 0) depths[child] = depth + 1;
      if ((word & 4) === 0) depths[child + 1] = depth + 1;
    }
    return nearest;
  });
}
