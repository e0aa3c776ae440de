import type { Value } from '../input/dense.js';
import type { Node, Trees } from '../ir/index.js';
import type { Scorer } from './scorer.js';

/** Adds the leaves of all rows to their scores, as the portable walks do, to the bit. */
export type AddLeaves = (x: Value, out: Float64Array) => void;

/** What makes walks and products faster. */
export interface Accelerator {
  /** A model's file where its trees are walked best, perhaps as it is. */
  place(bytes: Uint8Array): Uint8Array;
  /** The walks of a forest, for blocks of about so many rows; null where it cannot make them faster. `portably` is for rows that it cannot take after all. */
  accelerate(trees: Trees, blockRows: number, portably: AddLeaves): AddLeaves | null;
  /** A scorer of this part that becomes faster than `portable`, from some time on; null where it is not linear, or cannot be made faster. */
  multiply(node: Node, portable: Scorer): Scorer | null;
}
