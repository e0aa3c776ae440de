import type { Value } from '../input/dense.js';
import { itemsPath } from '../input/items.js';
import { type Tally, tallyColumns } from '../ir/index.js';
import { visitTerms } from './tally.js';

/**
 * [x.rows × columns]: how far sums of three and more numbers may lie from ours, which are added in the order of a row's items: scipy's
 * sort of a row's columns leaves those that are alike in any order. Each sum of n is off by n − 1 roundings of the sizes' sum, at most. null
 * where there are no such sums.
 */
export function boundTally(node: Tally, x: Value): Float64Array | null {
  const columns = tallyColumns(node);
  const rounding = node.type === 'float32' ? 2 ** -24 : 2 ** -53;
  const visit = visitTerms(node);
  const result = new Float64Array(x.rows * columns);
  for (let row = 0; row < x.rows; row++) {
    const found = new Map<number, { count: number; size: number; whole: boolean }>();
    const add = (column: number, value: number) => {
      const { count, size, whole } = found.get(column) ?? { count: 0, size: 0, whole: true };
      found.set(column, {
        count: count + 1,
        size: size + Math.abs(value),
        whole: whole && Number.isInteger(value),
      });
    };
    visit(x.strings![row], itemsPath(x, row, 0), add);
    // Whole numbers that are not too large are added exactly.
    for (const [column, { count, size, whole }] of found)
      if (count > 2 && !(whole && size < 2 ** 24))
        result[row * columns + column] = 2 * (count - 1) * rounding * size;
  }
  return result.some((bound) => bound > 0) ? result : null;
}
