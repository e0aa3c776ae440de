import { assembleColumns, rowsTogether } from './columns-code.js';
import {
  assemblePartition,
  type PartitionCode,
  pairBytes,
  partBytes,
  shufflesBytes,
  walkerBytes,
  writeShuffles,
} from './partition-code.js';
import { assembleRowsWalk, assembleRowWalk } from './row-code.js';
import { lanes, treeEntry, vectorEntry, type WalkCode } from './walk-code.js';

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
  readonly depths: ArrayLike<number>;
  readonly leafColumns: number;
  readonly leaves: Float64Array | null;
  readonly treeOutputs: ArrayLike<number> | null;
  readonly treeWeights: Float64Array | null;
  /** Of each leaf vector, the one column that need be added; −1 where there are several. null where all are added. */
  readonly singles: Int32Array | null;
}

/** Walks in WebAssembly: inputs and scores lie in its memory, beside a copy of the trees. */
export interface WasmWalker {
  /** Rows of a block: as many as were wanted, or fewer. */
  readonly blockRows: number;
  /** Blocks of so many rows or more are put in by `putRows`, smaller ones to `inputs`, row after row, each before a NaN. */
  readonly columnsFrom: number;
  readonly inputs: Float32Array | Float64Array;
  /** [blockRows × outputs]. */
  readonly scores: Float64Array;
  /** Takes the cells of a block of so many rows; says whether all are finite, once rounded. */
  putRows(cells: Float64Array | Float32Array | Uint8Array, rows: number): boolean;
  /** Adds the leaves of the first rows to their scores, tree after tree. `gaps` says whether any cell is NaN. False where it cannot: nothing is added then. */
  addLeaves(rows: number, gaps: boolean): boolean;
}

/** What of WebAssembly is used: the language's own types do not have it. */
export interface WebAssembly {
  Memory: new (size: { initial: number; maximum?: number; shared?: boolean }) => Memory;
  Module: new (bytes: Uint8Array) => object;
  validate(bytes: Uint8Array): boolean;
  Instance: new (
    module: object,
    imports: { m: { m: object } },
  ) => { readonly exports: { f: Walk } };
}
type Walk = (...numbers: number[]) => void;

export const pageBytes = 2 ** 16;
export const addressable = 2 ** 32;
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

/** undefined where no file was placed there. */
export const homeOf = (buffer: ArrayBufferLike) => placed.get(buffer);

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

export const aligned = (at: number): number => Math.ceil(at / 64) * 64;

/** Rows of a block that is split as trees split it, instead of walking by eights: three times as many as a tree has leaves, within bounds. */
const leastSplit = { fewest: 32, most: 600 };

/** Bytes of rows that are turned into columns at a time: they stay in the cache. */
const stagingBytes = 2 ** 14;

/** Columns lie an odd number of cache lines apart, so that the cells of a row are not all kept in the same place of the cache. */
const columnBytes = (rows: number, cellBytes: number): number =>
  (Math.floor((rows * cellBytes) / 64) | 1) * 64 + 64;

/**
 * A walker for blocks of up to `wantedRows` rows, with the same answers as the portable walks to the bit; null where WebAssembly is missing or
 * forbidden, or the trees do not fit its memory. It walks trees in the memory where they lie, if they do, else a copy of them.
 */
export function createWasmWalker(trees: WasmTrees, wantedRows: number): WasmWalker | null {
  const wasm = findWasm();
  if (wasm === undefined) return null;
  const { wide, features, outputs, featureBits, leafColumns } = trees;
  const count = trees.starts.length - 1;
  const input: WalkCode['input'] = trees.precision === 'float32' ? 'f32' : 'f64';
  const cellBytes = input === 'f32' ? 4 : 8;
  const known = leafColumns > 1 && trees.singles ? trees.singles.length : 0;
  const stagedRows =
    rowsTogether * Math.ceil(Math.min(16, stagingBytes / (rowsTogether * features * cellBytes)));
  /** Blocks of fewer rows are not split: their rows, each before a NaN, never lie in columns. */
  const inputBytes = (blockRows: number): number =>
    (features + 1) *
    (blockRows < leastSplit.fewest ? blockRows * cellBytes : columnBytes(blockRows, cellBytes));
  /** Places parts one after another from `start` on. */
  const layOut = (start: number, { nodes, leaves }: Laid, copied: boolean, blockRows: number) => {
    let end = start;
    const place = (bytes: number): number => {
      const at = end;
      end = aligned(at + bytes);
      return at;
    };
    const listBytes = aligned(blockRows * 4);
    return {
      blockRows,
      listBytes,
      stagingAt: place(stagedRows * features * cellBytes),
      nonFiniteAt: place(16),
      // Entries of a group of eight are read together.
      entriesAt: place((count + lanes - 1) * treeEntry.bytes),
      vectorsAt: place(known * vectorEntry.bytes),
      shufflesAt: place(shufflesBytes),
      pairAt: place(pairBytes),
      inputsAt: place(inputBytes(blockRows)),
      scoresAt: place((blockRows + 1) * outputs * 8),
      listsAt: place(3 * listBytes),
      partsAt: place(blockRows * partBytes),
      walkersAt: place((blockRows + lanes) * walkerBytes),
      nodesAt: copied ? place(nodes.byteLength) : nodes.byteOffset,
      leavesAt: copied ? place(leaves?.byteLength ?? 0) : (leaves?.byteOffset ?? 0),
      end,
    };
  };
  try {
    const home = placed.get(trees.nodes.buffer);
    const inPlace =
      home !== undefined && (trees.leaves === null || trees.leaves.buffer === trees.nodes.buffer);
    let beside = inPlace ? layOut(home.free, trees, false, wantedRows) : null;
    while (beside !== null && beside.end > home!.end) {
      const rows = beside.blockRows - Math.ceil(beside.blockRows / 4);
      beside = rows < enoughRows ? null : layOut(home!.free, trees, false, rows);
    }
    const laid = beside ? trees : (listLeaves(trees) ?? trees);
    const { nodes, leaves } = laid;
    const layout = beside ?? layOut(0, laid, true, wantedRows);
    // Nor may it end there: the address after the last leaf would be 0.
    if (layout.end >= addressable) return null;
    const memory = beside ? home!.memory : createMemory(wasm, layout.end);
    const { buffer } = memory;
    const shared = !(buffer instanceof ArrayBuffer);
    const { blockRows, entriesAt, nodesAt, inputsAt, scoresAt } = layout;
    const instantiate = (bytes: Uint8Array): Walk =>
      new wasm.Instance(createModule(wasm, bytes), { m: { m: memory } }).exports.f;
    const compile = (gaps: boolean) => {
      const code: PartitionCode = {
        ...{ gaps, wide, input, features, outputs, featureBits, leafColumns },
        leaves: leaves && layout.leavesAt,
        shared,
        vectors: known > 0 ? layout.vectorsAt : null,
        lists: layout.listsAt,
        listBytes: layout.listBytes,
        parts: layout.partsAt,
        walkers: layout.walkersAt,
        shuffles: layout.shufflesAt,
        pair: layout.pairAt,
      };
      return {
        partition: instantiate(assemblePartition(code)),
        rows: instantiate(assembleRowsWalk(code)),
        row: instantiate(assembleRowWalk(code)),
      };
    };
    const walks = compile(false);
    const { stagingAt, nonFiniteAt } = layout;
    const turn = instantiate(assembleColumns({ input, features, nonFinite: nonFiniteAt, shared }));
    if (beside) home!.free = layout.end;
    let gapWalks: typeof walks | null | undefined;
    if (!beside) {
      new Uint32Array(buffer, nodesAt).set(nodes);
      if (leaves) new Float64Array(buffer, layout.leavesAt).set(leaves);
    }
    writeEntries(trees, leaves === null, new DataView(buffer, entriesAt), nodesAt);
    if (known > 0) writeVectors(trees, new DataView(buffer, layout.vectorsAt));
    writeShuffles(new Uint8Array(buffer, layout.shufflesAt));
    const leavesOfTree = (trees.starts[count]! / count + 1) / 2;
    const columnsFrom = Math.max(leastSplit.fewest, Math.min(leastSplit.most, 3 * leavesOfTree));
    const entriesEnd = entriesAt + count * treeEntry.bytes;
    const Inputs = (input === 'f32' ? Float32Array : Float64Array) as Float64ArrayConstructor;
    const staging = new Inputs(buffer, stagingAt, stagedRows * features);
    const inputs = new Inputs(buffer, inputsAt, inputBytes(blockRows) / cellBytes);
    const nonFinite = new Int32Array(buffer, nonFiniteAt, 4);
    return {
      blockRows,
      columnsFrom,
      inputs,
      scores: new Float64Array(buffer, scoresAt, blockRows * outputs),
      putRows(cells, rows) {
        const stride = columnBytes(rows, cellBytes);
        nonFinite.fill(0);
        for (let first = 0; first < rows; first += stagedRows) {
          const some = cells.subarray(
            first * features,
            Math.min(first + stagedRows, rows) * features,
          );
          staging.set(some);
          const made = Math.ceil(some.length / features / rowsTogether) * rowsTogether;
          staging.fill(0, some.length, made * features);
          turn(stagingAt, inputsAt + first * cellBytes, made, stride);
        }
        const afterLast = (features * stride) / cellBytes;
        inputs.fill(NaN, afterLast, afterLast + rows + 1);
        return nonFinite.every((flag) => flag === 0);
      },
      addLeaves(rows, gaps) {
        if (gaps && gapWalks === undefined) gapWalks = unlessRefused(() => compile(true));
        const walk = gaps ? gapWalks : walks;
        if (!walk) return false;
        if (rows >= columnsFrom) {
          const stride = columnBytes(rows, cellBytes);
          walk.partition(inputsAt, scoresAt, entriesAt, entriesEnd, rows, stride);
          return true;
        }
        const together = rows - (rows % lanes);
        if (together > 0) walk.rows(inputsAt, scoresAt, entriesAt, entriesEnd, together);
        for (let row = together; row < rows; row++) {
          const x = inputsAt + row * (features + 1) * cellBytes;
          walk.row(x, scoresAt + row * outputs * 8, entriesAt, entriesEnd);
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

/** What of trees is walked. */
type Laid = Pick<WasmTrees, 'nodes' | 'leaves'>;

/** A copy of trees whose leaves hold their values, in which they hold the values' numbers in a list, and are their own children; null where these are too far from the root. */
function listLeaves(trees: WasmTrees): Laid | null {
  const { wide, starts, featureBits, features } = trees;
  if (trees.leaves !== null) return null;
  const nodes = trees.nodes.slice();
  const float64 = new Float64Array(nodes.buffer);
  const leaves = new Float64Array((starts[starts.length - 1]! + starts.length - 1) / 2);
  const childShift = 4 + featureBits;
  let found = 0;
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    const root = starts[tree]!;
    const size = starts[tree + 1]! - root;
    if (!wide && size > 1 << (32 - childShift)) return null;
    const isLeaf = new Uint8Array(size);
    isLeaf[0] = size === 1 ? 1 : 0;
    for (let i = 0; i < size; i++) {
      const at = (root + i) * (wide ? 4 : 2);
      if (isLeaf[i] === 0) {
        const word = nodes[wide ? at + 2 : at + 1]!;
        const child = wide ? nodes[at + 3]! : word >>> childShift;
        isLeaf[child] = (word >>> 1) & 1;
        isLeaf[child + 1] = (word >>> 2) & 1;
        continue;
      }
      leaves[found] = float64[at >> 1]!;
      if (wide) {
        float64[at >> 1] = found;
        nodes[at + 2] = features << 4;
        nodes[at + 3] = i;
      } else {
        nodes[at] = found;
        nodes[at + 1] = (features << 4) | (i << childShift);
      }
      found++;
    }
  }
  return { nodes, leaves };
}

function writeEntries(trees: WasmTrees, masked: boolean, view: DataView, nodesAt: number): void {
  const { starts, treeOutputs, treeWeights } = trees;
  const count = starts.length - 1;
  const slotBytes = trees.wide ? 16 : 8;
  const steps = masked
    ? certainSteps(trees)
    : Int32Array.from(trees.depths, (depth) => Math.ceil(depth / 2));
  const together = masked ? Math.min : Math.max;
  for (let entry = 0; entry < count + lanes - 1; entry++) {
    const tree = Math.min(entry, count - 1);
    const group = entry - (entry % lanes);
    const at = entry * treeEntry.bytes;
    view.setUint32(at + treeEntry.root, nodesAt + starts[tree]! * slotBytes, true);
    view.setInt32(at + treeEntry.steps, steps[tree]!, true);
    view.setInt32(at + treeEntry.score, (treeOutputs?.[tree] ?? 0) * 8, true);
    const ofGroup = steps.subarray(group, group + lanes);
    view.setInt32(at + treeEntry.groupSteps, together(...ofGroup), true);
    view.setFloat64(at + treeEntry.weight, treeWeights?.[tree] ?? 1, true);
  }
}

function writeVectors({ leaves, leafColumns, singles }: WasmTrees, view: DataView): void {
  singles!.forEach((column, i) => {
    const at = i * vectorEntry.bytes;
    view.setFloat64(at + vectorEntry.value, leaves![i * leafColumns + column] ?? 0, true);
    view.setInt32(at + vectorEntry.score, column * 8, true);
  });
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
