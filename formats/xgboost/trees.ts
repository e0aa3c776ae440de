import { NuthatchError } from '../../src/errors.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';
import type { SetTable } from '../boosting/category-sets.js';
import type { XgboostTree } from './model.js';

/** XGBoost takes no category from here on for one. */
const categoryBound = 2 ** 24;

/** A tree as trees are packed: of the nodes that the root leads to, in the order of a walk. `change`: what is made of its leaves, in float32. */
export function toSource(
  tree: XgboostTree,
  change: (leaf: number) => number,
  sets: SetTable,
  mostCategories: number,
): SourceTree {
  const { path, leafColumns, leafValues, leafOf, condition, categories } = tree;
  const nodes = reachedNodes(tree);
  const place = new Int32Array(tree.left.length);
  nodes.forEach((node, i) => {
    place[node] = i;
  });
  const isSplit = (node: number) => tree.left[node] !== -1;
  const child = (children: ArrayLike<number>) =>
    nodes.map((node) => (isSplit(node) ? place[children[node]!]! : -1));
  const values = new Float64Array(nodes.length * leafColumns);
  const bound = Math.min(categoryBound, mostCategories);
  const threshold = nodes.map((node, i) => {
    if (isSplit(node)) {
      const set = categories.get(node);
      return set === undefined
        ? justBelow(condition[node]!)
        : sets.addCategories(set, bound, `${path}, node ${node}`);
    }
    for (let k = 0; k < leafColumns; k++) {
      const value = leafValues ? leafValues[leafOf(node) * leafColumns + k]! : condition[node]!;
      values[i * leafColumns + k] = Math.fround(change(Math.fround(value)));
    }
    return 0;
  });
  return {
    left: child(tree.left),
    right: child(tree.right),
    feature: nodes.map((node) => tree.feature[node]!),
    threshold,
    missingLeft: nodes.map((node) => tree.defaultLeft[node]!),
    categorical: nodes.map((node) => Number(isSplit(node) && categories.has(node))),
    values,
    covers: tree.hessians && nodes.map((node) => tree.hessians![node]!),
    path,
  };
}

/** A number below a float32, and above all other float32 that are: rows go left below a threshold, and here at one. */
const justBelow = (threshold: number): number => {
  const single = Math.fround(threshold);
  return single === 0 ? -(2 ** -160) : single - Math.abs(single) * 2 ** -40;
};

/** The nodes that the root leads to. All others were deleted in training; there are as many as the file says. */
function reachedNodes({ left, right, deleted, path }: XgboostTree): number[] {
  const count = left.length;
  const fail = (node: number, message: string): never => {
    throw new NuthatchError('invalid-model', `${path}, node ${node}`, message);
  };
  if (count === 0) fail(0, 'a tree without nodes');
  const reached = new Uint8Array(count);
  const nodes: number[] = [];
  const stack = [0];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    nodes.push(node);
    if (left[node] === -1) continue;
    for (const to of [right[node]!, left[node]!]) {
      if (!(to > 0 && to < count)) fail(node, `child ${to} of ${count} nodes`);
      if (reached[to] === 1) fail(node, `child ${to} has another parent`);
      reached[to] = 1;
      stack.push(to);
    }
  }
  if (count - nodes.length !== deleted)
    fail(0, `leads to ${nodes.length} of ${count} nodes, of which ${deleted} are deleted`);
  return nodes;
}
