import { refuse } from '../errors.js';
import type { Fields } from './fields.js';
import type { NodeRules } from './rules.js';
import {
  expectCells,
  isItemForm,
  type NonFinitePolicy,
  type ResultType,
  resultTypes,
  typeOfColumn,
} from './value.js';

/** Turns each column's categories into numbers, or into columns of which one is 1. */
export interface Encode {
  readonly kind: 'encode';
  readonly features: number;
  readonly nonFinite: NonFinitePolicy;
  /** null: as the input's. */
  readonly type: ResultType | null;
  /** Whether the result is sparse. */
  readonly sparse: boolean;
  /** [features]. */
  readonly columns: readonly EncodeColumn[];
}

/**
 * The values that a column is known to take, and what becomes of them. Each has a code: its position. A missing cell has the next one,
 * and what is neither the one after; without `missing` and `unknown` they are errors.
 */
export interface EncodeColumn {
  /** Not both are there; where none is, missing and unknown cells of any type are told apart. */
  readonly strings: readonly string[] | null;
  readonly numbers: Float64Array | null;
  readonly missing: boolean;
  readonly unknown: boolean;
  /** Output columns of this input column. */
  readonly width: number;
  /** [codes × width]: the numbers of each code; null where it is marked instead. */
  readonly values: Float64Array | null;
  /** [codes]: which output column is 1, the others being 0; −1 for none. */
  readonly marks: Int32Array | null;
}

export const encodeRules: NodeRules<Encode> = {
  kind: 'encode',
  takes: () => ['dense', 'columns'],
  validate(f, features) {
    const type = f.optional('type', f.oneOf<ResultType>, resultTypes);
    const columns = f.maps('columns').map((column) => validateColumn(column, type));
    f.within('columns', columns.length, features, features);
    f.within('columns', widthOf(columns), 0, f.limits.features);
    return { type, sparse: f.flag('sparse'), columns };
  },
  gives({ columns, sparse }, given, path) {
    columns.forEach(({ strings, numbers }, i) => {
      if (strings || numbers) expectCells(strings ? 'string' : 'number', given, i, path);
      else if (isItemForm(typeOfColumn(given, i)))
        refuse('invalid-model', path, `column ${i} holds items`);
    });
    return { kind: sparse ? 'sparse' : 'dense', columns: widthOf(columns) };
  },
};

function validateColumn(f: Fields, type: ResultType | null): EncodeColumn {
  const strings = f.optional('strings', f.names);
  const numbers = f.optional('numbers', f.array<'float64'>, ['float64']);
  const known = strings ?? numbers ?? [];
  if (strings !== null && numbers !== null) f.fail('numbers', 'not beside strings');
  if (numbers && f.unique('numbers', numbers).some(Number.isNaN)) f.fail('numbers', 'NaN');
  const missing = f.flag('missing');
  const unknown = f.flag('unknown');
  const codes = known.length + Number(missing) + Number(unknown);
  const values = f.optional('values', f.array<'float64'>, ['float64']);
  // Columns that no code gives would cost a file nothing, and every row memory.
  const width = f.integer('width', 0, values && codes > 0 ? f.limits.classes : codes);
  const marks = values ? null : f.array('marks', ['int32'], codes);
  if (values) f.within('values', values.length, codes * width, codes * width);
  if (type === 'uint8' && values?.some((value) => (value & 255) !== value))
    f.fail('values', 'no uint8');
  if (marks?.some((mark) => mark < -1 || mark >= width)) f.fail('marks', 'out of range');
  return { strings, numbers, missing, unknown, width, values, marks };
}

/** Columns of the output. */
export const widthOf = (columns: readonly EncodeColumn[]): number =>
  columns.reduce((sum, { width }) => sum + width, 0);
