import { isLength, type Json, type JsonMap, malformed, own } from '../json/json.js';
import type { PyObject, PyValue } from '../sklearn/python.js';

/** Attributes of a Python object, in order. */
export type Attributes = readonly (readonly [name: string, value: PyValue])[];

export function objectOf(
  className: string,
  attributes: Attributes,
  args: PyValue[] = [],
): PyObject {
  const state = {
    type: 'dict' as const,
    entries: attributes.map(([name, value]) => [name, value] as [PyValue, PyValue]),
  };
  return { type: 'object', className, args, state, items: [], entries: [] };
}

export function asMap(json: Json | undefined, path: string): JsonMap {
  if (json === null || typeof json !== 'object' || Array.isArray(json))
    throw malformed(path, 'expected an object');
  return json;
}

/** A number of columns, outputs or classes. */
export function readLength(map: JsonMap, key: string, path: string): number {
  const value = own(map, key);
  if (!isLength(value)) throw malformed(`${path}.${key}`, 'expected a non-negative integer');
  return value;
}
