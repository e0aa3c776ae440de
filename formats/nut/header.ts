import { refuse } from '../../src/errors.js';
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

  const fail = (code: 'malformed' | 'limit-exceeded' | 'truncated', message: string): never =>
    refuse(code, `byte ${at}`, message);
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
  /** The integer in the next `size` bytes. */
  function integer(size: number, signed = false): number {
    const from = take(size);
    let result = signed ? view.getInt8(from) : bytes[from]!;
    for (let i = from + 1; i < at; i++) result = result * 256 + bytes[i]!;
    return Number.isSafeInteger(result) ? result : fail('malformed', 'an integer beyond 2^53');
  }
  function text(length: number): string {
    if (length > limits.stringBytes) fail('limit-exceeded', `a string of ${length} bytes`);
    const from = take(length);
    spend(textCost + length);
    try {
      // A copy, since browsers decode no memory that threads share.
      return utf8.decode(bytes.slice(from, at));
    } catch {
      at = from;
      return fail('malformed', 'a string that is not UTF-8');
    }
  }
  function array(length: number, depth: number): unknown[] {
    if (depth >= limits.nesting) fail('limit-exceeded', `nested deeper than ${limits.nesting}`);
    // Before any is read: each value takes at least a byte.
    at = take(length);
    spend(length * valueCost + arrayCost);
    const items: unknown[] = [];
    for (let i = 0; i < length; i++) items.push(value(depth + 1));
    return items;
  }
  function map(length: number, depth: number): Record<string, unknown> {
    spend(mapCost + length * keyCost);
    const items = array(length * 2, depth);
    const object: Record<string, unknown> = Object.create(null);
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key !== 'string') return fail('malformed', 'a key that is not a string');
      if (key in object) fail('malformed', 'a key appears twice');
      object[key] = items[i + 1];
    }
    return object;
  }
  function value(depth: number): unknown {
    const type = integer(1);
    if (type <= 0x7f) return type;
    if (type <= 0x8f) return map(type & 15, depth);
    if (type <= 0x9f) return array(type & 15, depth);
    if (type <= 0xbf) return text(type & 31);
    if (type >= 0xe0) return type - 0x100;
    if (type >= 0xde) return map(integer(2 << (type & 1)), depth);
    if (type >= 0xdc) return array(integer(2 << (type & 1)), depth);
    if (type >= 0xd9) return text(integer(1 << (type - 0xd9)));
    // One, two, four or eight bytes.
    if (type >= 0xcc && type <= 0xd3) return integer(1 << (type & 3), type >= 0xd0);
    if (type === 0xca) return view.getFloat32(take(4));
    if (type === 0xcb) return view.getFloat64(take(8));
    if (type === 0xc2 || type === 0xc3) return type === 0xc3;
    if (type === 0xc0) return null;
    return fail('malformed', `type 0x${type.toString(16)}, which a header may not hold`);
  }

  // Recursion goes no deeper than limits.nesting.
  return { value: value(0), end: at };
}

/** Bytes of memory for each value, text, container and key: measured, the copies on the way included. */
const valueCost = 24;
const textCost = 32;
const arrayCost = 170;
const mapCost = 600;
const keyCost = 150;
