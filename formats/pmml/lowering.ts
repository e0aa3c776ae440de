import type { Column } from './column.js';
import type { Effort } from './effort.js';
import type { FeatureTable } from './features.js';
import type { Reading } from './reading.js';
import type { Element } from './xml.js';

/** What making a model shares, when its fields are known. */
export interface Lowering extends Reading {
  readonly effort: Effort;
  /** What all trees of the file ask. */
  readonly features: FeatureTable;
  /** What the file defines to be applied, by name. */
  readonly functions: ReadonlyMap<string, Element>;
  /** How many columns the model's input has, and one of them as numbers. */
  readonly given: number;
  readonly first: Column;
}
