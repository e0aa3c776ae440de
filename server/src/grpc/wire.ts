import type { DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { HttpError } from '../http-error.js';

/** What a message may hold: of two bytes on the wire, objects are made that take hundreds. */
export interface MessageLimits {
  /** Messages within it, of inputs and parameters. */
  readonly messages: number;
  /** All fields and elements. */
  readonly values: number;
}

/**
 * Counts what a message would be decoded to, and decodes nothing.
 *
 * @throws HttpError 400 where it is no message; 413 where it holds too much
 */
export function checkMessage(schema: DescMessage, bytes: Uint8Array, limits: MessageLimits): void {
  const left = { ...limits };
  const reader = new BinaryReader(bytes);
  try {
    countFields(schema, reader, bytes, bytes.length, left);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw malformed();
  }
}

const malformed = () =>
  new HttpError(400, 'malformed', 'the message is not one of this method by its .proto file');

interface Left {
  messages: number;
  values: number;
}

/** Fields up to `end`; nested messages follow the schema, which does not recur, so the depth is bounded. */
function countFields(
  schema: DescMessage | null,
  reader: BinaryReader,
  bytes: Uint8Array,
  end: number,
  left: Left,
): void {
  while (reader.pos < end) {
    const [number, type] = reader.tag();
    take(left, 'values', 1);
    if (type !== WireType.LengthDelimited) {
      // Groups, which nest without bounds, are of a version of the language that the protocol does not use.
      if (type === WireType.StartGroup || type === WireType.EndGroup) throw malformed();
      reader.skip(type, number);
      continue;
    }
    const stop = reader.uint32() + reader.pos;
    if (stop > end) throw malformed();
    const field = schema?.fields.find((one) => one.number === number);
    if (field?.fieldKind === 'map' || field?.message !== undefined) {
      take(left, 'messages', 1);
      // An entry of a map has a key and a value, which holds nothing more here.
      const within = field.fieldKind === 'map' ? null : field.message!;
      countFields(within, reader, bytes, stop, left);
    } else if (field?.fieldKind === 'list' && field.listKind === 'scalar')
      take(left, 'values', countPacked(field.scalar, bytes.subarray(reader.pos, stop)));
    reader.pos = stop;
  }
  if (reader.pos !== end) throw malformed();
}

function take(left: Left, what: keyof Left, count: number): void {
  left[what] -= count;
  if (left[what] < 0)
    throw new HttpError(413, 'limit-exceeded', `the message holds too many ${what}`);
}

/** Elements of a list of numbers, one after another. */
function countPacked(type: ScalarType, bytes: Uint8Array): number {
  if (type === ScalarType.STRING || type === ScalarType.BYTES) return 0;
  if (type === ScalarType.DOUBLE) return bytes.length / 8;
  if (type === ScalarType.FLOAT) return bytes.length / 4;
  let count = 0;
  for (const byte of bytes) if (byte < 0x80) count++;
  return count;
}
