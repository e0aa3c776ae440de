import { quote } from '../../src/errors.js';
import { isLength, type Json, list, malformed, own, readLengths } from '../json/json.js';
import { itemSize } from '../sklearn/arrays.js';
import type { DType } from '../sklearn/python.js';

/** A dtype: numpy's `dtype.str`, a structure of fields, or a fixed-size array of another dtype. */
export function readDType(json: Json | undefined, path: string): DType {
  if (typeof json === 'string') return json;
  if (json === null || typeof json !== 'object' || Array.isArray(json))
    throw malformed(path, 'expected a dtype');
  if (own(json, 'base') !== undefined) {
    return { base: readDType(own(json, 'base'), path), shape: readLengths(json, 'shape', path) };
  }
  const names = list(json, 'names', path);
  const formats = list(json, 'formats', path).map((format) => readDType(format, path));
  const offsets = readLengths(json, 'offsets', path);
  const itemsize = own(json, 'itemsize');
  if (!isLength(itemsize) || !names.every((name) => typeof name === 'string')) {
    throw malformed(path, 'a structured dtype whose fields are not names, formats and offsets');
  }
  if (names.length !== formats.length || names.length !== offsets.length) {
    throw malformed(path, 'a structured dtype whose lists differ in length');
  }
  if (new Set(names).size !== names.length)
    throw malformed(path, 'a structured dtype with two fields of one name');
  formats.forEach((format, i) => {
    const size = itemSize(format);
    if (size === null || offsets[i]! + size > itemsize) {
      throw malformed(path, `the field ${quote(String(names[i]))} does not fit its structure`);
    }
  });
  return {
    names: names as string[],
    formats,
    offsets,
    itemsize,
  };
}
