import { byteLength, ofBytes, readLayout } from '../python/arrays.js';
import type { Cursor } from '../python/cursor.js';
import { entrySize } from '../python/sizes.js';
import type { PyArray, PyObject, PyValue } from '../sklearn/python.js';

/** What joblib writes in place of an array, whose bytes follow in the stream. */
const wrapper = 'joblib.numpy_pickle.NumpyArrayWrapper';

export const isWrapper = (value: PyValue): value is PyObject =>
  value !== null &&
  typeof value === 'object' &&
  value.type === 'object' &&
  (value.className === wrapper || value.className === `sklearn.externals.${wrapper}`);

/**
 * The array that a wrapper stands for. Its bytes begin where the cursor is: after padding, which a byte before it counts, where joblib aligns
 * them. An array of objects is a pickle of its own there, which `readPart` reads.
 */
export function readWrapped(object: PyObject, cursor: Cursor, readPart: () => PyValue): PyArray {
  const { state } = object;
  if (state === null || typeof state !== 'object' || state.type !== 'dict')
    throw cursor.malformed('an array without its description');
  cursor.spend(entrySize * state.entries.length);
  const attributes = new Map(state.entries);
  const order = attributes.get('order') === 'F' ? 'F' : 'C';
  const layout = readLayout(attributes.get('shape'), attributes.get('dtype'), order, cursor);
  if (layout.dtype === '|O') {
    const value = readPart();
    if (value !== null && typeof value === 'object' && value.type === 'array') return value;
    throw cursor.malformed('an array of objects that is none');
  }
  const alignment = attributes.get('numpy_array_alignment_bytes') ?? null;
  if (alignment !== null) cursor.skip(cursor.uint8());
  return ofBytes(layout, cursor.take(byteLength(layout, cursor)), cursor);
}
