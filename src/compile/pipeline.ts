import { type Value, viewRows } from '../input/dense.js';
import type { Scorer } from './scorer.js';
import type { Transformer } from './transformer.js';

/** Rows that pass all parts before the next do: what lies between the parts then stays small, and in the cache. */
const blockCells = 2 ** 18;
const mostRows = 4096;
const fewestRows = 64;

/** Calls `run` with the rows of `x`, a block after another, and with the number of each block's first row. */
export function inBlocks(
  x: Value,
  width: number,
  run: (block: Value, start: number) => void,
): void {
  const size = Math.max(fewestRows, Math.min(mostRows, Math.floor(blockCells / width)));
  if (x.rows <= size) {
    run(x, 0);
    return;
  }
  for (let start = 0; start < x.rows; start += size)
    run(viewRows(x, start, Math.min(x.rows, start + size)), start);
}

/** A scorer whose input passes through a transformer first. */
export function compose(before: Transformer, last: Scorer): Scorer {
  const { outputs, head, deviations } = last;
  const width = before.gives.columns;
  return {
    outputs,
    head,
    leaves: null,
    deviations: deviations && ((x) => deviations(before.transform(x))),
    score(x, out) {
      if (x.rows === 1) return last.score(before.transform(x), out);
      let single = false;
      inBlocks(x, Math.max(width, x.cols), (block, start) => {
        const rows = out.subarray(start * outputs, (start + block.rows) * outputs);
        single = last.score(before.transform(block), rows);
      });
      return single;
    },
  };
}
