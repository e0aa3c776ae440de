import type { NonFinitePolicy } from 'nuthatch/ir';
import type { Query } from './query.js';

export const largest = '1.7976931348623157e308';
/** What rounds to the largest float32, and not to infinity. */
export const largestSingle = '3.4028235677973362e38';

/** Cells that a part refuses leave their row without an answer; those that are not finite all do. */
export function requireCells(
  query: Query,
  cells: readonly string[],
  policy: NonFinitePolicy,
  limit = largest,
): void {
  for (const cell of cells) {
    const finite = `${cell} BETWEEN -${limit} AND ${limit}`;
    query.require(policy === 'refuse' ? finite : `(${cell} IS NULL OR ${finite})`);
  }
}
