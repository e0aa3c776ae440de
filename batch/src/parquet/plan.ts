import { type Model, NuthatchError } from 'nuthatch';
import type { Kept } from '../csv/plan.js';
import type { Feature } from '../features.js';
import type { FileState } from '../file.js';
import { planTable, type TablePlan } from '../table.js';
import { columnPlace, columnTypeOf, type Field } from './field.js';

/** What becomes of the columns of a file. */
export interface ParquetPlan extends TablePlan {
  readonly format: 'parquet';
  readonly file: FileState;
  /** The columns that are read. */
  readonly fields: readonly Field[];
}

export const planParquet = (fields: readonly Field[], model: Model, kept: Kept): TablePlan =>
  planTable(fields, model, kept, checkFeature, columnTypeOf);

const numbers = /^(boolean|u?int(32|64)|float(16|32|64)|decimal|null)$/;
const texts = /^(string|null)$/;

/** Whether the model can take the column, whatever is in it. */
function checkFeature({ name, kind, type }: Field, feature: Feature): void {
  if (feature === 'unused') return;
  const [expected, kinds] = feature === 'string' ? ['strings', texts] : ['numbers', numbers];
  if (kind !== null && kinds.test(kind)) return;
  throw new NuthatchError(
    'input-type',
    columnPlace(name),
    `expected ${expected}, found Parquet's type ${type}`,
  );
}
