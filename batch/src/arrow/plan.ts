import { type Model, NuthatchError } from 'nuthatch';
import type { ColumnType } from '../batch.js';
import type { Kept } from '../csv/plan.js';
import type { Feature } from '../features.js';
import { planTable, type TablePlan } from '../table.js';
import type { ArrowField } from './schema.js';

/** What becomes of the columns of a table. */
export interface ArrowPlan extends TablePlan {
  readonly format: 'arrow';
  /** The columns of the table. */
  readonly fields: readonly ArrowField[];
}

export const planArrow = (fields: readonly ArrowField[], model: Model, kept: Kept): ArrowPlan => ({
  ...planTable(fields, model, kept, checkFeature, typeOf),
  format: 'arrow',
  fields,
});

/** Whether the model can take the column, whatever is in it. */
function checkFeature({ name, type }: ArrowField, feature: Feature): void {
  if (feature === 'unused' || type.kind === 'null') return;
  const [expected, kinds] =
    feature === 'string' ? ['strings', ['text']] : ['numbers', ['int', 'float', 'bool']];
  if (kinds.includes(type.kind)) return;
  throw new NuthatchError(
    'input-type',
    `column ${JSON.stringify(name)}`,
    `expected ${expected}, found ${nameOf(type)}`,
  );
}

const nameOf = (type: ArrowField['type']): string =>
  type.kind === 'other' ? `Arrow's ${type.name}` : `${type.kind}s`;

const types = {
  null: 'mixed',
  bool: 'boolean',
  int: 'integer',
  float: 'number',
  time: 'date',
  text: 'string',
} as const;

function typeOf({ name, type }: ArrowField): ColumnType {
  if (type.kind !== 'other') return types[type.kind];
  throw new NuthatchError(
    'unsupported',
    `column ${JSON.stringify(name)}`,
    `columns of Arrow's ${type.name} cannot go beside answers`,
  );
}
