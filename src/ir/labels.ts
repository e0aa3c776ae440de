import { fail, map, names, oneOf, type Reader, read, sized, tensor, unique } from './fields.js';

/** The classes that one output of a classifier knows, in scikit-learn's order (`classes_`), with numpy's dtype name. */
export type Labels =
  | { readonly dtype: 'str' | 'object'; readonly values: readonly string[] }
  | { readonly dtype: 'bool'; readonly values: Uint8Array }
  | { readonly dtype: NumericLabelType; readonly values: Float64Array };

export const numericLabelTypes = [
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'float32',
  'float64',
] as const;
export type NumericLabelType = (typeof numericLabelTypes)[number];

/** A class label as JavaScript has it. */
export type Label = string | number | boolean;

export const labelCount = (labels: Labels): number => labels.values.length;

/** Labels as plain values, in order. */
export const labelValues = ({ dtype, values }: Labels): Label[] =>
  Array.from<string | number, Label>(values, (value) => (dtype === 'bool' ? value === 1 : value));

export const readLabels: Reader<Labels> = map((f) => {
  const dtype = read(f, 'dtype', oneOf('str', 'object', 'bool', ...numericLabelTypes));
  const isBool = dtype === 'bool';
  const reader: Reader<string[] | Uint8Array | Float64Array> =
    dtype === 'str' || dtype === 'object' ? names : unique(tensor([isBool ? 'uint8' : 'float64']));
  const values = read(f, 'values', sized(reader, 1, f.limits.classes));
  const fits = (value: string | number): boolean =>
    typeof value === 'string' ||
    (isBool
      ? value < 2
      : dtype.includes('int')
        ? Number.isSafeInteger(value)
        : Number.isFinite(value));
  if (!Array.from<string | number>(values).every(fits))
    fail(f, 'values', 'a value that this dtype has not');
  return { dtype, values } as Labels;
});
