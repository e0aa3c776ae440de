import { buildArray, bytesOf, newArray, ofBytes, readLayout, toLatin1 } from '../python/arrays.js';
import type { Cursor } from '../python/cursor.js';
import { buildDType, newDType } from '../python/dtype.js';
import { nameOf, newObject } from '../python/objects.js';
import type { PyDict, PyGlobal, PySequence, PyValue } from '../sklearn/python.js';

/**
 * What a pickle wants called, and with what. Nothing is: a few functions, which make what every file is made of, have a line here that
 * makes the same of plain data; whatever else has a name becomes an object of that name, which holds its arguments and does nothing.
 */
export function reduce(callable: PyValue, args: readonly PyValue[], cursor: Cursor): PyValue {
  const name = calledName(callable, cursor);
  const make = makers.get(name) ?? (/\.(newObj|__pyx_unpickle_\w+)$/.test(name) ? ofFirst : null);
  return make === null ? newObject(name, args) : make(args, cursor);
}

/** An instance of a class, made without calling it. */
export const newInstance = (cls: PyValue, args: readonly PyValue[], cursor: Cursor): PyValue => {
  const name = calledName(cls, cursor);
  // Classes of which protocol 0 has instances that later ones write otherwise.
  return makers.get(name)?.(args, cursor) ?? newObject(name, args);
};

type Maker = (args: readonly PyValue[], cursor: Cursor) => PyValue;

const sequence =
  (type: PySequence['type']): Maker =>
  ([items], cursor) => ({ type, items: items === undefined ? [] : [...listed(items, cursor)] });

/** An object of the class that is the first argument, as compiled classes' own functions make it. */
const ofFirst: Maker = (args, cursor) => newObject(calledName(args[0], cursor), args);

const makers: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['copyreg.__newobj__', ([cls, ...args], cursor) => newInstance(cls ?? null, args, cursor)],
  ['copyreg._reconstructor', reconstruct],
  ['builtins.getattr', attribute],
  ['builtins.list', sequence('list')],
  ['builtins.set', sequence('set')],
  ['builtins.frozenset', sequence('frozenset')],
  ['builtins.slice', (args) => ({ type: 'slice', items: [...args] })],
  ['builtins.complex', complex],
  ['builtins.bytes', (args, cursor) => ({ type: 'bytes', bytes: bytesFrom(args, cursor) })],
  [
    'builtins.bytearray',
    (args, cursor) =>
      newObject('builtins.bytearray', [{ type: 'bytes', bytes: bytesFrom(args, cursor) }]),
  ],
  ['_codecs.encode', (args, cursor) => ({ type: 'bytes', bytes: encode(args, cursor) })],
  ['numpy.dtype', ([code], cursor) => newDType(code, cursor)],
  ['numpy.core.multiarray._reconstruct', () => newArray()],
  ['numpy.ma.core._mareconstruct', () => newArray()],
  ['numpy.core.multiarray.scalar', scalar],
  ['numpy.core.numeric._frombuffer', fromBuffer],
  ['numpy.core._ufunc_reconstruct', ([module, name], cursor) => named(module, name, cursor)],
]);

/** What a state gives to a value that waits for it. */
export function build(target: PyValue, state: PyValue, cursor: Cursor): void {
  if (target !== null && typeof target === 'object') {
    if (target.type === 'array') {
      buildArray(target, state, cursor);
      return;
    }
    if (target.type === 'dtype') {
      buildDType(target, state, cursor);
      return;
    }
    if (target.type === 'object' && target.state === null) {
      // (state, slots): what has slots besides attributes, or alone.
      target.state = state;
      return;
    }
  }
  throw cursor.malformed('a state for what has none, or has one');
}

/** A class or function, under the one name that all versions of Python and its libraries share. */
export function named(
  module: PyValue | undefined,
  name: PyValue | undefined,
  cursor: Cursor,
): PyGlobal {
  if (typeof module !== 'string' || typeof name !== 'string')
    throw cursor.malformed('a name that is no text');
  if (module.length + name.length > longestName) throw cursor.malformed('a name that is too long');
  return { type: 'global', name: nameOf(module, name) };
}

/** A name is looked at whenever it is called, which takes a byte. */
const longestName = 500;

/** The name of what is to be called: of what a call made, that of the call, in which nobody here looks further. */
function calledName(value: PyValue | undefined, cursor: Cursor): string {
  if (value !== null && typeof value === 'object') {
    if (value.type === 'global') return value.name;
    if (value.type === 'object')
      return value.className.endsWith('()') ? value.className : `${value.className}()`;
  }
  throw cursor.malformed('what is to be called has no name');
}

/** `object.__new__(class)` of protocols 0 and 1; what extends a dict or list has its entries as third argument. */
function reconstruct(args: readonly PyValue[], cursor: Cursor): PyValue {
  const [cls, base, state] = args;
  const object = newObject(calledName(cls, cursor));
  const name = calledName(base, cursor);
  if (name === 'builtins.object') return object;
  // A named tuple; later protocols make it of its items.
  if (name === 'builtins.tuple') return newInstance(cls ?? null, listed(state, cursor), cursor);
  if (name === 'builtins.dict') return { ...object, entries: [...entriesOf(state, cursor)] };
  if (name === 'builtins.list') return { ...object, items: [...listed(state, cursor)] };
  return { ...object, args: [state ?? null] };
}

/** `getattr(class, name)`: how protocols below 4 write what lies inside a class. */
function attribute([owner, name]: readonly PyValue[], cursor: Cursor): PyValue {
  return named(calledName(owner, cursor), name, cursor);
}

function complex([real, imag]: readonly PyValue[], cursor: Cursor): PyValue {
  if (typeof real !== 'number' || typeof imag !== 'number')
    throw cursor.malformed('a complex number of what are no floats');
  return { type: 'complex', real, imag };
}

function bytesFrom(args: readonly PyValue[], cursor: Cursor): Uint8Array {
  if (args.length === 0) return new Uint8Array(0);
  const [value, encoding] = args;
  if (typeof value === 'string' && typeof encoding === 'string') return encode(args, cursor);
  return bytesOf(value, cursor);
}

/** Protocols below 3 write bytes as text. */
function encode([text, encoding]: readonly PyValue[], cursor: Cursor): Uint8Array {
  if (typeof text !== 'string' || (encoding !== 'latin1' && encoding !== 'latin-1'))
    throw cursor.malformed('bytes that are not written as Latin-1');
  return toLatin1(text, cursor);
}

function scalar([dtype, data]: readonly PyValue[], cursor: Cursor): PyValue {
  const layout = readLayout({ type: 'tuple', items: [] }, dtype, 'C', cursor);
  if (layout.dtype === '|O') throw cursor.malformed('a numpy scalar that is an object');
  return ofBytes(layout, bytesOf(data, cursor), cursor);
}

function fromBuffer([buffer, dtype, shape, order]: readonly PyValue[], cursor: Cursor): PyValue {
  const layout = readLayout(shape, dtype, order === 'F' ? 'F' : 'C', cursor);
  return ofBytes(layout, bytesOf(buffer, cursor), cursor);
}

function listed(value: PyValue | undefined, cursor: Cursor): readonly PyValue[] {
  if (value !== null && typeof value === 'object') {
    if (value.type === 'list' || value.type === 'tuple' || value.type === 'set') return value.items;
  }
  throw cursor.malformed('expected a list');
}

function entriesOf(value: PyValue | undefined, cursor: Cursor): PyDict['entries'] {
  if (value !== null && typeof value === 'object' && value.type === 'dict') return value.entries;
  throw cursor.malformed('expected a dict');
}
