import { refuse } from '../../src/errors.js';
import { type Numbers, readFloats, readIntegers, readStrings } from './lists.js';
import type { Message } from './protobuf.js';

/** A constant. */
export interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** The number of its type. */
  readonly type: number;
  /** In C order. */
  readonly values: Numbers | readonly string[];
}

/** The numbers of tensors' types that are read. */
export const tensorTypes = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  double: 11,
} as const;

/** How each type stands in `raw_data`: bytes, and how they are read. */
const rawTypes: {
  readonly [type: number]: readonly [size: number, read: (view: DataView, at: number) => number];
} = {
  [tensorTypes.float]: [4, (view, at) => view.getFloat32(at, true)],
  [tensorTypes.uint8]: [1, (view, at) => view.getUint8(at)],
  [tensorTypes.int8]: [1, (view, at) => view.getInt8(at)],
  [tensorTypes.uint16]: [2, (view, at) => view.getUint16(at, true)],
  [tensorTypes.int16]: [2, (view, at) => view.getInt16(at, true)],
  [tensorTypes.int32]: [4, (view, at) => view.getInt32(at, true)],
  [tensorTypes.int64]: [8, (view, at) => Number(view.getBigInt64(at, true))],
  [tensorTypes.bool]: [1, (view, at) => view.getUint8(at)],
  [tensorTypes.double]: [8, (view, at) => view.getFloat64(at, true)],
};

export function readTensor(message: Message): Tensor {
  let name = '';
  let type = 0;
  let raw: Uint8Array | null = null;
  let strings = 0;
  while (message.next()) {
    switch (message.number) {
      case 2:
        type = message.integer();
        break;
      case 3:
        throw message.malformed('a tensor in segments');
      case 6:
        strings++;
        break;
      case 8:
        name = message.text();
        break;
      case 9:
        raw = message.bytes();
        break;
      case 13:
      case 14:
        if (message.number === 13 || message.integer() !== 0)
          refuse('unsupported', `constant ${name}`, 'its numbers stand in another file');
    }
  }
  const dims = Array.from(readIntegers(message, 1));
  const count = dims.reduce((product, size) => product * size, 1);
  const values = raw ? readRaw(message, raw, type) : readTyped(message, type, strings);
  if (!dims.every((size) => size >= 0) || values.length !== count)
    throw message.malformed(
      `a tensor of [${dims.slice(0, 8).join(', ')}] with ${values.length} values`,
    );
  return { name, dims, type, values };
}

function readRaw(message: Message, raw: Uint8Array, type: number): Numbers {
  const known = rawTypes[type];
  if (!known) return refuseType(type);
  const [size, read] = known;
  if (raw.length % size !== 0) throw message.malformed(`${raw.length} bytes of ${size} each`);
  const count = raw.length / size;
  const isFloat = type === tensorTypes.float;
  message.source.spend((isFloat ? 4 : 8) * count);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const values = isFloat ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = read(view, i * size);
  if (type === tensorTypes.int64 && !values.every(Number.isSafeInteger))
    throw message.malformed('an integer beyond 2⁵³');
  return values;
}

function readTyped(message: Message, type: number, strings: number): Tensor['values'] {
  if (type === tensorTypes.float) return readFloats(message, 4, 4);
  if (type === tensorTypes.double) return readFloats(message, 10, 8);
  if (type === tensorTypes.int64) return readIntegers(message, 7);
  if (type === tensorTypes.string) return readStrings(message, 6, strings);
  return rawTypes[type] ? readIntegers(message, 5) : refuseType(type);
}

const refuseType = (type: number): never =>
  refuse('unsupported', 'constants', `tensors of type ${type} are not supported`);
