import type { Value } from '../input/dense.js';
import type { Trees } from '../ir/index.js';

/** Adds the leaves of all rows to their scores, as the portable walks do, to the bit. */
export type AddLeaves = (x: Value, out: Float64Array) => void;

/** What makes walks faster. */
export interface Accelerator {
  /** A model's file where its trees are walked best, perhaps as it is. */
  place(bytes: Uint8Array): Uint8Array;
  /** The walks of a forest; null where it cannot make them faster. `portably` is for rows that it cannot take after all. */
  accelerate(trees: Trees, portably: AddLeaves): AddLeaves | null;
}
