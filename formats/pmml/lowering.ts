import type { Column } from './column.js';
import type { Effort } from './effort.js';
import type { FeatureTable } from './features.js';
import type { Reading } from './reading.js';

/** What making a model shares, when its fields are known. */
export interface Lowering extends Reading {
  readonly effort: Effort;
  /** What all trees of the file ask. */
  readonly features: FeatureTable;
  /** How many columns the model's input has, and one of them as numbers. */
  readonly given: number;
  readonly first: Column;
}
