import type { Fields } from './fields.js';

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

export function validateLabels(f: Fields): Labels {
  const dtype = f.oneOf('dtype', ['str', 'object', 'bool', ...numericLabelTypes]);
  const values =
    dtype === 'str' || dtype === 'object'
      ? f.texts('values')
      : f.array('values', [dtype === 'bool' ? 'uint8' : 'float64']);
  f.within('values', values.length, 1, f.limits.classes);
  const fits = (value: string | number): boolean => {
    if (typeof value === 'string') return true;
    if (dtype === 'bool') return value < 2;
    return dtype.includes('int') ? Number.isSafeInteger(value) : Number.isFinite(value);
  };
  if (!Array.from<string | number>(f.unique('values', values)).every(fits))
    f.fail('values', 'a value that this dtype has not');
  return { dtype, values } as Labels;
}
