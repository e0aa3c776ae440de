import {
  type Fields,
  fail,
  flag,
  float64s,
  integer,
  invalid,
  list,
  map,
  names,
  oneOf,
  optional,
  read,
  readAll,
  sized,
  tensor,
  unique,
  within,
} from './fields.js';
import { denseOr, type NodeRules } from './rules.js';
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
    const type = read(f, 'type', optional(oneOf(...resultTypes)));
    const readers = columnReaders();
    const column = map((one) => validateColumn(one, type, readers));
    const encode = readAll(f, { sparse: flag, columns: sized(list(column), features) });
    within(f, 'columns', widthOf(encode.columns), 0, f.limits.features);
    return { type, ...encode };
  },
  gives({ columns, sparse }, given, path) {
    columns.forEach(({ strings, numbers }, i) => {
      if (strings || numbers) expectCells(strings ? 'string' : 'number', given, i, path);
      else if (isItemForm(typeOfColumn(given, i))) invalid(path, `column ${i} holds items`);
    });
    return denseOr(sparse, widthOf(columns));
  },
};

/** Made once: of tens of thousands of columns, making them anew takes longer than reading. */
const columnReaders = () => ({
  strings: optional(names),
  numbers: optional(unique(float64s())),
  missing: flag,
  unknown: flag,
  values: optional(float64s()),
});

function validateColumn(
  f: Fields,
  type: ResultType | null,
  readers: ReturnType<typeof columnReaders>,
): EncodeColumn {
  const { strings, numbers, missing, unknown, values } = readAll(f, readers);
  if (strings && numbers) fail(f, 'numbers', 'not beside strings');
  if (numbers?.some(Number.isNaN)) fail(f, 'numbers', 'NaN');
  const codes = (strings ?? numbers ?? []).length + Number(missing) + Number(unknown);
  // Columns that no code gives would cost a file nothing, and every row memory.
  const width = read(f, 'width', integer(0, values && codes > 0 ? f.limits.classes : codes));
  if (values) within(f, 'values', values.length, codes * width);
  if (type === 'uint8' && values?.some((value) => (value & 255) !== value))
    fail(f, 'values', 'no uint8');
  const marks = values ? null : read(f, 'marks', tensor(['int32'], codes));
  if (marks?.some((mark) => mark < -1 || mark >= width)) fail(f, 'marks', 'out of range');
  return { strings, numbers, missing, unknown, width, values, marks };
}

/** Columns of the output. */
export const widthOf = (columns: readonly EncodeColumn[]): number =>
  columns.reduce((sum, { width }) => sum + width, 0);
