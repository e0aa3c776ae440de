import { NuthatchError } from '../../src/errors.js';
import { type NumericLabelType, numericLabelTypes } from '../../src/ir/index.js';
import type { DType, PyArray, PyValue } from './python.js';

/** Bytes of one element; null where the dtype is one that no array here may have. */
export function itemSize(dtype: DType): number | null {
  if (typeof dtype !== 'string') {
    if ('itemsize' in dtype) return dtype.itemsize;
    const base = itemSize(dtype.base);
    return base === null ? null : product(dtype.shape) * base;
  }
  const match = /^[<>|=]([a-zA-Z])(\d+)(\[.*\])?$/.exec(dtype);
  if (match === null) return dtype === '|O' ? 0 : null;
  const size = Number(match[2]);
  return match[1] === 'U' ? size * 4 : size;
}

/** numpy's name of a plain numeric dtype (`<f8` is `float64`); null for other dtypes. */
export function numericType(dtype: DType): NumericLabelType | 'bool' | null {
  if (typeof dtype !== 'string') return null;
  const match = /^[<|]([fiub])(\d)$/.exec(dtype);
  if (match === null) return null;
  if (match[1] === 'b') return match[2] === '1' ? 'bool' : null;
  const kind = { f: 'float', i: 'int', u: 'uint' }[match[1]!];
  const name = `${kind}${Number(match[2]) * 8}`;
  return numericLabelTypes.find((type) => type === name) ?? null;
}

const pythonTypes: Readonly<Record<string, NumericLabelType | 'bool'>> = {
  'builtins.float': 'float64',
  'builtins.int': 'int64',
  'builtins.bool': 'bool',
  'numpy.bool_': 'bool',
};

/** numpy's name of what a `dtype` parameter says: a dtype, a class or a name; null where that is not plain numeric. */
export function dtypeName(value: PyValue): NumericLabelType | 'bool' | null {
  if (typeof value === 'string') return plainName(value);
  if (value === null || typeof value !== 'object') return null;
  if (value.type === 'dtype') return numericType(value.dtype);
  if (value.type !== 'global') return null;
  if (Object.hasOwn(pythonTypes, value.name)) return pythonTypes[value.name]!;
  return value.name.startsWith('numpy.') ? plainName(value.name.slice('numpy.'.length)) : null;
}

function plainName(name: string): NumericLabelType | 'bool' | null {
  return name === 'bool' ? name : (numericLabelTypes.find((type) => type === name) ?? null);
}

export function elementCount(array: { readonly shape: readonly number[] }): number {
  return product(array.shape);
}

function product(lengths: readonly number[]): number {
  return lengths.reduce((result, length) => result * length, 1);
}

/**
 * The elements of a numeric array as float64, in C order. Null where the array is not numeric or an integer does not fit float64.
 */
export function toFloat64(array: PyArray): Float64Array | null {
  const type = numericType(array.dtype);
  if (type === null || array.masked) return null;
  const values = readNumbers(array.bytes, elementCount(array), type, 0, null);
  if (values === null || array.order === 'C') return values;
  return toCOrder(values, array.shape, new Float64Array(values.length));
}

/** The elements as float32 where the array is float32, else as `toFloat64`: for arithmetic that keeps numpy's dtype. */
export function toFloats(array: PyArray): Float64Array | Float32Array | null {
  const values = toFloat64(array);
  return values !== null && array.dtype === '<f4' ? Float32Array.from(values) : values;
}

/** As `toFloats`, of rows: they may be float16, which nothing is that was fitted. */
export function toRowFloats(array: PyArray): Float64Array | Float32Array | null {
  const isHalf = array.dtype === '<f2' && array.order === 'C' && !array.masked;
  return isHalf
    ? readNumbers(array.bytes, elementCount(array), 'float16', 0, null)
    : toFloats(array);
}

/** One field of a structured array as float64; null where there is no such numeric field. */
export function fieldToFloat64(array: PyArray, name: string): Float64Array | null {
  const { dtype } = array;
  if (typeof dtype === 'string' || !('names' in dtype)) return null;
  const index = dtype.names.indexOf(name);
  const type = index === -1 ? null : numericType(dtype.formats[index]!);
  if (type === null) return null;
  return readNumbers(array.bytes, elementCount(array), type, dtype.offsets[index]!, dtype.itemsize);
}

/** The elements of an array of strings, in C order; null where they are not all strings. */
export function toStrings(array: PyArray): string[] | null {
  const count = elementCount(array);
  if (array.objects !== null) {
    return array.objects.every((item) => typeof item === 'string')
      ? (array.objects as string[])
      : null;
  }
  if (typeof array.dtype !== 'string' || array.dtype[1] !== 'U') return null;
  const length = itemSize(array.dtype)! / 4;
  const view = new DataView(array.bytes.buffer, array.bytes.byteOffset, array.bytes.byteLength);
  const strings = Array.from({ length: count }, (_, i) => {
    let text = '';
    for (let j = 0; j < length; j++) {
      const point = view.getUint32((i * length + j) * 4, true);
      if (point > 0x10ffff)
        throw new NuthatchError(
          'malformed',
          '',
          'a string element with a character beyond Unicode',
        );
      text += String.fromCodePoint(point);
    }
    // numpy fills short strings with NUL. Not /\0+$/, which takes the square of the length where it fails.
    let end = text.length;
    while (end > 0 && text.charCodeAt(end - 1) === 0) end--;
    return text.slice(0, end);
  });
  return array.order === 'C' ? strings : toCOrder(strings, array.shape, [...strings]);
}

const readers: {
  readonly [T in NumericLabelType | 'bool' | 'float16']: readonly [
    size: number,
    (view: DataView, at: number) => number | bigint,
  ];
} = {
  bool: [1, (view, at) => view.getUint8(at)],
  int8: [1, (view, at) => view.getInt8(at)],
  uint8: [1, (view, at) => view.getUint8(at)],
  int16: [2, (view, at) => view.getInt16(at, true)],
  uint16: [2, (view, at) => view.getUint16(at, true)],
  int32: [4, (view, at) => view.getInt32(at, true)],
  uint32: [4, (view, at) => view.getUint32(at, true)],
  // Two words a number: half the time of a BigInt each.
  int64: [8, (view, at) => wide(view.getInt32(at + 4, true), view, at)],
  uint64: [8, (view, at) => wide(view.getUint32(at + 4, true), view, at)],
  float16: [2, (view, at) => half(view.getUint16(at, true))],
  float32: [4, (view, at) => view.getFloat32(at, true)],
  float64: [8, (view, at) => view.getFloat64(at, true)],
};

/** The number of 16 bits: older engines read none. */
function half(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction > 0 ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  const single = new DataView(new ArrayBuffer(4));
  single.setUint32(0, ((exponent + 112) << 23) | (fraction << 13));
  return sign * single.getFloat32(0);
}

function wide(high: number, view: DataView, at: number): number | bigint {
  const value = high * 2 ** 32 + view.getUint32(at, true);
  return Number.isSafeInteger(value) ? value : view.getBigInt64(at, true);
}

function readNumbers(
  bytes: Uint8Array,
  count: number,
  type: NumericLabelType | 'bool' | 'float16',
  offset: number,
  stride: number | null,
): Float64Array | null {
  const [size, read] = readers[type];
  const step = stride ?? size;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (count > 0 && (count - 1) * step + offset + size > bytes.length) return null;
  const result = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const value = read(view, i * step + offset);
    if (typeof value === 'bigint') return null;
    result[i] = value;
  }
  return result;
}

/** Writes the elements of a Fortran-ordered array of any rank to `result`, in C order. */
function toCOrder<T, R extends { [at: number]: T }>(
  values: ArrayLike<T>,
  shape: readonly number[],
  result: R,
): R {
  const index = shape.map(() => 0);
  for (let at = 0; at < values.length; at++) {
    let c = 0;
    for (let axis = 0; axis < shape.length; axis++) c = c * shape[axis]! + index[axis]!;
    (result as { [at: number]: T })[c] = values[at]!;
    for (let axis = 0; axis < shape.length && ++index[axis]! === shape[axis]; axis++)
      index[axis] = 0;
  }
  return result;
}
