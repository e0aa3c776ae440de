/** What was compared of one export of one model. */
export interface Proof {
  readonly bytes: number;
  readonly values: number;
  /** Values that are the same to the bit, and that differ by more than they may. */
  readonly identical: number;
  readonly failed: number;
}
