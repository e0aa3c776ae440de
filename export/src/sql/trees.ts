import type { Trees } from 'nuthatch/ir';
import { readSlots, type Slot, type Split } from '../json/slots.js';
import { refuse } from '../refuse.js';
import { type Cells, elsewhere } from './cells.js';
import { number } from './dialect.js';
import { largest, largestSingle, requireCells } from './guards.js';
import type { Query } from './query.js';

/** Conditions inside one another: SQLite's parser holds not many more. */
const deepest = 15;
const mostSlots = 20_000;

/** The raw scores of trees: leaves are added in the order of the trees, as the library does. */
export function writeTrees(query: Query, trees: Trees, given: Cells, path: string): string[] {
  const { outputs, base, aggregation, divisor, treeOutputs, nonFinite, precision } = trees;
  if (trees.categories) refuse('unsupported', path, `splits by category ${elsewhere}`);
  if (trees.sums) refuse('unsupported', path, `sums of float32 ${elsewhere}`);
  if (aggregation === 'isolation')
    refuse('unsupported', path, `a score of path lengths ${elsewhere}`);
  const slots = trees.starts.at(-1)!;
  if (slots > mostSlots)
    refuse('limit-exceeded', path, `${slots} nodes; SQL takes ${mostSlots}; use --to js`);
  const depth = Math.max(...trees.depths);
  if (depth > deepest)
    refuse('limit-exceeded', path, `a tree ${depth} deep; SQL takes ${deepest}; use --to js`);
  requireCells(query, given.sql, nonFinite, precision === 'float32' ? largestSingle : largest);
  const all = readSlots(trees);
  return Array.from({ length: outputs }, (_, output) => {
    const own = all.flatMap((tree, t) =>
      treeOutputs && treeOutputs[t] !== output
        ? []
        : [writeNode(trees, tree, 0, given, (slot) => leafOf(trees, slot, t, output, path), path)],
    );
    const start = base ? [number(base[output]!, path)] : [];
    const sum = query.sum([...start, ...own]);
    if (aggregation !== 'mean') return sum;
    return `${sum} / ${number(divisor?.[0] ?? all.length, path)}`;
  });
}

function leafOf(trees: Trees, slot: Slot, tree: number, output: number, path: string): string {
  const { leaves, leafColumns, treeWeights } = trees;
  const value =
    'value' in slot
      ? slot.value
      : leaves![(slot as { vector: number }).vector * leafColumns + output]!;
  return number((treeWeights?.[tree] ?? 1) * value, path);
}

function writeNode(
  trees: Trees,
  slots: readonly Slot[],
  at: number,
  given: Cells,
  leaf: (slot: Slot) => string,
  path: string,
): string {
  const slot = slots[at]!;
  if (!('feature' in slot)) return leaf(slot);
  const left = writeNode(trees, slots, slot.left, given, leaf, path);
  const right = writeNode(trees, slots, slot.left + 1, given, leaf, path);
  if (left === right) return left;
  const cell = given.sql[slot.feature]!;
  const below = goesLeft(trees, slot, cell, path);
  const gap = slot.missing === 'left' && trees.nonFinite !== 'refuse' ? ` OR ${cell} IS NULL` : '';
  return `CASE WHEN ${below}${gap} THEN ${left} ELSE ${right} END`;
}

/** Whether a cell, rounded as trees round it, is not above a threshold: said of the cell as it is, since SQL rounds to no float32. */
function goesLeft({ precision }: Trees, { threshold }: Split, cell: string, path: string): string {
  const limit = threshold!;
  if (limit === Number.POSITIVE_INFINITY) return `${cell} IS NOT NULL`;
  if (limit === Number.NEGATIVE_INFINITY) return '1 = 0';
  if (precision === 'float64') return `${cell} <= ${number(limit, path)}`;
  const single = floorSingle(limit);
  if (single === Number.NEGATIVE_INFINITY) return '1 = 0';
  const next = nextSingle(single);
  if (!Number.isFinite(next)) return `${cell} IS NOT NULL`;
  // Half way there a cell is rounded to the even one of both.
  const middle = (single + next) / 2;
  return `${cell} ${Math.fround(middle) === single ? '<=' : '<'} ${number(middle, path)}`;
}

/** The largest float32 that is not above a number. */
function floorSingle(value: number): number {
  const single = Math.fround(value);
  return single <= value ? single : -nextSingle(-single);
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The next larger float32. */
function nextSingle(value: number): number {
  if (value === 0) return 2 ** -149;
  float[0] = value;
  bits[0]! += value > 0 ? 1 : -1;
  return float[0]!;
}
