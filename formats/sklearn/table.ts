import type { Node } from '../../src/ir/index.js';
import type { ImportedModel, ImportOptions } from '../format.js';
import type { Estimator } from './estimator.js';

/** From a class's full name to the function that turns its fitted state into IR. */
export type LoweringTable = Readonly<Record<string, (estimator: Estimator) => Node>>;

/** A class of another library. Its state holds a model as that library writes it, which the format of the library reads. */
export interface ForeignClass {
  /** The model itself, as its own `predict` answers. */
  read(estimator: Estimator, options: ImportOptions): ImportedModel;
  /** What the estimator makes of it. */
  lower(estimator: Estimator, model: ImportedModel): Node;
}

/** From the full names of a library's classes to what is read of them. */
export type ForeignTable = Readonly<Record<string, ForeignClass>>;
