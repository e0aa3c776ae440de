import { NuthatchError } from 'nuthatch';
import type { SpareMemory } from './spare-memory.js';

/** A piece is so large, or has so many rows: large enough for whole blocks of a model, small enough to hold some of them. */
export const pieceBytes = 2 ** 22;
export const pieceRows = 2 ** 15;
/** Files are read by so many. */
export const chunkBytes = 2 ** 20;
/** A row may not be longer. */
const mostBytes = 2 ** 24;

/** Where the last whole row ends that fits a piece; 0 where there is none. `ended`: nothing comes after `bytes`. */
export type Cut = (bytes: Buffer, ended: boolean) => number;

/**
 * Cuts a stream of bytes into pieces of whole rows, each in memory of its own, to which one byte may be added. Where it cuts depends on the bytes alone,
 * whatever chunks they come in: a later run finds the same pieces. A chunk may be written over when the next is asked for.
 *
 * @throws NuthatchError `limit-exceeded`: a row without an end, with the byte where it begins
 */
export async function* cutPieces(
  chunks: AsyncIterable<Uint8Array>,
  cut: Cut,
  memory: SpareMemory,
  size = pieceBytes,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  let least = size;
  let held = memory.take(0);
  /** Where what waits lies there. */
  let [start, end] = [0, 0];
  let passed = 0;
  const hold = (bytes: Uint8Array): void => {
    if (end + bytes.length >= held.length) {
      const needed = end - start + bytes.length + 1;
      const larger = memory.take(Math.max(needed, Math.min(2 * needed, least + chunkBytes)));
      larger.set(held.subarray(start, end));
      memory.give(held.buffer);
      [held, start, end] = [larger, 0, end - start];
    }
    held.set(bytes, end);
    end += bytes.length;
  };
  /** A piece of the first so many bytes that wait. */
  const take = (ended: boolean): Buffer<ArrayBuffer> | null => {
    const bytes = held.subarray(start, Math.min(end, start + least));
    const length = cut(bytes, ended && start + bytes.length === end);
    if (length === 0) {
      if (bytes.length >= mostBytes)
        throw new NuthatchError(
          'limit-exceeded',
          `byte ${passed}`,
          `a row of more than ${mostBytes} bytes: perhaps a quote or a bracket without an end`,
        );
      least *= 2;
      return null;
    }
    least = size;
    passed += length;
    const piece = bytes.subarray(0, length);
    const rest = held.subarray(start + length, end);
    // The smaller part of them is copied.
    if (rest.length > length) {
      start += length;
      const copy = memory.take(length + 1);
      copy.set(piece);
      return copy.subarray(0, length);
    }
    held = memory.take(Math.max(rest.length, held.length));
    held.set(rest);
    [start, end] = [0, rest.length];
    return piece;
  };
  for await (const chunk of chunks) {
    hold(chunk);
    while (end - start >= least) {
      const piece = take(false);
      if (piece !== null) yield piece;
    }
  }
  while (end > start) {
    const all = end - start <= least;
    const piece = take(true);
    if (piece !== null) yield piece;
    else if (all) break;
  }
}

/** With the line break that a last line may lack. */
export function endLine(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  if (bytes[bytes.length - 1] === 10) return bytes;
  const longer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length + 1);
  longer[bytes.length] = 10;
  return longer;
}
