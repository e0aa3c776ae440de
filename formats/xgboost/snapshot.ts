import { NuthatchError } from '../../src/errors.js';
import type { Limits } from '../../src/ir/index.js';
import { parseDocument } from '../json/parse.js';
import { readBinary } from './binary.js';
import { mapOf, type ValueMap } from './document.js';
import { readDocument } from './learner.js';
import type { XgboostModel } from './model.js';
import { readUbjson } from './ubjson.js';

/** What precedes the binary format from 1.0 to 1.2: this, and its length. The configuration follows it. */
const header = 'CONFIG-offset:';

/** Whether the bytes begin with this text. */
const startsWith = (bytes: Uint8Array, text: string): boolean =>
  [...text].every((letter, i) => bytes[i] === letter.charCodeAt(0));

/**
 * Reads what a pickled `Booster` holds: the model beside its configuration, in UBJSON since 1.6, in JSON since 1.3, and in the binary
 * format before.
 *
 * @throws NuthatchError `malformed`, `truncated`, `limit-exceeded`, `unsupported`
 */
export function readSnapshot(bytes: Uint8Array, limits: Limits): XgboostModel {
  if (startsWith(bytes, '{"')) return modelIn(parseDocument(bytes, 'python'), limits);
  if (startsWith(bytes, '{')) return modelIn(readUbjson(bytes, limits), limits);
  if (!startsWith(bytes, header)) return readBinary(bytes, limits);
  const start = header.length + 8;
  if (bytes.length < start) throw truncated(bytes.length);
  const { buffer, byteOffset } = bytes;
  const length = Number(new DataView(buffer, byteOffset).getBigInt64(header.length, true));
  if (!(length >= 0 && length <= bytes.length - start)) throw truncated(start);
  return readBinary(bytes.subarray(start, start + length), limits);
}

const modelIn = (map: ValueMap, limits: Limits): XgboostModel =>
  readDocument(mapOf(map, 'Model', ''), limits);

const truncated = (at: number): NuthatchError =>
  new NuthatchError('truncated', `byte ${at}`, 'more bytes are announced than there are');
