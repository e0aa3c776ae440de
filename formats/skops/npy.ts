import { ofBytes, readLayout } from '../python/arrays.js';
import { Cursor } from '../python/cursor.js';
import { itemSize } from '../sklearn/arrays.js';
import type { DType, PyArray } from '../sklearn/python.js';

/** What a header may be: numpy itself reads no longer ones unless it is told to. */
const longestHeader = 10_000;
const mostFields = 1000;

/** A literal of Python, as headers have them. */
type Literal = string | number | boolean | Literal[] | Map<string, Literal>;

/**
 * An array as `numpy.save` writes it, without objects.
 *
 * @throws NuthatchError `truncated`, `malformed`, `unsupported`, `limit-exceeded`
 */
export function readNpy(bytes: Uint8Array, memoryBytes: number): PyArray {
  const cursor = new Cursor(bytes, memoryBytes);
  const magic = cursor.take(6);
  const version = cursor.uint8();
  cursor.uint8();
  if (String.fromCharCode(...magic) !== '\x93NUMPY' || version < 1 || version > 3)
    throw cursor.malformed('no array of numpy');
  const length = version === 1 ? cursor.uint16() : cursor.uint32();
  if (length > longestHeader) throw cursor.malformed(`a header of ${length} bytes`);
  const header = parseLiteral(
    new TextDecoder(version < 3 ? 'latin1' : 'utf-8').decode(cursor.take(length)),
    cursor,
  );
  if (!(header instanceof Map)) throw cursor.malformed('a header that is no dict');
  const shape = header.get('shape');
  if (!Array.isArray(shape) || !shape.every((one) => typeof one === 'number'))
    throw cursor.malformed('a shape that is none');
  const layout = readLayout(
    { type: 'tuple', items: shape },
    { type: 'dtype', dtype: dtypeOf(header.get('descr'), cursor) },
    header.get('fortran_order') === true ? 'F' : 'C',
    cursor,
  );
  return ofBytes(layout, cursor.take(bytes.length - cursor.offset), cursor);
}

function dtypeOf(descr: Literal | undefined, cursor: Cursor): DType {
  if (typeof descr === 'string') return plainOf(descr, cursor);
  if (!Array.isArray(descr) || descr.length > mostFields)
    throw cursor.malformed('a dtype that is none');
  const names: string[] = [];
  const formats: DType[] = [];
  const offsets: number[] = [];
  let itemsize = 0;
  for (const field of descr) {
    if (!Array.isArray(field)) throw cursor.malformed('a field that is none');
    const [name, format, shape] = field;
    if (typeof name !== 'string' || typeof format !== 'string')
      throw cursor.malformed('a field without a name or a dtype of its own');
    const base = plainOf(format, cursor);
    const lengths = typeof shape === 'number' ? [shape] : shape;
    const isShape = Array.isArray(lengths) && lengths.every((one) => typeof one === 'number');
    if (lengths !== undefined && !isShape)
      throw cursor.malformed('the shape of a field that is none');
    const dtype = isShape ? { base, shape: lengths as number[] } : base;
    // What has no name fills up to where the next field begins.
    if (name !== '') {
      if (names.includes(name)) throw cursor.malformed('two fields of one name');
      names.push(name);
      formats.push(dtype);
      offsets.push(itemsize);
    }
    itemsize += itemSize(dtype)!;
  }
  return { names, formats, offsets, itemsize };
}

function plainOf(descr: string, cursor: Cursor): string {
  if (itemSize(descr) === null || descr === '|O')
    throw cursor.malformed('a dtype that has no bytes');
  return descr;
}

const tokens = /\s*(?:([{}[\](),:])|'((?:[^'\\]|\\.)*)'|(-?\d+)L?|(True|False))/y;

/** Dicts, lists, tuples, strings, integers and booleans, as numpy writes them: nested no deeper than a dtype's shape. */
function parseLiteral(text: string, cursor: Cursor): Literal {
  let at = 0;
  let sign: string | undefined;
  let value: Literal | undefined;
  const fail = () => cursor.malformed('a header that is no literal of Python');
  const next = (): void => {
    tokens.lastIndex = at;
    const found = tokens.exec(text);
    if (found === null) throw fail();
    at = tokens.lastIndex;
    const [, mark, string, integer, flag] = found;
    sign = mark;
    value = string ?? (integer === undefined ? flag === 'True' : Number(integer));
  };
  const isAt = (mark: string): boolean => sign === mark;
  const list = (end: string, depth: number): Literal[] => {
    const items: Literal[] = [];
    for (next(); !isAt(end); ) {
      items.push(read(depth + 1));
      if (isAt(',')) next();
      else if (!isAt(end)) throw fail();
    }
    return items;
  };
  /** What begins with the token at hand; moves to the one behind it. */
  function read(depth: number): Literal {
    if (depth > 5) throw fail();
    let result: Literal;
    if (sign === undefined) result = value!;
    else if (isAt('(')) result = list(')', depth);
    else if (isAt('[')) result = list(']', depth);
    else if (isAt('{')) result = dict(depth);
    else throw fail();
    if (depth > 0) next();
    return result;
  }
  function dict(depth: number): Map<string, Literal> {
    const result = new Map<string, Literal>();
    for (next(); !isAt('}'); ) {
      const key = read(depth + 1);
      if (typeof key !== 'string' || !isAt(':')) throw fail();
      next();
      result.set(key, read(depth + 1));
      if (isAt(',')) next();
      else if (!isAt('}')) throw fail();
    }
    return result;
  }
  next();
  return read(0);
}
