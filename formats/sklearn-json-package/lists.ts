import { type Json, malformed } from '../json/json.js';
import type { DType, PyArray, PyValue } from '../sklearn/python.js';

/** Numbers of an array with their shape, in C order. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/**
 * Nested lists as `ndarray.tolist()` makes them, or a number alone. Null is NaN: JSON has no other word for it.
 *
 * Every list is compared with the first of its level before anything is allocated.
 */
export function readNumbers(
  json: Json | undefined,
  ranks: readonly number[],
  path: string,
): Numbers {
  const shape: number[] = [];
  for (let part = json; Array.isArray(part); part = part[0]) {
    shape.push(part.length);
    if (shape.length > ranks[ranks.length - 1]!) break;
  }
  if (json === undefined || !ranks.includes(shape.length))
    throw malformed(path, `expected numbers in lists ${ranks.join(' or ')} deep`);
  checkLists(json, shape, 0, path);
  const values = new Float64Array(shape.reduce((count, length) => count * length, 1));
  fill(json, values, 0);
  return { shape, values };
}

function checkLists(json: Json, shape: readonly number[], level: number, path: string): void {
  if (level === shape.length) {
    if (typeof json !== 'number' && json !== null) throw malformed(path, 'expected a number');
    return;
  }
  if (!Array.isArray(json) || json.length !== shape[level])
    throw malformed(path, `expected a list of ${shape[level]}, as long as the first of its level`);
  // An index in the path of each would take longer than all else.
  for (const item of json) checkLists(item, shape, level + 1, path);
}

function fill(json: Json, values: Float64Array, from: number): number {
  if (!Array.isArray(json)) {
    values[from] = (json as number | null) ?? Number.NaN;
    return from + 1;
  }
  let at = from;
  for (const item of json) at = fill(item, values, at);
  return at;
}

export function toArray({ shape, values }: Numbers, dtype: '<f8' | '<f4' = '<f8'): PyArray {
  const size = dtype === '<f8' ? 8 : 4;
  const view = new DataView(new ArrayBuffer(values.length * size));
  values.forEach((value, i) => {
    if (size === 8) view.setFloat64(i * size, value, true);
    else view.setFloat32(i * size, value, true);
  });
  return arrayOf(dtype, shape, new Uint8Array(view.buffer));
}

export function arrayOf(dtype: DType, shape: readonly number[], bytes: Uint8Array): PyArray {
  return { type: 'array', dtype, shape, order: 'C', bytes, objects: null, masked: false };
}

/**
 * Class labels as an array. Their dtype is not in the file: strings and booleans are what they are, numbers are taken for int64
 * (scikit-learn takes floats as labels only where they are integers).
 */
export function readLabels(json: Json | undefined, path: string): PyArray {
  if (!Array.isArray(json)) throw malformed(path, 'expected a list of class labels');
  const shape = [json.length];
  if (json.every((label) => typeof label === 'string'))
    return { ...arrayOf('|O', shape, new Uint8Array(0)), objects: json as PyValue[] };
  if (json.every((label) => typeof label === 'boolean'))
    return arrayOf('|b1', shape, Uint8Array.from(json, Number));
  if (!json.every((label) => typeof label === 'number' && Number.isSafeInteger(label)))
    throw malformed(
      path,
      'expected labels that are all strings, all booleans or all integers within ±(2⁵³−1)',
    );
  return arrayOf('<i8', shape, new Uint8Array(BigInt64Array.from(json as number[], BigInt).buffer));
}
