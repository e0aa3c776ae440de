import type { Message } from './protobuf.js';

export type Numbers = Float32Array | Float64Array | Int32Array;

/** All numbers of one field of a message, however they are written: counted before memory is taken. */
export function readFloats(message: Message, field: number, size: 4): Float32Array;
export function readFloats(message: Message, field: number, size: 8): Float64Array;
export function readFloats(message: Message, field: number, size: 4 | 8): Numbers {
  const count = countOf(message, field, size);
  message.source.spend(size * count);
  const values = size === 4 ? new Float32Array(count) : new Float64Array(count);
  let at = 0;
  message.rewind();
  while (message.next())
    if (message.number === field)
      message.eachFloat(size, (value) => {
        values[at++] = value;
      });
  return values;
}

export function readIntegers(message: Message, field: number): Int32Array | Float64Array {
  const count = countOf(message, field, 0);
  message.source.spend(4 * count);
  let values: Int32Array | Float64Array = new Int32Array(count);
  let at = 0;
  message.rewind();
  while (message.next())
    if (message.number === field)
      message.eachInteger((value) => {
        if (values instanceof Int32Array && value !== (value | 0)) {
          message.source.spend(8 * count);
          values = Float64Array.from(values);
        }
        values[at++] = value;
      });
  return values;
}

export function readStrings(message: Message, field: number, count: number): string[] {
  message.source.spend(16 * count);
  const values: string[] = [];
  let last: Uint8Array | null = null;
  message.rewind();
  while (message.next()) {
    if (message.number !== field) continue;
    // Modes of nodes are the same few names, millions of times.
    const bytes = message.bytes();
    const same = last?.length === bytes.length && last.every((byte, i) => byte === bytes[i]);
    values.push(same ? values[values.length - 1]! : message.text());
    last = bytes;
  }
  return values;
}

function countOf(message: Message, field: number, size: number): number {
  let count = 0;
  message.rewind();
  while (message.next()) if (message.number === field) count += message.count(size);
  return count;
}
