import type { Value } from './columns.js';
import type { Operator } from './operator.js';

/** Makes of an operator the values of its outputs, by its name. */
export type LoweringTable = Readonly<Record<string, (operator: Operator) => readonly Value[]>>;
