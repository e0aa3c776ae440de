import { rowOf } from '../input/dense.js';
import { type Neighbors, storedRows } from '../ir/index.js';
import { zeros } from '../math/zeros.js';
import { compileDistance, type RowDistance } from './row-distance.js';

/** Which of the stored rows, in the order of the leaves, each node has: those from its start to before its end. */
interface Ranges {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** The reduced distance between a row and a node: none of the node's rows is nearer. */
type Least = (row: Float64Array, node: number) => number;

/**
 * Meets the stored rows that may be neighbours of a row: walks the tree to its leaves, the nearer child first, and passes by what lies farther away
 * than `most` says at the time. `rows` are those stored, in the order of the leaves; `meet` is told which of them a leaf has.
 *
 * Boxes, means and distances are found by the same operations as scikit-learn's, so that the same rows are met in the same order.
 */
export function compileTree(
  node: Neighbors,
  rows: Float64Array,
  distance: RowDistance,
  meet: (row: Float64Array, start: number, end: number) => void,
  most: () => number,
): (row: Float64Array) => void {
  const { tree, nearest } = node;
  const ranges = halve(storedRows(node), tree!.levels);
  const { starts, ends } = ranges;
  const least = (tree!.form === 'kd' ? boxes : balls)(node, rows, ranges, distance);
  const isLeaf = (i: number) => 2 * i + 2 >= starts.length || ends[i]! - starts[i]! < 2;

  function walk(row: Float64Array, i: number, far: number): void {
    if (far > most()) return;
    if (isLeaf(i)) {
      meet(row, starts[i]!, ends[i]!);
      return;
    }
    const first = 2 * i + 1;
    const farFirst = least(row, first);
    const farSecond = least(row, first + 1);
    // Within a radius all are met in their order.
    const inOrder = nearest === null || farFirst <= farSecond;
    if (inOrder) walk(row, first, farFirst);
    walk(row, first + 1, farSecond);
    if (!inOrder) walk(row, first, farFirst);
  }
  return (row) => walk(row, 0, least(row, 0));
}

function halve(count: number, levels: number): Ranges {
  const nodes = 2 * (1 << (levels - 1)) - 1;
  const starts = new Uint32Array(nodes);
  const ends = new Uint32Array(nodes);
  ends[0] = count;
  for (let i = 0; 2 * i + 2 < nodes; i++) {
    const middle = starts[i]! + Math.floor((ends[i]! - starts[i]!) / 2);
    starts[2 * i + 1] = starts[i]!;
    ends[2 * i + 1] = middle;
    starts[2 * i + 2] = middle;
    ends[2 * i + 2] = ends[i]!;
  }
  return { starts, ends };
}

/** Nodes as the smallest boxes around their rows. */
function boxes(
  { features, metric, power }: Neighbors,
  rows: Float64Array,
  { starts, ends }: Ranges,
): Least {
  const low = zeros(starts.length * features).fill(Infinity);
  const high = zeros(starts.length * features).fill(-Infinity);
  starts.forEach((start, i) => {
    for (let at = start * features; at < ends[i]! * features; at++) {
      const to = i * features + (at % features);
      low[to] = Math.min(low[to]!, rows[at]!);
      high[to] = Math.max(high[to]!, rows[at]!);
    }
  });
  // Scales do not count in scikit-learn's boxes.
  const { reduced } = compileDistance({ metric, power, scales: null }, false);
  const nearest = zeros(features);
  return (row, node) => {
    for (let i = 0, at = node * features; i < features; i++, at++)
      nearest[i] = Math.min(Math.max(row[i]!, low[at]!), high[at]!);
    return reduced(row, nearest, 0, features, Infinity);
  };
}

/** Nodes as balls around the mean of their rows. */
function balls(
  { features }: Neighbors,
  rows: Float64Array,
  { starts, ends }: Ranges,
  { reduced, toDistance, toReduced }: RowDistance,
): Least {
  const means = zeros(starts.length * features);
  const sizes = zeros(starts.length);
  starts.forEach((start, i) => {
    const mean = rowOf(means, i, features);
    for (let at = start * features; at < ends[i]! * features; at++)
      mean[at % features]! += rows[at]!;
    for (let col = 0; col < features; col++) mean[col]! /= ends[i]! - start;
    let most = 0;
    for (let row = start; row < ends[i]!; row++)
      most = Math.max(most, reduced(mean, rows, row * features, features, Infinity));
    sizes[i] = toDistance(most);
  });
  return (row, node) => {
    const far = toDistance(reduced(row, means, node * features, features, Infinity));
    return toReduced(Math.max(0, far - sizes[node]!));
  };
}
