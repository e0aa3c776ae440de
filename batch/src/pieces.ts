import { NuthatchError } from 'nuthatch';

/** A piece is so large, or has so many rows: large enough for whole blocks of a model, small enough to hold some of them. */
export const pieceBytes = 2 ** 22;
export const pieceRows = 2 ** 15;
/** A row may not be longer. */
const mostBytes = 2 ** 24;

/** Where the last whole row ends that fits a piece; 0 where there is none. `ended`: nothing comes after `bytes`. */
export type Cut = (bytes: Buffer, ended: boolean) => number;

/**
 * Cuts a stream of bytes into pieces of whole rows, each in memory of its own. Where it cuts depends on the bytes alone, whatever chunks they come in:
 * a later run finds the same pieces.
 */
export async function* cutPieces(
  chunks: AsyncIterable<Uint8Array>,
  cut: Cut,
  size = pieceBytes,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  let least = size;
  /** A piece of the first so many bytes that wait. */
  const take = (ended: boolean): Buffer<ArrayBuffer> | null => {
    const bytes = join(waiting, Math.min(length, least));
    const end = cut(bytes, ended && bytes.length === length);
    if (end === 0) {
      if (bytes.length >= mostBytes)
        throw new NuthatchError(
          'limit-exceeded',
          '',
          `a row of more than ${mostBytes} bytes: perhaps a quote or a bracket without an end`,
        );
      least *= 2;
      return null;
    }
    waiting = dropFirst(waiting, end);
    length -= end;
    least = size;
    return bytes.subarray(0, end);
  };
  for await (const chunk of chunks) {
    waiting.push(chunk);
    length += chunk.length;
    while (length >= least) {
      const piece = take(false);
      if (piece !== null) yield piece;
    }
  }
  while (length > 0) {
    const all = length <= least;
    const piece = take(true);
    if (piece !== null) yield piece;
    else if (all) break;
  }
}

/** What is left of parts without their first bytes. */
function dropFirst(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  return parts.flatMap((part) => {
    const dropped = Math.min(left, part.length);
    left -= dropped;
    return dropped === part.length ? [] : [part.subarray(dropped)];
  });
}

/** The first bytes of parts. */
function join(parts: readonly Uint8Array[], length: number): Buffer<ArrayBuffer> {
  // One byte more: for the line break that the last line may lack.
  const bytes = Buffer.from(new ArrayBuffer(length + 1), 0, length);
  let at = 0;
  for (const part of parts) {
    if (at === length) break;
    bytes.set(part.subarray(0, length - at), at);
    at += Math.min(part.length, length - at);
  }
  return bytes;
}

/** With the line break that a last line may lack. */
export function endLine(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  if (bytes[bytes.length - 1] === 10) return bytes;
  const longer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length + 1);
  longer[bytes.length] = 10;
  return longer;
}
