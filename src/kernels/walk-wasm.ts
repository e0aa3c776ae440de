import { assembleColumns, rowsTogether } from './columns-code.js';
import {
  assemblePartition,
  type PartitionCode,
  pairBytes,
  partBytes,
  rowBytes,
  shufflesBytes,
  walkerBytes,
  writeShuffles,
} from './partition-code.js';
import { assembleRowsWalk, assembleRowWalk } from './row-code.js';
import { lanes, treeEntry, vectorEntry, type WalkCode } from './walk-code.js';
import { type Laid, listLeaves, type WasmTrees, writeEntries, writeVectors } from './walk-data.js';
import {
  addressable,
  aligned,
  createMemory,
  createModule,
  findWasm,
  placed,
  type Run,
} from './wasm-memory.js';

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

/** Rows of a block that are enough for trees to be walked where they lie; for fewer a copy of them is made. */
const enoughRows = 64;

/** Rows of a block that is split as trees split it, instead of walking by eights: as many as a tree has leaves, within bounds. */
const leastSplit = { fewest: 32, most: 200 };

/** So many rows times trees in one call, some milliseconds: V8 has fast code ten milliseconds after the first one, and goes over to it from call to call only. */
const walksOfCall = 2 ** 17;

/** Bytes of rows that are turned into columns at a time: they stay in the cache. */
const stagingBytes = 2 ** 14;

/** Columns lie an odd number of cache lines apart, so that the cells of a row are not all kept in the same place of the cache. */
const columnBytes = (rows: number, cellBytes: number): number =>
  (Math.floor((rows * cellBytes) / 64) | 1) * 64 + 64;

/**
 * A walker for blocks of up to `wantedRows` rows, 65,536 or fewer, with the same answers as the portable walks to the bit; null where WebAssembly is missing or
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
    const listBytes = aligned(blockRows * rowBytes);
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
    const instantiate = (bytes: Uint8Array): Run =>
      new wasm.Instance(createModule(wasm, bytes), { m: { m: memory } }).exports.f;
    const compile = (gaps: boolean) => {
      const code: PartitionCode = {
        ...{ gaps, wide, input, features, outputs, featureBits, leafColumns },
        single: trees.sums !== undefined,
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
    const columnsFrom = Math.max(leastSplit.fewest, Math.min(leastSplit.most, leavesOfTree));
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
          const bytes = Math.max(1, Math.floor(walksOfCall / rows)) * treeEntry.bytes;
          for (let at = entriesAt; at < entriesEnd; at += bytes)
            walk.partition(inputsAt, scoresAt, at, Math.min(at + bytes, entriesEnd), rows, stride);
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
