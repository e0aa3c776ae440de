import { type Categories, categoryCount, validateCategories } from './categories.js';
import type { Fields } from './fields.js';

/** What results are stored as: it decides what later arithmetic is rounded to, as numpy's dtype does. Each decides over the next. */
export const resultTypes = ['float64', 'float32', 'uint8'] as const;
export type ResultType = (typeof resultTypes)[number];

/** Turns each column's categories into numbers: `width` of them for each. */
export interface Encode {
  readonly kind: 'encode';
  /** Output columns for each input column. */
  readonly width: number;
  readonly type: ResultType;
  readonly columns: readonly EncodeColumn[];
}

export interface EncodeColumn extends Categories {
  /** [categories × width]. */
  readonly values: Float64Array;
  /** [width]: for values that are no category; null where those are an error. */
  readonly unknown: Float64Array | null;
}

export function validateEncode(f: Fields): Encode {
  const width = f.integer('width', 1, f.limits.classes);
  const type = f.oneOf('type', resultTypes);
  const columns = f.maps('columns').map((column) => {
    const categories = validateCategories(column);
    const numbers = (name: string, length: number): Float64Array => {
      const values = column.array(name, ['float64'], length);
      if (type === 'uint8' && values.some((value) => (value & 255) !== value))
        column.fail(name, 'no uint8');
      return values;
    };
    const values = numbers('values', categoryCount(categories) * width);
    const unknown = column.optional('unknown', (name) => numbers(name, width));
    return { ...categories, values, unknown };
  });
  checkWidth(f, columns.length, columns.length * width);
  return { kind: 'encode', width, type, columns };
}

/** Gives each column as many output columns as it has distinct marks: 1 in the category's own, 0 in the others. */
export interface OneHot {
  readonly kind: 'one-hot';
  /** null: as the input's. */
  readonly type: ResultType | null;
  /** Whether the result is sparse. */
  readonly sparse: boolean;
  readonly columns: readonly OneHotColumn[];
}

export interface OneHotColumn extends Categories {
  /** Output columns of this input column. */
  readonly width: number;
  /** [categories]: which of them each category marks; −1 for none. */
  readonly marks: Int32Array;
  /** The same for values that are no category; null where those are an error. */
  readonly unknown: number | null;
}

export function validateOneHot(f: Fields): OneHot {
  const columns = f.maps('columns').map((column) => {
    const categories = validateCategories(column);
    const count = categoryCount(categories);
    // A column that no category marks would cost a file nothing, and every row memory.
    const width = column.integer('width', 0, count);
    const marks = column.array('marks', ['int32'], count);
    if (marks.some((mark) => mark < -1 || mark >= width)) column.fail('marks', 'out of range');
    const unknown = column.optional('unknown', (name) => column.integer(name, -1, width - 1));
    return { ...categories, width, marks, unknown };
  });
  checkWidth(f, columns.length, widthOfOneHot(columns));
  return {
    kind: 'one-hot',
    type: f.optional('type', (name) => f.oneOf(name, resultTypes)),
    sparse: f.flag('sparse'),
    columns,
  };
}

export function widthOfOneHot(columns: readonly OneHotColumn[]): number {
  return columns.reduce((sum, { width }) => sum + width, 0);
}

function checkWidth(f: Fields, columns: number, outputs: number): void {
  if (columns < 1 || outputs > f.limits.features)
    f.fail('columns', `${columns} columns become ${outputs}`);
}
