import type { Encode, EncodeColumn, Node, ResultType } from '../../src/ir/index.js';
import { dtypeName, toFloat64 } from './arrays.js';
import { readCategories, type SourceCategories } from './categories.js';
import { type Estimator, isArray, lowerEach, sequenceItems, unwrapScalar } from './estimator.js';
import { describePython, type PyValue } from './python.js';
import type { LoweringTable } from './table.js';

/** What is given labels, in one dimension. */
export const labelClasses = {
  encoder: 'sklearn.preprocessing._label.LabelEncoder',
  binarizer: 'sklearn.preprocessing._label.LabelBinarizer',
} as const;

/** sklearn.preprocessing: encoders of categories */
export const encoderTable: LoweringTable = {
  'sklearn.preprocessing._encoders.OneHotEncoder': lowerOneHotEncoder,
  'sklearn.preprocessing._encoders.OrdinalEncoder': lowerOrdinalEncoder,
  'sklearn.preprocessing._target_encoder.TargetEncoder': lowerTargetEncoder,
  [labelClasses.encoder]: lowerLabelEncoder,
  [labelClasses.binarizer]: lowerLabelBinarizer,
};

/** Lowers each column of `categories_`; every column is looked at. */
function lowerColumns<T>(
  encoder: Estimator,
  lower: (categories: SourceCategories, column: number, attribute: string) => T,
): { columns: NonNullable<T>[]; booleans: boolean[] } {
  const booleans: boolean[] = [];
  const columns = lowerEach(encoder.items('categories_'), (value, i) => {
    const attribute = `categories_[${i}]`;
    const categories = readCategories(encoder, value, attribute);
    booleans[i] = categories.booleans;
    return lower(categories, i, attribute);
  });
  if (columns.length < 1) encoder.refuse('categories_', 'expected at least one column');
  return { columns, booleans };
}

function encodeOf(
  encoder: Estimator,
  type: ResultType,
  sparse: boolean,
  { columns, booleans }: { columns: readonly EncodeColumn[]; booleans: readonly boolean[] },
): Node {
  const features = columns.length;
  const node: Encode = { kind: 'encode', features, nonFinite: 'nan', type, sparse, columns };
  encoder.lowering.booleans.set(node, booleans);
  return node;
}

/** A column whose categories become these results, and what is no category becomes `unknown`, missing cells too; null: an error. */
function columnOf(
  { strings, numbers, missing }: SourceCategories,
  results: readonly (readonly number[])[],
  unknown: readonly number[] | null,
): Pick<EncodeColumn, 'strings' | 'numbers' | 'missing' | 'unknown'> & { codes: number[] } {
  const others = unknown === null ? [] : missing ? [unknown] : [unknown, unknown];
  return {
    strings,
    numbers,
    missing: missing || unknown !== null,
    unknown: unknown !== null,
    codes: [...results, ...others].flat(),
  };
}

/** A column whose categories become numbers. */
function valueColumn(
  categories: SourceCategories,
  width: number,
  results: readonly (readonly number[])[],
  unknown: readonly number[] | null,
): EncodeColumn {
  const { codes, ...column } = columnOf(categories, results, unknown);
  return { ...column, width, values: Float64Array.from(codes), marks: null };
}

/** What results of a `dtype` are stored as. Integers of 32 and 64 bits make float64 of float32, as float64 does. */
function resultType(encoder: Estimator): { type: ResultType; integer: boolean } {
  const name = dtypeName(encoder.get('dtype'));
  if (name === null)
    return encoder.refuse(
      'dtype',
      'expected a numeric dtype other than float16 that JavaScript has numbers for',
    );
  if (name === 'float64' || name === 'float32') return { type: name, integer: false };
  return { type: /32|64/.test(name) ? 'float64' : 'uint8', integer: true };
}

function handleUnknown(encoder: Estimator, strategies: readonly string[]): string {
  const strategy = encoder.text('handle_unknown');
  return strategies.includes(strategy)
    ? strategy
    : encoder.refuse('handle_unknown', `expected one of ${strategies.join(', ')}`);
}

/**
 * For each column, from a category's position to the group that it is in: infrequent ones are one group, the last.
 * null where a column has no infrequent ones.
 */
function readGroups(encoder: Estimator, columns: number): (Float64Array | null)[] {
  if (encoder.maybe('_infrequent_enabled') !== true)
    return new Array<Float64Array | null>(columns).fill(null);
  const attribute = '_default_to_infrequent_mappings';
  const items = encoder.items(attribute);
  if (items.length !== columns) encoder.refuse(attribute, `expected ${columns} items`);
  return items.map((item, i) => {
    if (item === null) return null;
    const groups = isArray(item) ? toFloat64(item) : null;
    const whole = groups?.every(
      (group) => Number.isInteger(group) && group >= 0 && group < groups.length,
    );
    return whole ? groups! : encoder.refuse(`${attribute}[${i}]`, 'expected an array of integers');
  });
}

/** The group that each column leaves out; null for none. */
function readDropped(encoder: Estimator, columns: number): (number | null)[] {
  const attribute = encoder.since(1, 2) ? '_drop_idx_after_grouping' : 'drop_idx_';
  if (encoder.get(attribute) === null) return new Array<null>(columns).fill(null);
  const items = encoder.items(attribute).map(unwrapScalar);
  const whole = items.every((item) => item === null || Number.isInteger(item));
  if (items.length !== columns || !whole)
    encoder.refuse(attribute, `expected ${columns} integers or None`);
  return items as (number | null)[];
}

function lowerOneHotEncoder(encoder: Estimator): Node {
  const { length } = encoder.items('categories_');
  const groups = readGroups(encoder, length);
  const dropped = readDropped(encoder, length);
  const unknown = handleUnknown(encoder, ['error', 'ignore', 'infrequent_if_exist', 'warn']);
  // Up to 1.7 `warn` fell short of what it promised: unknown categories were all zeros there.
  const grouped = unknown === 'infrequent_if_exist' || (unknown === 'warn' && encoder.since(1, 8));
  const columns = lowerColumns(encoder, (categories, i, attribute): EncodeColumn => {
    const { positions } = categories;
    const group = groups[i]!;
    if (group !== null && group.length !== positions.length)
      encoder.refuse(attribute, `${positions.length} categories are in ${group.length} groups`);
    const last = group === null ? positions.length - 1 : group.reduce((a, b) => Math.max(a, b), 0);
    const drop = dropped[i]!;
    const mark = (of: number): number => {
      if (drop === null || of < drop) return of;
      return of === drop ? -1 : of - 1;
    };
    const marks = positions.map((position) => [mark(group?.[position] ?? position)]);
    const other = unknown === 'error' ? null : [grouped && group !== null ? mark(last) : -1];
    const { codes, ...column } = columnOf(categories, marks, other);
    const width = last + 1 - Number(drop !== null);
    return { ...column, width, values: null, marks: Int32Array.from(codes) };
  });
  const sparse = encoder.flag(encoder.since(1, 2) ? 'sparse_output' : 'sparse');
  return encodeOf(encoder, resultType(encoder).type, sparse, columns);
}

function lowerOrdinalEncoder(encoder: Estimator): Node {
  const groups = readGroups(encoder, encoder.items('categories_').length);
  const result = resultType(encoder);
  const replaces = handleUnknown(encoder, ['error', 'use_encoded_value']) === 'use_encoded_value';
  const unknown = replaces
    ? [stored(encoder, 'unknown_value', encoder.number('unknown_value'), result)]
    : null;
  const columns = lowerColumns(encoder, (categories, i, attribute) => {
    const { positions, nan } = categories;
    const group = groups[i]!;
    // NaN is in no group. None is a category like others.
    if (group !== null && group.length !== positions.length - Number(nan !== null))
      encoder.refuse(attribute, `${positions.length} categories are in ${group.length} groups`);
    const codes = positions.map((position) => [
      position === nan
        ? stored(encoder, 'encoded_missing_value', encoder.number('encoded_missing_value'), result)
        : stored(encoder, attribute, group?.[position] ?? position, result),
    ]);
    return valueColumn(categories, 1, codes, unknown);
  });
  return encodeOf(encoder, result.type, false, columns);
}

/** A value as an array of this type holds it. */
function stored(
  encoder: Estimator,
  attribute: string,
  value: number,
  { type, integer }: { type: ResultType; integer: boolean },
): number {
  const fits = type === 'uint8' ? (value & 255) === value : !integer || Number.isInteger(value);
  if (!fits)
    encoder.refuse(attribute, `${value} as a code of this dtype is not supported; use float64`);
  return type === 'float32' ? Math.fround(value) : value;
}

/** Each category's encodings, and the target's mean for what is no category. */
function lowerTargetEncoder(encoder: Estimator): Node {
  const classes = encoder.text('target_type_') === 'multiclass' ? encoder.get('classes_') : null;
  const width = isArray(classes) ? (classes.shape[0] ?? 0) : 1;
  const mean = encoder.get('target_mean_');
  const means = typeof mean === 'number' ? [mean] : isArray(mean) ? toFloat64(mean) : null;
  if (means === null || means.length !== width)
    return encoder.refuse('target_mean_', `expected ${width} numbers`);
  const encodings = sequenceItems(encoder.get('encodings_')) ?? [];
  const { length } = encoder.items('categories_');
  if (encodings.length !== length * width)
    encoder.refuse('encodings_', `expected ${length * width} arrays, found ${encodings.length}`);
  const columns = lowerColumns(encoder, (categories, i) => {
    const { positions } = categories;
    const found = Array.from({ length: width }, (_, k) =>
      readEncoding(encoder, encodings[i * width + k]!, positions.length, i * width + k),
    );
    const values = positions.map((position) => found.map((encoding) => encoding[position]!));
    return valueColumn(categories, width, values, [...means]);
  });
  return encodeOf(encoder, 'float64', false, columns);
}

function readEncoding(
  encoder: Estimator,
  value: PyValue,
  length: number,
  at: number,
): Float64Array {
  const encoding = isArray(value) ? toFloat64(value) : null;
  return encoding?.length === length
    ? encoding
    : encoder.refuse(
        `encodings_[${at}]`,
        `expected an array of ${length} numbers, found ${describePython(value)}`,
      );
}

/** The position of each class. */
function lowerLabelEncoder(encoder: Estimator): Node {
  const categories = readCategories(encoder, encoder.get('classes_'), 'classes_');
  const positions = categories.positions.map((position) => [position]);
  const columns = [valueColumn(categories, 1, positions, null)];
  return encodeOf(encoder, 'float64', false, { columns, booleans: [categories.booleans] });
}

/** A column for each class, or one where there are two; a label that is none of them has the negative in all. */
function lowerLabelBinarizer(binarizer: Estimator): Node {
  if (binarizer.text('y_type_').startsWith('multilabel'))
    return binarizer.refuse('y_type_', 'was fitted on a matrix of labels, which is not supported');
  const categories = readCategories(binarizer, binarizer.get('classes_'), 'classes_');
  const [negative, positive] = [binarizer.integer('neg_label'), binarizer.integer('pos_label')];
  const { length } = categories.positions;
  const width = length > 2 ? length : 1;
  if (width * (length + 1) > binarizer.lowering.limits.features * 16)
    binarizer.refuse('classes_', `${length} classes are too many`);
  const none = new Array<number>(width).fill(negative);
  const values = categories.positions.map((position) =>
    none.map((value, column) => {
      const own = length > 2 ? column : length - 1;
      return length > 1 && position === own ? positive : value;
    }),
  );
  const columns = [valueColumn(categories, width, values, none)];
  const sparse = binarizer.flag('sparse_output');
  return encodeOf(binarizer, 'float64', sparse, { columns, booleans: [categories.booleans] });
}
