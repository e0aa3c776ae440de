import type { Node } from '../../src/ir/index.js';
import type { Estimator } from './estimator.js';

/** From a class's full name to the function that turns its fitted state into IR. */
export type LoweringTable = Readonly<Record<string, (estimator: Estimator) => Node>>;
