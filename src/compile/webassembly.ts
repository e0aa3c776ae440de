import { type Value, viewRows } from '../input/dense.js';
import { condense, proveTrees } from '../kernels/check-wasm.js';
import { createWasmWalker } from '../kernels/walk-wasm.js';
import { placeInMemory } from '../kernels/wasm-memory.js';
import type { Accelerator } from './accelerator.js';
import { multiplyInWasm } from './multiply.js';
import { hasGaps, loadRow, singlesOf } from './trees.js';

/** Rows of a block, and their cells and scores in WebAssembly's memory: not more than these. The more rows, the more go the same way. */
const mostRows = 2 ** 14;
const mostCells = 2 ** 20;

/**
 * Walks trees and multiplies rows in WebAssembly, with the same answers to the bit, and checks large files there, with the same verdict: an option of `load` and
 * `createModel`, and what `loadFile` does. Trees with categories, and places where WebAssembly is missing or forbidden, keep the portable kernels.
 */
export const webAssembly: Accelerator = {
  place: placeInMemory,
  condense,
  proveTrees,
  multiply: multiplyInWasm,
  accelerate(trees, portably) {
    const { features, outputs, categories, layout, sums, base } = trees;
    // Sums of float32 start from such numbers.
    if (categories !== null || (sums && base?.some((one) => Math.fround(one) !== one))) return null;
    const wanted = Math.min(mostRows, Math.floor(mostCells / Math.max(features, outputs)));
    const facts = { ...trees, wide: layout === 'wide', singles: singlesOf(trees) };
    const walker = createWasmWalker(facts, Math.max(1, wanted));
    if (walker === null) return null;
    const { blockRows, columnsFrom, inputs, scores, putRows, addLeaves } = walker;
    return (x: Value, out: Float64Array): void => {
      for (let start = 0; start < x.rows; start += blockRows) {
        const rows = Math.min(blockRows, x.rows - start);
        const offset = start * outputs;
        const count = rows * outputs;
        let gaps: boolean;
        if (rows < columnsFrom) {
          gaps = false;
          for (let row = 0, at = 0; row < rows; row++) {
            gaps = loadRow(trees, inputs, at, x, start + row) || gaps;
            at += features + 1;
            inputs[at - 1] = NaN;
          }
          for (let i = 0; i < count; i++) scores[i] = out[offset + i]!;
        } else {
          const cells = x.data.subarray(start * features, (start + rows) * features);
          gaps = !putRows(cells, rows) && hasGaps(trees, x, start, rows);
          scores.set(out.subarray(offset, offset + count));
        }
        if (!addLeaves(rows, gaps)) {
          portably(viewRows(x, start, x.rows), out.subarray(offset));
          return;
        }
        if (rows < columnsFrom) for (let i = 0; i < count; i++) out[offset + i] = scores[i]!;
        else out.set(scores.subarray(0, count), offset);
      }
    };
  },
};
