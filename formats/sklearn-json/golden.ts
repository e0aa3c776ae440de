import { NuthatchError } from '../../src/errors.js';
import type { GoldenOutput, GoldenPart, GoldenSet, TypedArray } from '../../src/ir/index.js';
import { numericType, toFloat64, toFloats, toStrings } from '../sklearn/arrays.js';
import { isArray, sequenceItems } from '../sklearn/estimator.js';
import type { PyArray, PyValue } from '../sklearn/python.js';
import type { SourceGoldenSet } from './read.js';

/** A golden set in the IR's terms. */
export function toGoldenSet(
  set: SourceGoldenSet,
  environment: ReadonlyMap<string, string>,
): GoldenSet {
  const path = `golden set "${set.name}"`;
  if (set.inputType !== 'matrix' || !isArray(set.input) || set.input.shape.length !== 2) {
    throw new NuthatchError(
      'unsupported',
      path,
      `golden rows of type ${set.inputType} are not supported by this release`,
    );
  }
  const data = toFloats(set.input);
  if (data === null) throw new NuthatchError('malformed', path, 'the rows are not numbers');
  const [rows, columns] = set.input.shape as [number, number];
  return {
    name: set.name,
    input: { type: 'matrix', rows, columns, data },
    outputs: set.outputs.map(([method, value]) => toOutput(method, value, `${path}, ${method}`)),
    environment: Object.assign(
      Object.create(null),
      Object.fromEntries([...environment, ...set.numerics]),
    ),
  };
}

function toOutput(method: string, value: PyValue, path: string): GoldenOutput {
  if (isArray(value)) return { method, list: false, parts: [toPart(value, path)] };
  const items = sequenceItems(value);
  if (items === null)
    throw new NuthatchError('malformed', path, 'expected an array or a list of arrays');
  return { method, list: true, parts: items.map((item) => toPart(item, path)) };
}

function toPart(value: PyValue, path: string): GoldenPart {
  if (!isArray(value)) throw new NuthatchError('malformed', path, 'expected an array');
  const values = toStrings(value) ?? narrowNumbers(value);
  if (values === null)
    throw new NuthatchError(
      'malformed',
      path,
      'expected numbers or strings that JavaScript can hold',
    );
  return { shape: value.shape, values };
}

/** Floats as they are, integers as int32 where they fit. */
function narrowNumbers(array: PyArray): TypedArray | null {
  const type = numericType(array.dtype);
  const values = toFloat64(array);
  if (values === null || type === null) return null;
  if (type === 'bool') return Uint8Array.from(values);
  if (type.startsWith('float')) return type === 'float32' ? Float32Array.from(values) : values;
  return values.every((value) => (value | 0) === value) ? Int32Array.from(values) : values;
}
