import type { ProveTrees } from './tree-layout.js';

/** Upper bounds on what a model may claim. Each can be raised by an option of the function that reads it. */
export interface Limits {
  /** Bytes of a model file. */
  readonly fileBytes: number;
  /** Bytes of a file's header. */
  readonly headerBytes: number;
  /** Bytes that decoding a file may take beyond four times its own. */
  readonly memoryBytes: number;
  /** Bytes of one string. */
  readonly stringBytes: number;
  /** Nesting of maps, arrays and model parts. */
  readonly nesting: number;
  readonly trees: number;
  readonly nodes: number;
  /** Edges between a root and its deepest leaf. */
  readonly treeDepth: number;
  readonly features: number;
  readonly classes: number;
}

/** Limits, and what may spare a validator work. */
export interface Rules extends Limits {
  readonly proveTrees?: ProveTrees | undefined;
}

export const defaultLimits: Limits = {
  fileBytes: 512 * 2 ** 20,
  headerBytes: 64 * 2 ** 20,
  memoryBytes: 64 * 2 ** 20,
  stringBytes: 2 ** 20,
  nesting: 64,
  trees: 100_000,
  nodes: 50_000_000,
  treeDepth: 4096,
  features: 1_000_000,
  classes: 65_536,
};
