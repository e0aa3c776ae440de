import { NuthatchError } from '../../src/errors.js';
import { elementCount, itemSize } from '../sklearn/arrays.js';
import type { DType, PyArray, PySequence, PyValue } from '../sklearn/python.js';
import type { Cursor } from './cursor.js';
import { dtypeOf, isTuple, readShape } from './dtype.js';
import { sizeOf } from './sizes.js';

/** Elements of no size, of which an array costs nothing to write. */
const maximumEmptyElements = 2 ** 16;

/** What a file says of an array, apart from its elements. */
interface Layout {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly order: 'C' | 'F';
}

const noBytes = new Uint8Array(0);

/** An array whose state comes later: what `_reconstruct` makes. */
export const newArray = (): PyArray => ({
  type: 'array',
  dtype: '|u1',
  shape: [0],
  order: 'C',
  bytes: noBytes,
  objects: null,
  masked: false,
});

/** Gives an array what numpy says of it: (version, shape, dtype, whether in Fortran order, bytes or objects). Masked arrays have more. */
export function buildArray(target: PyArray, state: PyValue, cursor: Cursor): void {
  if (!isTuple(state) || state.items.length < 5)
    throw cursor.malformed('an array without its state');
  const [, shape, dtype, fortran, data, mask] = state.items;
  const layout = readLayout(shape, dtype, fortran ? 'F' : 'C', cursor);
  const elements = withElements(layout, data, cursor);
  cursor.spend(sizeOf(elements));
  Object.assign(target, elements, { masked: mask !== undefined });
}

export function readLayout(
  shape: PyValue | undefined,
  dtype: PyValue | undefined,
  order: 'C' | 'F',
  cursor: Cursor,
): Layout {
  const lengths = readShape(shape, cursor);
  // As numpy has it: what is in both orders is in C order.
  const isOne = lengths.filter((length) => length !== 1).length < 2;
  return { dtype: dtypeOf(dtype, cursor), shape: lengths, order: isOne ? 'C' : order };
}

function withElements(layout: Layout, data: PyValue | undefined, cursor: Cursor): PyArray {
  if (layout.dtype === '|O') {
    const isList = data !== null && typeof data === 'object' && data.type === 'list';
    if (!isList) throw cursor.malformed('an array of objects without these');
    return ofObjects(layout, data, cursor);
  }
  return ofBytes(layout, bytesOf(data, cursor), cursor);
}

/** Objects, which a file has in C order whatever the array's own is. */
function ofObjects({ shape }: Layout, { items }: PySequence, cursor: Cursor): PyArray {
  const count = elementCount({ shape });
  if (count !== items.length)
    throw cursor.malformed(`an array of ${count} objects has ${items.length}`);
  return { ...newArray(), dtype: '|O', shape, objects: items };
}

/** An array on these bytes: a view of them, unless they are big-endian. */
export function ofBytes(layout: Layout, bytes: Uint8Array, cursor: Cursor): PyArray {
  checkCount(layout, cursor);
  const size = byteLength(layout, cursor);
  if (size !== bytes.length)
    throw cursor.malformed(`an array of ${size} bytes has ${bytes.length} of them`);
  const little = littleEndian(layout.dtype, bytes);
  return { ...newArray(), ...layout, ...little };
}

export function byteLength({ dtype, shape }: Layout, cursor: Cursor): number {
  const size = itemSize(dtype);
  if (size === null || dtype === '|O') throw cursor.malformed('an array of unknown dtype');
  return elementCount({ shape }) * size;
}

function checkCount({ dtype, shape }: Layout, cursor: Cursor): void {
  const count = elementCount({ shape });
  if (itemSize(dtype) === 0 && count > maximumEmptyElements) {
    throw new NuthatchError(
      'limit-exceeded',
      '',
      `at byte ${cursor.offset}: an array of ${count} elements of no size`,
    );
  }
}

function littleEndian(dtype: DType, bytes: Uint8Array): { dtype: DType; bytes: Uint8Array } {
  if (typeof dtype !== 'string') {
    if (isBigEndian(dtype))
      throw new NuthatchError('unsupported', '', 'a structured array of big-endian numbers');
    return { dtype, bytes };
  }
  if (dtype[0] !== '>') return { dtype, bytes };
  const size = itemSize(dtype)!;
  const unit = dtype[1] === 'U' ? 4 : dtype[1] === 'c' ? size / 2 : size;
  const swapped = bytes.slice();
  for (let i = 0; i < swapped.length; i += unit) swapped.subarray(i, i + unit).reverse();
  return { dtype: `<${dtype.slice(1)}`, bytes: swapped };
}

/** As deep as readers of dtypes nest them: fields that are arrays. */
const isBigEndian = (dtype: DType): boolean =>
  typeof dtype === 'string'
    ? dtype[0] === '>'
    : 'base' in dtype
      ? isBigEndian(dtype.base)
      : dtype.formats.some(isBigEndian);

/** What bytes, or a buffer in the stream, hold; Python 2 has no bytes but texts. */
export function bytesOf(value: PyValue | undefined, cursor: Cursor): Uint8Array {
  if (typeof value === 'string') return toLatin1(value, cursor);
  if (value !== null && typeof value === 'object') {
    if (value.type === 'bytes') return value.bytes;
    if (value.type === 'object' && value.className === 'builtins.bytearray')
      return bytesOf(value.args[0], cursor);
  }
  throw cursor.malformed('expected bytes');
}

/** Bytes that are written as a text. */
export function toLatin1(text: string, cursor: Cursor): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 255) throw cursor.malformed('bytes above 255');
    bytes[i] = unit;
  }
  return bytes;
}
