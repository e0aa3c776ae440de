import { NuthatchError } from 'nuthatch';
import type { ByteSource, Held } from '../byte-reader.js';
import { FlatTable, readChecked } from './flatbuffer.js';

/** What is read at once may not be longer: batches of a few ten thousand rows are much shorter. */
const mostBytes = 2 ** 28;
const mostMetadata = 2 ** 24;
const magic = 'ARROW1';

/** What a message is, by its number. */
const kinds = { 1: 'schema', 2: 'dictionary', 3: 'batch' } as const;
export type MessageKind = (typeof kinds)[keyof typeof kinds];

/** What stands before the body of a message. */
export interface Head {
  readonly kind: MessageKind;
  /** Of the metadata. */
  readonly version: number;
  /** Where the body begins and ends. */
  readonly start: number;
  readonly end: number;
  /** The table that `kind` says. */
  readonly table: FlatTable;
}

/** A message of Arrow's streams. */
export interface ArrowMessage extends Head {
  readonly place: string;
  /** Its body, until the next message is asked for. */
  readonly body: Held;
}

/**
 * The messages of a stream, or of a file, which is a stream with a mark before and a footer behind, each as soon as it is there. Memory is taken for
 * bytes that are there, whatever a length says.
 *
 * @throws NuthatchError `truncated`, `malformed`, `limit-exceeded`, `unsupported`
 */
export async function* readMessages(source: ByteSource): AsyncGenerator<ArrowMessage> {
  const isFile = (await source.peek(6)).toString('latin1') === magic;
  if (isFile) await source.skip(8);
  for (let count = 0; ; count++) {
    const place = `message ${count}`;
    const prefix = await source.peek(8);
    // Streams may end without saying so.
    if (prefix.length === 0 && !isFile) break;
    const { start, length } = readPrefix(prefix, place);
    if (length === 0) {
      await source.skip(start);
      break;
    }
    const metadata = await source.peek(start + length);
    if (metadata.length < start + length) throw truncated(place);
    const head = readHead(metadata, place);
    if (!source.canSeek && head.end > mostBytes) throw tooLong(place, head.end);
    const body = await source.hold(head.start, head.end);
    if (body === null) throw truncated(place);
    yield { ...head, place, body };
    await source.skip(head.end);
  }
  if (isFile && !(await source.endsWith(magic)))
    throw new NuthatchError('truncated', 'footer', 'the file has no end');
}

/** The length of a message's metadata, and where that begins. */
function readPrefix(bytes: Buffer, place: string): { start: number; length: number } {
  if (bytes.length < 4) throw truncated(place);
  // Before Arrow 0.15 the length stood alone.
  const start = bytes.readInt32LE(0) === -1 ? 8 : 4;
  if (bytes.length < start) throw truncated(place);
  const length = bytes.readInt32LE(start - 4);
  if (length < 0) throw new NuthatchError('malformed', place, `its length is ${length}`);
  if (length > mostMetadata)
    throw new NuthatchError('limit-exceeded', place, `metadata of ${length} bytes`);
  return { start, length };
}

/** Reads what stands before the body of a message, of which at least that is there. */
export function readHead(bytes: Buffer, place: string): Head {
  const { start, length } = readPrefix(bytes, place);
  return readChecked(place, () => {
    const message = FlatTable.root(bytes.subarray(start, start + length));
    const body = message.long(3);
    if (body < 0) throw new NuthatchError('malformed', place, `the length of its body is ${body}`);
    const kind = kinds[message.byte(1) as keyof typeof kinds];
    const table = message.table(2);
    if (kind === undefined || table === null)
      throw new NuthatchError('unsupported', place, 'it is no schema, dictionary or batch');
    const version = message.short(0);
    return { kind, version, start: start + length, end: start + length + body, table };
  });
}

const tooLong = (place: string, length: number): NuthatchError =>
  new NuthatchError(
    'limit-exceeded',
    place,
    `a batch of ${length} bytes; write batches of fewer rows, such as 65536`,
  );

const truncated = (place: string): NuthatchError =>
  new NuthatchError('truncated', place, 'the input ends inside of it');
