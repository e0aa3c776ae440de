import { itemSize } from '../sklearn/arrays.js';
import type { DType, PyDType, PySequence, PyValue } from '../sklearn/python.js';
import type { Cursor } from './cursor.js';
import { entrySize } from './sizes.js';

/** A dtype of whose state nothing is known yet: what `numpy.dtype('f8', …)` makes. */
export function newDType(code: PyValue | undefined, cursor: Cursor): PyDType {
  const match = typeof code === 'string' ? /^([biufcSUVOMm])(\d{1,9})$/.exec(code) : null;
  if (match === null) throw cursor.malformed('a dtype that is not known');
  return { type: 'dtype', dtype: plainDType(match[1]!, Number(match[2]), '<') };
}

function plainDType(kind: string, size: number, byteOrder: string): string {
  if (kind === 'O') return '|O';
  const hasOrder = kind !== 'S' && kind !== 'V' && (size > 1 || kind === 'U');
  return `${hasOrder ? byteOrder : '|'}${kind}${size}`;
}

/** What numpy adds to a dtype: (version, byte order, array of what, names, fields, itemsize, alignment, flags, metadata). */
export function buildDType(target: PyDType, state: PyValue, cursor: Cursor): void {
  const fail = () => cursor.malformed('a dtype whose state is none');
  if (!isTuple(state) || state.items.length < 8) throw fail();
  const [, byteOrder, subarray, names, fields, itemsize, , , metadata] = state.items;
  const mutable = target as { dtype: DType };
  if (subarray !== null) {
    if (!isTuple(subarray) || subarray.items.length !== 2) throw fail();
    const [base, shape] = subarray.items;
    const lengths = isLength(shape) ? [shape] : readShape(shape, cursor);
    mutable.dtype = { base: plainOf(base, cursor), shape: lengths };
  } else if (names !== null) {
    mutable.dtype = structured(names, fields, itemsize, cursor);
  } else if (typeof target.dtype === 'string') {
    const plain = target.dtype.slice(1);
    const isOrdered = target.dtype[0] !== '|';
    const unit = /^[Mm]/.test(plain) ? timeUnit(metadata) : '';
    mutable.dtype = `${isOrdered ? (byteOrder === '>' ? '>' : '<') : '|'}${plain}${unit}`;
  }
  // A dtype may hold itself: that ends here, since what is not made yet has no size.
  if (itemSize(target.dtype) === null && target.dtype !== '|O') throw fail();
}

function structured(
  names: PyValue | undefined,
  fields: PyValue | undefined,
  itemsize: PyValue | undefined,
  cursor: Cursor,
): DType {
  const fail = () => cursor.malformed('a structured dtype whose fields are not there');
  if (!isTuple(names) || fields === null || typeof fields !== 'object' || fields.type !== 'dict')
    throw fail();
  if (!isLength(itemsize)) throw fail();
  cursor.spend(entrySize * (fields.entries.length + names.items.length));
  const known = new Map(fields.entries);
  const found = names.items.map((name) => {
    const field = known.get(name);
    if (typeof name !== 'string' || !isTuple(field)) throw fail();
    const [format, offset] = field.items;
    const dtype = fieldOf(format, cursor);
    const size = itemSize(dtype);
    const fits = isLength(offset) && size !== null;
    // What is not plain bytes has no place in a structure.
    if (!fits || offset + size > itemsize || dtype === '|O') throw fail();
    return { name, dtype, offset };
  });
  if (new Set(names.items).size !== found.length) throw fail();
  return {
    names: found.map(({ name }) => name),
    formats: found.map(({ dtype }) => dtype),
    offsets: found.map(({ offset }) => offset),
    itemsize,
  };
}

/** A dtype that has no others in it: whoever walks it, walks no further. */
function plainOf(value: PyValue | undefined, cursor: Cursor): string {
  const dtype = dtypeOf(value, cursor);
  if (typeof dtype !== 'string') throw cursor.malformed('a dtype of dtypes of dtypes');
  return dtype;
}

/** That of a field, which may be an array. */
function fieldOf(value: PyValue | undefined, cursor: Cursor): DType {
  const dtype = dtypeOf(value, cursor);
  return typeof dtype !== 'string' && 'base' in dtype ? dtype : plainOf(value, cursor);
}

/** The unit of a date or duration, as in "[ns]" and "[25s]". */
function timeUnit(metadata: PyValue | undefined): string {
  const unit = isTuple(metadata) ? metadata.items[1] : undefined;
  if (!isTuple(unit)) return '';
  const [name, count] = unit.items;
  const isName = name !== null && typeof name === 'object' && name?.type === 'bytes';
  const text = isName && name.bytes.length <= 7 ? String.fromCharCode(...name.bytes) : '';
  // Of generic dates the name says that they have no unit.
  return /^[A-Za-z]{1,2}$/.test(text) ? `[${count === 1 ? '' : count}${text}]` : '';
}

export function dtypeOf(value: PyValue | undefined, cursor: Cursor): DType {
  if (value === null || typeof value !== 'object' || value.type !== 'dtype')
    throw cursor.malformed('expected a dtype');
  return value.dtype;
}

export const isTuple = (value: PyValue | undefined): value is PySequence =>
  value !== null && typeof value === 'object' && value.type === 'tuple';

const isLength = (value: PyValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

export function readShape(value: PyValue | undefined, cursor: Cursor): number[] {
  if (!isTuple(value) || value.items.length > 32 || !value.items.every(isLength))
    throw cursor.malformed('expected a shape');
  return value.items as number[];
}
