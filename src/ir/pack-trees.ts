import { refuse } from '../errors.js';
import { narrowest, type UintArray } from './fields.js';
import { LeafTable } from './leaf-table.js';
import type { Limits } from './limits.js';
import { featureShift, float64View, nodeFlags, wideFeatureBits } from './tree-layout.js';
import type { CategorySets, Trees } from './trees.js';

/** One tree as most libraries have it: arrays over its nodes, node 0 the root. */
export interface SourceTree {
  /** Children's indices; both −1 at a leaf. */
  readonly left: ArrayLike<number>;
  readonly right: ArrayLike<number>;
  /** Feature of each split; ignored at leaves. */
  readonly feature: ArrayLike<number>;
  /** Threshold of each split (left where x ≤ threshold), or the index of its category set; ignored at leaves. */
  readonly threshold: ArrayLike<number>;
  /** Whether NaN goes left, non-zero for yes; null for always right. */
  readonly missingLeft: ArrayLike<number> | null;
  /** Whether each split is by category, non-zero for yes; null for never. */
  readonly categorical: ArrayLike<number> | null;
  /** Values of the leaves: node i has the `leafColumns` values from i × leafColumns on. Splits' values are ignored. */
  readonly values: Float64Array;
  readonly covers: ArrayLike<number> | null;
  /** Where the tree is, for messages. */
  readonly path: string;
}

export interface PackOptions {
  readonly features: number;
  readonly leafColumns: number;
  readonly precision: Trees['precision'];
  readonly categories: CategorySets | null;
  /** Whether ids are needed: nodes that are not numbered in preorder then get `nodeIds`. */
  readonly keepIds: boolean;
  readonly keepCovers: boolean;
  readonly limits: Limits;
  /** Told what share is done, tree by tree. */
  readonly onProgress?: ((step: 'pack', share: number) => void) | undefined;
}

export type PackedTrees = Pick<
  Trees,
  | 'layout'
  | 'featureBits'
  | 'nodes'
  | 'starts'
  | 'depths'
  | 'leafColumns'
  | 'leaves'
  | 'categories'
  | 'nodeIds'
  | 'covers'
  | 'features'
  | 'precision'
>;

/**
 * Lays trees out as `Trees` describes: depth first, pairs of children together, equal leaf vectors stored once, thresholds
 * rounded down to float32 where inputs are float32 (exact: no float32 lies between the two).
 *
 * Throws `invalid-model` where a source is not a tree.
 */
export function packTrees(sources: readonly SourceTree[], options: PackOptions): PackedTrees {
  checkSize(sources, options.limits);
  const tell = (trees: number) => options.onProgress?.('pack', trees / (2 * sources.length));
  const orders = sources.map((tree, t) => {
    tell(t);
    return slotOrder(tree, options);
  });
  const starts = new Uint32Array(sources.length + 1);
  orders.forEach((order, t) => {
    starts[t + 1] = starts[t]! + order.nodes.length;
  });
  const slots = starts[sources.length]!;
  const bits = bitLength(options.features);
  const largest = orders.reduce((most, order) => Math.max(most, order.nodes.length), 1);
  const fits = featureShift + bits + bitLength(largest - 1) <= 32;
  const layout = options.precision === 'float32' && fits ? 'narrow' : 'wide';
  const featureBits = layout === 'narrow' ? bits : wideFeatureBits;
  const writer = createWriter(layout, featureBits, slots, options);
  sources.forEach((tree, t) => {
    tell(sources.length + t);
    writer.write(tree, orders[t]!, starts[t]!);
  });
  return {
    features: options.features,
    precision: options.precision,
    layout,
    featureBits,
    nodes: writer.nodes,
    starts,
    depths: narrowest(orders.map((order) => order.depth)),
    leafColumns: options.leafColumns,
    leaves: options.leafColumns === 1 ? null : writer.leaves.values(),
    categories: options.categories,
    nodeIds: options.keepIds ? gatherIds(sources, orders, starts) : null,
    covers: options.keepCovers ? gatherCovers(sources, orders, starts) : null,
  };
}

/** Before anything is allocated for them. */
function checkSize(sources: readonly SourceTree[], limits: Limits): void {
  const nodes = sources.reduce((sum, tree) => sum + tree.left.length, 0);
  if (sources.length <= limits.trees && nodes <= limits.nodes) return;
  refuse(
    'limit-exceeded',
    sources[0]!.path,
    `${sources.length} trees of ${nodes} nodes exceed the limits of ${limits.trees} and ${limits.nodes}`,
  );
}

interface SlotOrder {
  /** The node in each slot. */
  readonly nodes: Uint32Array;
  /** The slot of the left child of the node in each slot; 0 at a leaf. */
  readonly child: Uint32Array;
  readonly depth: number;
}

/** Assigns slots depth first and proves on the way that every node is reached exactly once. */
function slotOrder(tree: SourceTree, options: PackOptions): SlotOrder {
  const size = tree.left.length;
  const fail = (node: number, message: string): never => {
    refuse('invalid-model', `${tree.path}, node ${node}`, message);
  };
  if (size < 1) fail(0, 'a tree without nodes');
  const nodes = new Uint32Array(size);
  const child = new Uint32Array(size);
  const depths = new Uint32Array(size);
  const reached = new Uint8Array(size);
  reached[0] = 1;
  let next = 1;
  let depth = 0;
  const stack = [0];
  for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
    const node = nodes[slot]!;
    const left = tree.left[node]!;
    const right = tree.right[node]!;
    if (left === -1 && right === -1) {
      depth = Math.max(depth, depths[slot]!);
      continue;
    }
    for (const to of [left, right]) {
      if (!(Number.isInteger(to) && to >= 0 && to < size))
        fail(node, `child ${to} of ${size} nodes`);
      if (reached[to] === 1) fail(node, `child ${to} has another parent`);
      reached[to] = 1;
    }
    const feature = tree.feature[node]!;
    if (!(Number.isInteger(feature) && feature >= 0 && feature < options.features)) {
      fail(node, `feature ${feature} of ${options.features}`);
    }
    if (Number.isNaN(tree.threshold[node]!)) fail(node, 'a threshold that is not a number');
    const deeper = depths[slot]! + 1;
    if (deeper > options.limits.treeDepth)
      fail(node, `deeper than the limit of ${options.limits.treeDepth}`);
    child[slot] = next;
    nodes[next] = left;
    nodes[next + 1] = right;
    depths[next] = deeper;
    depths[next + 1] = deeper;
    stack.push(next + 1, next);
    next += 2;
  }
  const orphan = reached.indexOf(0);
  if (orphan !== -1) fail(orphan, 'no node leads here');
  return { nodes, child, depth };
}

function createWriter(
  layout: Trees['layout'],
  featureBits: number,
  slots: number,
  options: PackOptions,
) {
  const { features, leafColumns } = options;
  const wide = layout === 'wide';
  const stride = wide ? 4 : 2;
  const childShift = featureShift + featureBits;
  const nodes = new Uint32Array(slots * stride);
  const float32 = new Float32Array(nodes.buffer);
  const float64 = float64View(nodes);
  const leaves = new LeafTable(leafColumns);

  function operand(at: number, value: number, kind: 'threshold' | 'index'): void {
    if (wide) float64[at >> 1] = value;
    else if (kind === 'index') nodes[at] = value;
    else float32[at] = floorFloat32(value);
  }

  function link(at: number, flags: number, feature: number, child: number): void {
    const low = flags | (feature << featureShift);
    if (wide) {
      nodes[at + 2] = low;
      nodes[at + 3] = child;
    } else {
      // A shift by 32 is a shift by 0 in JavaScript; a tree whose child field has no bits has no child but 0.
      nodes[at + 1] = childShift === 32 ? low : low | (child << childShift);
    }
  }

  function write(tree: SourceTree, order: SlotOrder, start: number): void {
    const isLeaf = (slot: number) => order.child[slot] === 0;
    for (let slot = 0; slot < order.nodes.length; slot++) {
      const node = order.nodes[slot]!;
      const at = (start + slot) * stride;
      if (isLeaf(slot)) {
        if (leafColumns === 1) {
          float64[at >> 1] = tree.values[node]!;
        } else {
          operand(at, leaves.add(tree.values, node * leafColumns), 'index');
          link(at, 0, features, slot);
        }
        continue;
      }
      const child = order.child[slot]!;
      const categorical = tree.categorical !== null && tree.categorical[node] !== 0;
      const missingLeft = tree.missingLeft !== null && tree.missingLeft[node] !== 0;
      const flags =
        (missingLeft ? 0 : nodeFlags.missingRight) |
        (isLeaf(child) ? nodeFlags.leftLeaf : 0) |
        (isLeaf(child + 1) ? nodeFlags.rightLeaf : 0) |
        (categorical ? nodeFlags.categorical : 0);
      operand(at, tree.threshold[node]!, categorical ? 'index' : 'threshold');
      link(at, flags, tree.feature[node]!, child);
    }
  }

  return { nodes, leaves, write };
}

const float32Scratch = new Float32Array(1);
const int32Scratch = new Int32Array(float32Scratch.buffer);

/** The largest float32 that is not above `value`. */
export function floorFloat32(value: number): number {
  const rounded = Math.fround(value);
  if (!(rounded > value)) return rounded;
  if (rounded === 0) return -1.401298464324817e-45;
  float32Scratch[0] = rounded;
  int32Scratch[0]! += rounded > 0 ? -1 : 1;
  return float32Scratch[0]!;
}

function bitLength(value: number): number {
  return 32 - Math.clz32(value);
}

/** The source's ids by slot, or null where they are the preorder numbers that the layout implies. */
function gatherIds(
  sources: readonly SourceTree[],
  orders: readonly SlotOrder[],
  starts: Uint32Array,
): UintArray | null {
  let preorder = true;
  sources.forEach((tree) => {
    preorder &&= isPreorder(tree);
  });
  if (preorder) return null;
  const ids = new Uint32Array(starts[sources.length]!);
  orders.forEach((order, t) => {
    ids.set(order.nodes, starts[t]!);
  });
  return narrowest(ids);
}

/** Whether nodes are numbered as a depth-first walk meets them, left before right. */
function isPreorder(tree: SourceTree): boolean {
  let expected = 0;
  const stack = [0];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node !== expected++) return false;
    if (tree.left[node]! !== -1) stack.push(tree.right[node]!, tree.left[node]!);
  }
  return true;
}

function gatherCovers(
  sources: readonly SourceTree[],
  orders: readonly SlotOrder[],
  starts: Uint32Array,
): Float64Array | null {
  if (sources.some((tree) => tree.covers === null)) return null;
  const covers = new Float64Array(starts[sources.length]!);
  orders.forEach((order, t) => {
    const source = sources[t]!.covers!;
    order.nodes.forEach((node, slot) => {
      covers[starts[t]! + slot] = source[node]!;
    });
  });
  return covers;
}
