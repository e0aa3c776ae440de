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
  const labels = ((): Labels => {
    switch (dtype) {
      case 'str':
      case 'object':
        return { dtype, values: f.texts('values') };
      case 'bool':
        return { dtype, values: f.array('values', ['uint8']) };
      default:
        return { dtype, values: f.array('values', ['float64']) };
    }
  })();
  const count = labelCount(labels);
  if (count < 1 || count > f.limits.classes)
    f.fail('values', `expected 1 to ${f.limits.classes} labels, found ${count}`);
  if (labels.dtype === 'bool' && labels.values.some((value) => value > 1))
    f.fail('values', 'expected 0 or 1');
  if (labels.dtype !== 'str' && labels.dtype !== 'object' && labels.dtype !== 'bool') {
    const integers = dtype.includes('int');
    for (const value of labels.values) {
      if (integers ? !Number.isSafeInteger(value) : !Number.isFinite(value)) {
        const expected = integers ? 'integers within ±(2⁵³−1)' : 'finite numbers';
        f.fail('values', `expected ${expected}, found ${value}`);
      }
    }
  }
  if (new Set<unknown>(labels.values).size !== count) f.fail('values', 'a label appears twice');
  return labels;
}
