import { NuthatchError } from '../../src/errors.js';
import type { Limits } from '../../src/ir/index.js';

/**
 * Checks one MessagePack value before it is handed to a decoder, without recursion and without building anything.
 *
 * Refused: extension types, binary data, keys that are not strings, duplicate keys, invalid UTF-8, integers beyond ±(2⁵³−1),
 * nesting and strings beyond the limits, and anything that runs past `end`. Returns the offset after the value.
 */
export function scanMessagePack(
  bytes: Uint8Array,
  start: number,
  end: number,
  limits: Limits,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const open: Container[] = [];
  let at = start;
  let budget = limits.memoryBytes + 4 * bytes.length;

  function fail(message: string): never {
    throw new NuthatchError('malformed', `byte ${at}`, message);
  }
  function need(count: number): void {
    if (count > end - at) endsEarly('the header ends within a value');
  }
  function endsEarly(message: string): never {
    throw end < bytes.length
      ? new NuthatchError(
          'limit-exceeded',
          `byte ${at}`,
          `a header of more than ${end - start} bytes`,
        )
      : new NuthatchError('truncated', `byte ${at}`, message);
  }
  /** What a decoder will make of a value takes memory that the file must account for. */
  function spend(cost: number): void {
    budget -= cost;
    if (budget < 0) {
      throw new NuthatchError(
        'limit-exceeded',
        `byte ${at}`,
        'a header that would take far more memory than the file',
      );
    }
  }
  function count(width: 1 | 2 | 4): number {
    need(1 + width);
    if (width === 1) return view.getUint8(at + 1);
    return width === 2 ? view.getUint16(at + 1) : view.getUint32(at + 1);
  }
  function skip(length: number): void {
    need(length);
    at += length;
  }
  function text(head: number, length: number): string {
    if (length > limits.stringBytes) {
      throw new NuthatchError('limit-exceeded', `byte ${at}`, `a string of ${length} bytes`);
    }
    need(head + length);
    try {
      const value = utf8.decode(bytes.subarray(at + head, at + head + length));
      at += head + length;
      return value;
    } catch {
      return fail('a string that is not UTF-8');
    }
  }
  function enter(head: number, items: number, keys: Set<string> | null): void {
    if (open.length >= limits.nesting) {
      throw new NuthatchError(
        'limit-exceeded',
        `byte ${at}`,
        `nested deeper than ${limits.nesting}`,
      );
    }
    at += head;
    // Each item takes at least a byte, so a count beyond what is left is a lie.
    if (items > end - at) endsEarly(`${items} items in ${end - at} bytes`);
    spend(items * valueCost + (keys === null ? arrayCost : mapCost));
    open.push({ left: items, keys });
  }
  /** The length of the string at `at` and of its head, or null where there is none. */
  function textHead(): [head: number, length: number] | null {
    need(1);
    const type = bytes[at]!;
    if (type >= 0xa0 && type <= 0xbf) return [1, type & 31];
    if (type === 0xd9) return [2, count(1)];
    if (type === 0xda) return [3, count(2)];
    return type === 0xdb ? [5, count(4)] : null;
  }
  function value(): void {
    const string = textHead();
    if (string !== null) {
      text(...string);
      return;
    }
    const type = bytes[at]!;
    if (type <= 0x7f || type >= 0xe0) skip(1);
    else if (type <= 0x8f) enter(1, (type & 15) * 2, new Set());
    else if (type <= 0x9f) enter(1, type & 15, null);
    else longer(type);
  }
  /** A value whose size does not stand in its first byte. */
  function longer(type: number): void {
    const fixed = fixedSizes.get(type);
    if (fixed !== undefined) {
      skip(fixed);
      return;
    }
    switch (type) {
      case 0xcf:
      case 0xd3: {
        need(9);
        const high = type === 0xcf ? view.getUint32(at + 1) : view.getInt32(at + 1);
        const most = 2 ** 21;
        const lowest = high === -most && view.getUint32(at + 5) === 0;
        if (high >= most || high < -most || lowest) fail('an integer beyond ±(2⁵³−1)');
        skip(9);
        break;
      }
      case 0xdc:
        enter(3, count(2), null);
        break;
      case 0xdd:
        enter(5, count(4), null);
        break;
      case 0xde:
        enter(3, count(2) * 2, new Set());
        break;
      case 0xdf:
        enter(5, count(4) * 2, new Set());
        break;
      default:
        fail(`type 0x${type.toString(16)}, which a header may not hold`);
    }
  }

  value();
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (top.left === 0) {
      open.pop();
      continue;
    }
    top.left--;
    if (top.keys !== null && top.left % 2 === 1) {
      const head = textHead() ?? fail('a key that is not a string');
      const key = text(...head);
      spend(keyCost);
      if (top.keys.has(key)) fail('a key appears twice');
      top.keys.add(key);
    } else {
      value();
    }
  }
  return at;
}

/** Bytes that decoding takes for each value, container and key: measured, the copies on the way included. */
const valueCost = 24;
const arrayCost = 170;
const mapCost = 600;
const keyCost = 150;

/** Bytes of nil, booleans, floats and integers up to 32 bits, type byte included. */
const fixedSizes: ReadonlyMap<number, number> = new Map([
  [0xc0, 1],
  [0xc2, 1],
  [0xc3, 1],
  [0xca, 5],
  [0xcb, 9],
  [0xcc, 2],
  [0xcd, 3],
  [0xce, 5],
  [0xd0, 2],
  [0xd1, 3],
  [0xd2, 5],
]);

interface Container {
  /** Items still to come; keys and values of a map count separately. */
  left: number;
  /** The keys met so far, in a map. */
  readonly keys: Set<string> | null;
}
