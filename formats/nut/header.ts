import { NuthatchError } from '../../src/errors.js';
import type { Limits } from '../../src/ir/index.js';

export interface DecodedHeader {
  readonly value: unknown;
  /** Offset of the byte after the value. */
  readonly end: number;
}

/**
 * Decodes the MessagePack value at `start`: a header is nil, booleans, numbers, strings, arrays and maps. Maps become objects without a
 * prototype, so that no name from a file means anything to JavaScript.
 *
 * Refused: extension types, binary data, keys that are not strings, duplicate keys, invalid UTF-8, integers beyond ±(2⁵³−1),
 * nesting and strings beyond the limits, values that would take far more memory than the file, and anything that runs past `end`.
 */
export function decodeHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
  limits: Limits,
): DecodedHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let at = start;
  let budget = limits.memoryBytes + 4 * bytes.length;

  function fail(code: 'malformed' | 'limit-exceeded' | 'truncated', message: string): never {
    throw new NuthatchError(code, `byte ${at}`, message);
  }
  /** Moves past `count` bytes and returns where they begin. */
  function take(count: number): number {
    if (count > end - at) {
      if (end < bytes.length) fail('limit-exceeded', 'the header is too long');
      fail('truncated', 'the header ends within a value');
    }
    at += count;
    return at - count;
  }
  function spend(cost: number): void {
    budget -= cost;
    if (budget < 0) fail('limit-exceeded', 'far more memory than the file');
  }
  function text(length: number): string {
    if (length > limits.stringBytes) fail('limit-exceeded', `a string of ${length} bytes`);
    const from = take(length);
    spend(textCost + length);
    try {
      return utf8.decode(bytes.subarray(from, at));
    } catch {
      at = from;
      return fail('malformed', 'a string that is not UTF-8');
    }
  }
  /** Checks a container's announced number of values before any is read: each takes at least a byte. */
  function enter(values: number, depth: number): void {
    if (depth >= limits.nesting) fail('limit-exceeded', `nested deeper than ${limits.nesting}`);
    take(values);
    at -= values;
    spend(values * valueCost + arrayCost);
  }
  function array(length: number, depth: number): unknown[] {
    enter(length, depth);
    const items: unknown[] = [];
    for (let i = 0; i < length; i++) items.push(value(depth + 1));
    return items;
  }
  function map(length: number, depth: number): Record<string, unknown> {
    spend(mapCost + length * keyCost);
    enter(length * 2, depth);
    const object: Record<string, unknown> = Object.create(null);
    for (let i = 0; i < length; i++) {
      const type = view.getUint8(take(1));
      const key = string(type);
      if (key === null) fail('malformed', 'a key that is not a string');
      if (key in object) fail('malformed', 'a key appears twice');
      object[key] = value(depth + 1);
    }
    return object;
  }
  /** The string after a first byte of `type`; null where that begins no string. */
  function string(type: number): string | null {
    if (type >= 0xa0 && type <= 0xbf) return text(type & 31);
    if (type === 0xd9) return text(view.getUint8(take(1)));
    if (type === 0xda) return text(view.getUint16(take(2)));
    return type === 0xdb ? text(view.getUint32(take(4))) : null;
  }
  function wideInteger(signed: boolean): number {
    const from = take(8);
    const high = signed ? view.getInt32(from) : view.getUint32(from);
    const integer = high * 2 ** 32 + view.getUint32(from + 4);
    return Number.isSafeInteger(integer)
      ? integer
      : fail('malformed', 'an integer beyond ±(2⁵³−1)');
  }
  function value(depth: number): unknown {
    const type = view.getUint8(take(1));
    if (type <= 0x7f) return type;
    if (type <= 0x8f) return map(type & 15, depth);
    if (type <= 0x9f) return array(type & 15, depth);
    if (type >= 0xe0) return type - 0x100;
    const number = numbers[type];
    if (number !== undefined) return view[number[1]](take(number[0]));
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return type === 0xc3;
      case 0xcf:
      case 0xd3:
        return wideInteger(type === 0xd3);
      case 0xdc:
        return array(view.getUint16(take(2)), depth);
      case 0xdd:
        return array(view.getUint32(take(4)), depth);
      case 0xde:
        return map(view.getUint16(take(2)), depth);
      case 0xdf:
        return map(view.getUint32(take(4)), depth);
      default:
        return (
          string(type) ??
          fail('malformed', `type 0x${type.toString(16)}, which a header may not hold`)
        );
    }
  }

  // Recursion goes no deeper than limits.nesting.
  return { value: value(0), end: at };
}

/** Floats, and integers of up to 32 bits: their bytes and how they are read. */
const numbers: {
  readonly [type: number]: readonly [
    bytes: number,
    read: `get${'Float' | 'Uint' | 'Int'}32` | `get${'Uint' | 'Int'}${8 | 16}` | 'getFloat64',
  ];
} = {
  202: [4, 'getFloat32'],
  203: [8, 'getFloat64'],
  204: [1, 'getUint8'],
  205: [2, 'getUint16'],
  206: [4, 'getUint32'],
  208: [1, 'getInt8'],
  209: [2, 'getInt16'],
  210: [4, 'getInt32'],
};

/** Bytes of memory for each value, text, container and key: measured, the copies on the way included. */
const valueCost = 24;
const textCost = 32;
const arrayCost = 170;
const mapCost = 600;
const keyCost = 150;
