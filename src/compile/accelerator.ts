import type { Value } from '../input/dense.js';
import type { Node, ProveTrees, Trees } from '../ir/index.js';
import type { Scorer } from './scorer.js';

/** Adds the leaves of all rows to their scores, as the portable walks do, to the bit. */
export type AddLeaves = (x: Value, out: Float64Array) => void;

/** What makes walks and products faster. */
export interface Accelerator {
  /** A model's file where its trees are walked best, perhaps as it is. */
  place(bytes: Uint8Array): Uint8Array;
  /** Where a file of so many bytes is to be read to, so that `place` leaves it there; null where any memory is as good. */
  reserve?(length: number): Uint8Array | null;
  /**
   * Few bytes in the place of `bytes[start, end)`: after them a CRC-32 that began with 0 is what it is after those, had it begun with `crc` (no complement is
   * taken). null where it cannot find them faster.
   */
  condense?(bytes: Uint8Array, start: number, end: number, crc: number): Uint8Array | null;
  /** Whether the structure of trees and their depths are proven to be right; false says nothing. */
  proveTrees?: ProveTrees;
  /** The walks of a forest; null where it cannot make them faster. `portably` is for rows that it cannot take after all. */
  accelerate(trees: Trees, portably: AddLeaves): AddLeaves | null;
  /** What scores rows as this part does, and becomes faster than `portable`, from some time on; null where it is not linear, or cannot be made faster. */
  multiply<Scores extends Pick<Scorer, 'score'>>(node: Node, portable: Scores): Scores | null;
}
