import type { Objective } from './objective.js';

/** What is said of a model beside its trees. */
export interface LightgbmFacts {
  readonly version: string;
  readonly features: number;
  /** Trees of an iteration, each for an output. */
  readonly outputs: number;
  readonly objective: Objective;
  /** Whether scores are means over iterations, as of random forests. */
  readonly averages: boolean;
  readonly names: readonly string[] | null;
}
