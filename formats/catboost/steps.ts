import { malformed } from '../json/json.js';
import type { CatboostTree } from './model.js';

/** Trees of any form as the binary format has them: nodes one after another. */
export interface StepNodes {
  readonly splits: readonly number[];
  readonly steps: readonly Step[];
  /** Where each node's values begin in `leaves`. */
  readonly leafOf: readonly number[];
  readonly leaves: Float64Array;
  /** Empty where they are not known. */
  readonly weights: Float64Array;
  /** The first node of this tree, and how many it has. */
  readonly from: number;
  readonly size: number;
}

/** How many places after a node its children come; 0 where it has the values of that side itself. */
export type Step = readonly [left: number, right: number];

export const readStep = (view: DataView, at: number): Step => [
  view.getUint16(at, true),
  view.getUint16(at + 2, true),
];

/** A tree of nodes that ends in leaves: a node that ends on one side only gets one for that. */
export function growSteps(nodes: StepNodes, outputs: number, path: string): CatboostTree {
  const { splits, steps, leafOf, leaves, weights, from, size } = nodes;
  const left: number[] = [];
  const right: number[] = [];
  // The node that each leaf has its values of.
  const sources = new Map<number, number>();
  let count = size;
  for (let node = 0; node < size; node++) {
    const step = steps[from + node]!;
    const place = `${path}, node ${node}`;
    if (step.some((places) => node + places >= size))
      throw malformed(place, `children ${step.join(' and ')} places on, of ${size} nodes`);
    const isLeaf = step[0] === 0 && step[1] === 0;
    const child = (places: number): number => {
      if (isLeaf) return -1;
      if (places > 0) return node + places;
      sources.set(count, node);
      return count++;
    };
    left[node] = child(step[0]);
    right[node] = child(step[1]);
    if (isLeaf) sources.set(node, node);
  }
  if (count !== 2 * sources.size - 1)
    throw malformed(path, `a tree of ${count} nodes with ${sources.size} leaves`);
  const values = new Float64Array(count * outputs);
  const covers = new Float64Array(count);
  for (let node = count - 1; node >= 0; node--) {
    const source = sources.get(node);
    if (source === undefined) {
      covers[node] = covers[left[node]!]! + covers[right[node]!]!;
      continue;
    }
    left[node] = -1;
    right[node] = -1;
    const at = leafOf[from + source]!;
    if (at % outputs !== 0 || at + outputs > leaves.length)
      throw malformed(`${path}, node ${source}`, `values ${at} of ${leaves.length}`);
    values.set(leaves.subarray(at, at + outputs), node * outputs);
    covers[node] = weights[at / outputs] ?? 0;
  }
  return {
    ...{ path, left, right, values },
    split: Int32Array.from({ length: count }, (_, node) =>
      node < size ? splits[from + node]! : 0,
    ),
    weights: weights.length === 0 ? null : covers,
  };
}
