import { type FileHandle, open } from 'node:fs/promises';
import { type Model, NuthatchError } from 'nuthatch';
import { arrowPieces } from './arrow/pieces.js';
import { ByteReader, FileReader } from './byte-reader.js';
import { type Kept, planCsv } from './csv/plan.js';
import { cutRecords, endOfRecord, splitRecord } from './csv/records.js';
import { stateOf } from './file.js';
import { guessFormat, type InputFormat, readName } from './formats.js';
import { failure, openSource, type Source } from './inputs.js';
import type { Piece } from './job.js';
import { beginArray, findElements, notJson } from './json/elements.js';
import { planJson } from './json/plan.js';
import { parquetPieces } from './parquet/pieces.js';
import { type Cut, chunkBytes, cutPieces, endLine, pieceRows } from './pieces.js';
import type { SpareMemory } from './spare-memory.js';

/** What is read, and how. */
export interface Reading {
  readonly model: Model;
  readonly format: InputFormat | null;
  readonly kept: Kept;
  /** Whether the output has types: cells of features that are numbers become numbers. */
  readonly typed: boolean;
  seen(bytes: number): void;
  /** Where pieces may be. */
  readonly memory: SpareMemory;
  /** Ends the reading. */
  readonly stop: AbortSignal;
}

/** A piece of a file, and what stands before its rows. */
export interface Found extends Piece {
  /** The number of the file. */
  readonly source: number;
  /** Lines before the first piece's rows: a header. */
  readonly skipped: number;
}

/** Cuts files into pieces, one file after the other, from one of them on. */
export async function* readSources(
  sources: readonly Source[],
  from: number,
  reading: Reading,
): AsyncGenerator<Found> {
  for (let source = from; source < sources.length; source++)
    for await (const piece of readSource(sources[source]!, reading)) yield { ...piece, source };
}

/** Cuts a file into pieces. */
async function* readSource(source: Source, reading: Reading): AsyncGenerator<Unsourced> {
  const { path, size } = source;
  const name = path === '-' ? null : readName(path);
  const known = reading.format ?? name?.format ?? null;
  if (known === 'parquet') {
    yield* parquetPieces(source, reading);
    return;
  }
  if (known !== null && size !== null && name?.compression === null) {
    yield* readFile(path, size, known, reading);
    return;
  }
  const all = withoutMark(openSource(source, reading.seen, reading.stop));
  const { format, chunks } = known ? { format: known, chunks: all } : await guess(all);
  if (isArrow(format)) yield* arrowPieces(new ByteReader(chunks), reading, path);
  else if (format === 'parquet') {
    await all.return(undefined);
    yield* parquetPieces(source, reading);
  } else yield* cutters[format](chunks, reading);
}

/** A file is read where it stands: one of Arrow may be one large batch. */
async function* readFile(
  path: string,
  size: number,
  format: Exclude<InputFormat, 'parquet'>,
  reading: Reading,
): AsyncGenerator<Unsourced> {
  const file = await open(path).catch((error) => {
    throw failure(path, error);
  });
  try {
    if (isArrow(format))
      yield* arrowPieces(
        new FileReader(file, stateOf(path, await file.stat()), reading.seen),
        reading,
        path,
      );
    else yield* cutters[format](withoutMark(readChunks(file, size, reading.seen)), reading);
  } catch (error) {
    throw error instanceof NuthatchError ? error : failure(path, error as NodeJS.ErrnoException);
  } finally {
    await file.close();
  }
}

/** The bytes of a file in two buffers: while one is used, the other is filled. */
async function* readChunks(
  file: FileHandle,
  size: number,
  seen: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const length = Math.min(chunkBytes, size + 1);
  const buffers = [new Uint8Array(length), new Uint8Array(length)] as const;
  let reading = file.read(buffers[0]);
  for (let turn = 1; ; turn++) {
    const { bytesRead, buffer } = await reading;
    if (bytesRead === 0) return;
    seen(bytesRead);
    reading = file.read(buffers[turn % 2]!);
    // Nobody may wait for it any longer.
    reading.catch(() => undefined);
    yield buffer.subarray(0, bytesRead);
  }
}

type Unsourced = Omit<Found, 'source'>;
type Cutter = (chunks: AsyncIterable<Uint8Array>, reading: Reading) => AsyncGenerator<Unsourced>;

const csvPieces: Cutter = async function* (chunks, { model, kept, typed, memory }) {
  const cut: Cut = (bytes, ended) => {
    const end = cutRecords(bytes, pieceRows);
    return end === 0 && ended ? bytes.length : end;
  };
  let plan: Piece['plan'] | null = null;
  for await (const piece of cutPieces(chunks, cut, memory)) {
    let bytes = endLine(piece);
    let skipped = 0;
    if (plan === null) {
      let start = 0;
      while (bytes[start] === 10 || (bytes[start] === 13 && bytes[start + 1] === 10)) {
        start += bytes[start] === 10 ? 1 : 2;
        skipped++;
      }
      if (start === bytes.length) continue;
      const end = endOfRecord(bytes, start);
      const first =
        end === -1 ? null : splitRecord(bytes.toString('utf8', start, end).replace(/\r?\n$/, ''));
      if (first === null)
        throw new NuthatchError(
          'malformed',
          `line ${skipped + 1}`,
          'a quote without an end, or text after a closing quote',
        );
      const planned = planCsv(first, model, kept, typed);
      plan = planned.plan;
      const from = planned.hasHeader ? end : start;
      if (planned.hasHeader) skipped += count(bytes, start, end);
      bytes = bytes.subarray(from);
    }
    yield { plan, bytes, skipped };
  }
};

function count(bytes: Buffer, start: number, end: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(10, start); at !== -1 && at < end; at = bytes.indexOf(10, at + 1))
    lines++;
  return lines;
}

const linePieces: Cutter = async function* (chunks, { model, kept, memory }) {
  const plan = planJson('ndjson', model, kept);
  const cut: Cut = (bytes, ended) => {
    let at = 0;
    for (let lines = 0; lines < pieceRows; lines++) {
      const end = bytes.indexOf(10, at);
      if (end === -1) return ended ? bytes.length : at;
      at = end + 1;
    }
    return at;
  };
  for await (const piece of cutPieces(chunks, cut, memory))
    yield { plan, bytes: endLine(piece), skipped: 0 };
};

/** A part of an array: its bracket, elements, those that its other bracket ends, or what is behind. */
type Part = 'head' | 'elements' | 'last' | 'tail';

const arrayPieces: Cutter = async function* (chunks, { model, kept, memory }) {
  const plan = planJson('json', model, kept);
  let part = 'head' as Part;
  let next = 'head' as Part;
  const cut: Cut = (bytes, ended) => {
    part = next;
    if (part === 'head') {
      const begun = beginArray(bytes);
      if (begun === 0 && ended) throw notJson('the array has no end');
      if (begun > 0) next = 'elements';
      return begun;
    }
    if (part === 'tail') {
      if (/\S/.test(bytes.toString('latin1'))) throw notJson('text after the array');
      return bytes.length;
    }
    const { ends, close } = findElements(bytes, pieceRows);
    if (close !== -1) {
      part = 'last';
      next = 'tail';
      return close + 1;
    }
    if (ends.length === 0 && ended) throw notJson('the array has no end');
    return ends.at(-1) ?? 0;
  };
  let any = false;
  for await (const piece of cutPieces(chunks, cut, memory)) {
    if (part === 'head' || part === 'tail') continue;
    // Its bracket is no part of the last element.
    const bytes = part === 'last' ? piece.subarray(0, piece.length - 1) : piece;
    const end = bytes.toString('latin1', Math.max(0, bytes.length - 1024)).trimEnd();
    if (part === 'last' && (end.endsWith(',') || (end === '' && any)))
      throw notJson('a comma before the end of the array');
    any = true;
    if (end !== '') yield { plan, bytes, skipped: 0 };
  }
  if (next !== 'tail') throw notJson('the array has no end');
};

const isArrow = (format: InputFormat): format is 'arrow' | 'arrow-stream' =>
  format === 'arrow' || format === 'arrow-stream';

const cutters = { csv: csvPieces, ndjson: linePieces, json: arrayPieces };

/** The format of what begins so, and all of it. */
async function guess(
  chunks: AsyncGenerator<Uint8Array>,
): Promise<{ format: InputFormat; chunks: AsyncIterable<Uint8Array> }> {
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < 4096) {
    const { value, done } = await chunks.next();
    if (done) break;
    first.push(value);
    length += value.length;
  }
  async function* rest() {
    yield* first;
    yield* chunks;
  }
  return { format: guessFormat(Buffer.concat(first)), chunks: rest() };
}

/** Without the mark that some programs begin a text with. */
async function* withoutMark(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let start: Buffer | null = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (start === null) yield chunk;
    else {
      start = Buffer.concat([start, chunk]);
      if (start.length < 3) continue;
      yield start.indexOf('\ufeff') === 0 ? start.subarray(3) : start;
      start = null;
    }
  }
  if (start !== null && start.length > 0) yield start;
}
