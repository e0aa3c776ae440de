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

export function labelCount(labels: Labels): number {
  return labels.values.length;
}

/** Labels as plain values, in order. */
export function labelValues(labels: Labels): Label[] {
  if (labels.dtype === 'bool')
    return Array.from(labels.values as Uint8Array, (value) => value === 1);
  return Array.from(labels.values as ArrayLike<string | number>);
}

export function validateLabels(f: Fields): Labels {
  const dtype = f.oneOf('dtype', ['str', 'object', 'bool', ...numericLabelTypes]);
  if (dtype === 'str' || dtype === 'object')
    return { dtype, values: checkValues(f, f.texts('values')) };
  if (dtype === 'bool') {
    const values = f.array('values', ['uint8']);
    return { dtype, values: checkValues(f, values, (value) => value < 2) };
  }
  const fits = dtype.includes('int') ? Number.isSafeInteger : Number.isFinite;
  return { dtype, values: checkValues(f, f.array('values', ['float64']), fits) };
}

function checkValues<T extends readonly string[] | Uint8Array | Float64Array>(
  f: Fields,
  values: T,
  fits: (value: number) => boolean = () => true,
): T {
  f.within('values', values.length, 1, f.limits.classes);
  f.unique('values', values);
  if (!(values as Float64Array).every(fits)) f.fail('values', 'a value that this dtype has not');
  return values;
}
