import { describeValue, refuse } from '../../src/errors.js';
import {
  type ArrayType,
  arrayTypes,
  type Fields,
  fail,
  integer,
  list,
  map,
  oneOf,
  read,
  readAll,
  sized,
  type TypedArray,
  text,
} from '../../src/ir/index.js';
import { HIGH_WORD } from '../../src/math/double-words.js';
import { type TensorEntry, tensorAlignment, tensorKey } from './layout.js';

/** Reads the header's table of tensors and checks that they fill a payload of `payloadLength` bytes without overlap. */
export function readTensorTable(header: Fields, payloadLength: number): TensorEntry[] {
  let end = 0;
  const entry = map((f): TensorEntry => {
    const dtype = read(f, 'dtype', oneOf(...(Object.keys(arrayTypes) as ArrayType[])));
    // The next multiple of the alignment: no bytes belong to no tensor.
    const next = Math.ceil(end / tensorAlignment) * tensorAlignment;
    const { offset, length } = readAll(f, {
      offset: integer(next, next),
      length: integer(0, payloadLength - next),
    });
    end = offset + length;
    const elements = length / arrayTypes[dtype].BYTES_PER_ELEMENT;
    const own = readAll(f, {
      name: text,
      shape: sized(list(integer(elements, elements)), 1),
      crc32: integer(0, 2 ** 32 - 1),
    });
    return { ...own, dtype, offset, length };
  });
  const entries = read(header, 'tensors', list(entry));
  if (payloadLength - end >= tensorAlignment) fail(header, 'tensors', 'bytes after the last');
  return entries;
}

/**
 * A copy of `header` with every reference replaced by its tensor, a view into `payload` where that lies aligned. Each tensor is used
 * exactly once: repeated references would let a small file ask for much work, and unused bytes could hold anything.
 */
export function resolveTensors(
  header: unknown,
  payload: Uint8Array,
  entries: readonly TensorEntry[],
): unknown {
  if (HIGH_WORD !== 1) refuse('unsupported', '', 'nuthatch needs a little-endian machine');
  // A file inside a larger buffer (Node's pool, an archive) may lie at any offset; one copy then aligns all tensors.
  const { buffer, byteOffset } = payload.byteOffset % 8 === 0 ? payload : payload.slice();
  const used = new Set<unknown>();
  const malformed = (message: string): never => refuse('malformed', 'header', message);

  function tensor(index: unknown): TypedArray {
    const entry = typeof index === 'number' ? entries[index] : undefined;
    if (entry === undefined) return malformed(`there is no tensor ${describeValue(index)}`);
    if (used.has(index)) malformed(`tensor ${index} is used twice`);
    used.add(index);
    const type = arrayTypes[entry.dtype];
    return new type(buffer as ArrayBuffer, byteOffset + entry.offset, entry.shape[0]);
  }

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve);
    if (value === null || typeof value !== 'object') return value;
    const keys = Object.keys(value);
    const map = value as Record<string, unknown>;
    if (keys.includes(tensorKey)) {
      return keys.length === 1 ? tensor(map[tensorKey]) : malformed('a tensor with other keys');
    }
    const result: Record<string, unknown> = Object.create(null);
    for (const key of keys) result[key] = resolve(map[key]);
    return result;
  }

  const resolved = resolve(header);
  if (used.size < entries.length) malformed('a tensor that is not used');
  return resolved;
}
