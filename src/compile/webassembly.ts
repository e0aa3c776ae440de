import { type Value, viewRows } from '../input/dense.js';
import { createWasmWalker, placeInMemory } from '../kernels/walk-wasm.js';
import type { Accelerator } from './accelerator.js';
import { multiplyInWasm } from './multiply.js';
import { loadRows } from './trees.js';

/** Scores of a block lie in WebAssembly's memory: not more than this. */
const mostScores = 2 ** 20;

/**
 * Walks trees and multiplies rows in WebAssembly, with the same answers to the bit: an option of `load` and `createModel`, and what `loadFile` does.
 * Trees with categories, and places where WebAssembly is missing or forbidden, keep the portable kernels.
 */
export const webAssembly: Accelerator = {
  place: placeInMemory,
  multiply: multiplyInWasm,
  accelerate(trees, wantedRows, portably) {
    const { outputs, categories, layout } = trees;
    if (categories !== null) return null;
    const mostRows = Math.max(1, Math.min(wantedRows, Math.floor(mostScores / outputs)));
    const walker = createWasmWalker({ ...trees, wide: layout === 'wide' }, mostRows);
    if (walker === null) return null;
    const { blockRows, inputs, scores, addLeaves } = walker;
    return (x: Value, out: Float64Array): void => {
      for (let start = 0; start < x.rows; start += blockRows) {
        const rows = Math.min(blockRows, x.rows - start);
        const gaps = loadRows(trees, inputs, x, start, rows);
        const offset = start * outputs;
        const count = rows * outputs;
        for (let i = 0; i < count; i++) scores[i] = out[offset + i]!;
        if (!addLeaves(rows, gaps)) {
          portably(viewRows(x, start, x.rows), out.subarray(offset));
          return;
        }
        for (let i = 0; i < count; i++) out[offset + i] = scores[i]!;
      }
    };
  },
};
