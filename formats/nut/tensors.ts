import { describeValue, refuse } from '../../src/errors.js';
import { type ArrayType, arrayTypes, type Fields, type TypedArray } from '../../src/ir/index.js';
import { type TensorEntry, tensorAlignment, tensorKey } from './layout.js';

/** Reads the header's table of tensors and checks that they fill a payload of `payloadLength` bytes without overlap. */
export function readTensorTable(header: Fields, payloadLength: number): TensorEntry[] {
  let end = 0;
  const checkGap = (f: Fields, next: number): void => {
    if (next - end >= tensorAlignment)
      f.fail('tensors', `bytes ${end} to ${next} belong to no tensor`);
  };
  const entries = header.maps('tensors').map((f) => {
    const dtype = f.oneOf('dtype', Object.keys(arrayTypes) as ArrayType[]);
    const offset = f.integer('offset', end, payloadLength);
    const length = f.integer('length', 0, payloadLength - offset);
    const shape = f.list('shape').map((size) => (Number.isInteger(size) ? (size as number) : -1));
    if (offset % tensorAlignment !== 0) f.fail('offset', `not a multiple of ${tensorAlignment}`);
    if (shape.length !== 1 || shape[0]! * arrayTypes[dtype].BYTES_PER_ELEMENT !== length) {
      f.fail('shape', `expected the number of elements in ${length} bytes`);
    }
    checkGap(header, offset);
    end = offset + length;
    return {
      name: f.text('name'),
      dtype,
      shape,
      offset,
      length,
      crc32: f.integer('crc32', 0, 2 ** 32 - 1),
    };
  });
  checkGap(header, payloadLength);
  return entries;
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * A copy of `header` with every reference replaced by its tensor, a view into `payload` where that lies aligned. Each tensor is used
 * exactly once: repeated references would let a small file ask for much work, and unused bytes could hold anything.
 */
export function resolveTensors(
  header: unknown,
  payload: Uint8Array,
  entries: readonly TensorEntry[],
): unknown {
  if (!littleEndian) refuse('unsupported', '', 'nuthatch needs a little-endian machine');
  // A file inside a larger buffer (Node's pool, an archive) may lie at any offset; one copy then aligns all tensors.
  const { buffer, byteOffset } = payload.byteOffset % 8 === 0 ? payload : payload.slice();
  const used = new Set<unknown>();
  const fail = (message: string): never => {
    refuse('malformed', 'header', message);
  };

  function tensor(index: unknown): TypedArray {
    const entry = typeof index === 'number' ? entries[index] : undefined;
    if (entry === undefined) return fail(`there is no tensor ${describeValue(index)}`);
    if (used.has(index)) fail(`tensor ${index} is used twice`);
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
      return keys.length === 1 ? tensor(map[tensorKey]) : fail('a tensor with other keys');
    }
    const result: Record<string, unknown> = Object.create(null);
    for (const key of keys) result[key] = resolve(map[key]);
    return result;
  }

  const resolved = resolve(header);
  if (used.size < entries.length) fail('a tensor that is not used');
  return resolved;
}
