import { describeValue, NuthatchError, quote } from '../../src/errors.js';
import { type Json, type JsonMap, list, malformed, own, readLengths, text } from '../json/json.js';
import { elementCount, itemSize } from '../sklearn/arrays.js';
import type { PyArray, PyDict, PyObject, PySequence, PyValue } from '../sklearn/python.js';
import { decodeBase64 } from './base64.js';
import { readDType } from './dtypes.js';

/** Elements that one array may have: what fits a typed array of float64 in the memory of a machine at hand. */
const maximumElements = 2 ** 30;

/** Elements of no size, of which an array costs nothing to write. */
const maximumEmptyElements = 2 ** 16;

/**
 * Bytes that references may add to a document beyond twice its own: what is referred to a thousand times is a thousand
 * things to whoever walks it. A value counts as 64 bytes besides its text or array.
 */
const expansionAllowance = 32 * 2 ** 20;
const valueSize = 64;

/** Turns parsed values into Python objects as plain data; SPEC.md says how each is written. */
export class ValueReader {
  readonly #shared = new Map<number, PyValue>();
  /** Sizes of shared values whose end was read. */
  readonly #sizes = new Map<number, number>();
  /** Bytes of what was read so far, references expanded, and of the references alone. */
  #size = 0;
  #expansion = 0;

  read(json: unknown, path: string): PyValue {
    const before = this.#size;
    const result = this.#readValue(json as Json, path);
    this.#size += valueSize;
    if (isMap(json) && own(json, '$') === 'ref') return result;
    this.#size += ownSize(result);
    const id = isMap(json) ? own(json, 'id') : undefined;
    if (typeof id === 'number') this.#sizes.set(id, this.#size - before);
    return result;
  }

  #readValue(value: Json, path: string): PyValue {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return { type: 'list', items: this.#readItems(value, path) };
    const tag = own(value, '$');
    switch (tag) {
      case 'int':
        return this.#readInt(value, path);
      case 'float':
        return readFloat(value, path);
      case 'complex':
        return {
          type: 'complex',
          real: this.#number(value, 'real', path),
          imag: this.#number(value, 'imag', path),
        };
      case 'bytes': {
        const data = text(value, 'data', path);
        const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
        return {
          type: 'bytes',
          bytes: decodeBase64(data, Math.floor(data.length / 4) * 3 - padding, path),
        };
      }
      case 'list':
      case 'tuple':
      case 'set':
      case 'frozenset':
      case 'slice': {
        const sequence: PySequence = { type: tag, items: [] };
        this.#share(value, sequence, path);
        this.#readItemsInto(sequence.items, list(value, 'items', path), path);
        return sequence;
      }
      case 'dict': {
        const dict: PyDict = { type: 'dict', entries: [] };
        this.#share(value, dict, path);
        this.#readEntries(list(value, 'items', path), dict.entries, path);
        return dict;
      }
      case 'scalar':
        return this.#readArray(value, [], path);
      case 'ndarray':
        return this.#readArray(value, readShape(value, path), path);
      case 'dtype':
        return { type: 'dtype', dtype: readDType(own(value, 'dtype'), path) };
      case 'global':
        return { type: 'global', name: text(value, 'name', path) };
      case 'object':
        return this.#readObject(value, path);
      case 'ref':
        return this.#readReference(value, path);
      default:
        throw malformed(path, `an object whose "$" is ${describeValue(tag)}`);
    }
  }

  #readItems(items: readonly Json[], path: string): PyValue[] {
    return items.map((item, i) => this.read(item, `${path}[${i}]`));
  }

  /** For values that their own items may refer to. Not `push(...items)`: the stack holds a hundred thousand at most. */
  #readItemsInto(target: PyValue[], items: readonly Json[], path: string): void {
    items.forEach((item, i) => {
      target.push(this.read(item, `${path}[${i}]`));
    });
  }

  #readEntries(items: readonly Json[], entries: [PyValue, PyValue][], path: string): void {
    const keys = new Set<PyValue>();
    items.forEach((item, i) => {
      if (!Array.isArray(item) || item.length !== 2)
        throw malformed(`${path}[${i}]`, 'expected a key and a value');
      const name = typeof item[0] === 'string' ? `.${item[0]}` : `[${i}]`;
      const key = this.read(item[0], `${path}${name}`);
      // Keys that are objects are never equal here.
      if (keys.has(key)) throw malformed(`${path}${name}`, 'a key appears twice');
      keys.add(key);
      entries.push([key, this.read(item[1], `${path}${name}`)]);
    });
  }

  /** Makes a value known before its parts are read: they may refer to it. */
  #share(map: JsonMap, value: PyValue, path: string): void {
    const id = own(map, 'id');
    if (id === undefined) return;
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0 || this.#shared.has(id)) {
      throw malformed(path, `the id ${describeValue(id)} is taken or no integer`);
    }
    this.#shared.set(id, value);
  }

  #readReference(map: JsonMap, path: string): PyValue {
    const id = own(map, 'id');
    const value = typeof id === 'number' ? this.#shared.get(id) : undefined;
    if (value === undefined)
      throw malformed(path, `a reference to ${describeValue(id)}, which is not known before it`);
    const size = this.#sizes.get(id as number) ?? 0;
    const written = this.#size - this.#expansion;
    this.#size += size;
    this.#expansion += size;
    if (this.#expansion > expansionAllowance + 2 * written) {
      throw new NuthatchError(
        'limit-exceeded',
        path,
        'references that make the document many times larger',
      );
    }
    return value;
  }

  #readObject(map: JsonMap, path: string): PyObject {
    const object: PyObject = {
      type: 'object',
      className: text(map, 'class', path),
      args: [],
      state: null,
      items: [],
      entries: [],
    };
    this.#share(map, object, path);
    if (own(map, 'args') !== undefined)
      this.#readItemsInto(object.args, list(map, 'args', path), `${path}.args`);
    if (own(map, 'state') !== undefined) object.state = this.read(own(map, 'state'), path);
    if (own(map, 'items') !== undefined)
      this.#readItemsInto(object.items, list(map, 'items', path), path);
    if (own(map, 'entries') !== undefined)
      this.#readEntries(list(map, 'entries', path), object.entries, path);
    return object;
  }

  #readArray(map: JsonMap, shape: readonly number[], path: string): PyArray {
    const dtype = readDType(own(map, 'dtype'), path);
    const order = shape.length > 0 ? own(map, 'order') : 'C';
    if (order !== 'C' && order !== 'F')
      throw malformed(path, 'an order that is neither "C" nor "F"');
    const size = itemSize(dtype);
    if (size === null) throw malformed(path, `unknown dtype ${quote(JSON.stringify(dtype))}`);
    const array = {
      type: 'array',
      dtype,
      shape,
      order,
      bytes: new Uint8Array(0),
      objects: null,
      masked: own(map, 'mask') !== undefined,
    } as const;
    const count = elementCount(array);
    if (count > maximumElements)
      throw new NuthatchError('limit-exceeded', path, `an array of ${count} elements`);
    if (size === 0 && dtype !== '|O' && count > maximumEmptyElements)
      throw new NuthatchError('limit-exceeded', path, `an array of ${count} elements of no size`);
    if (dtype === '|O') {
      const data = list(map, 'data', path);
      if (data.length !== count)
        throw malformed(path, `expected ${count} elements, found ${data.length}`);
      const objects: PyValue[] = [];
      const result: PyArray = { ...array, objects };
      this.#share(map, result, path);
      this.#readItemsInto(objects, data, path);
      return result;
    }
    const result: PyArray = {
      ...array,
      bytes: decodeBase64(text(map, 'data', path), count * size, path),
    };
    this.#share(map, result, path);
    return result;
  }

  #readInt(map: JsonMap, path: string): bigint {
    const digits = text(map, 'value', path);
    if (!/^-?\d{1,1000}$/.test(digits)) throw malformed(path, 'expected decimal digits');
    return BigInt(digits);
  }

  #number(map: JsonMap, key: string, path: string): number {
    const value = this.read(own(map, key), path);
    if (typeof value !== 'number') throw malformed(path, `expected a number as ${quote(key)}`);
    return value;
  }
}

function isMap(json: unknown): json is JsonMap {
  return json !== null && typeof json === 'object' && !Array.isArray(json);
}

/** Bytes of a value itself, without what it holds. */
function ownSize(value: PyValue): number {
  if (typeof value === 'string') return value.length;
  return value !== null && typeof value === 'object' && 'bytes' in value ? value.bytes.length : 0;
}

function readFloat(map: JsonMap, path: string): number {
  const named: Record<string, number> = {
    nan: Number.NaN,
    inf: Number.POSITIVE_INFINITY,
    '-inf': Number.NEGATIVE_INFINITY,
  };
  const name = text(map, 'value', path);
  if (!Object.hasOwn(named, name)) throw malformed(path, `unknown float ${quote(name)}`);
  return named[name]!;
}

function readShape(map: JsonMap, path: string): number[] {
  const shape = readLengths(map, 'shape', path);
  if (shape.length > 32) throw malformed(path, `an array of ${shape.length} dimensions`);
  return shape;
}
