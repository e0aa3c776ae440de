import { NuthatchError } from 'nuthatch';

/** A piece is so large, or has so many rows: large enough for whole blocks of a model, small enough to hold some of them. */
export const pieceBytes = 2 ** 22;
export const pieceRows = 2 ** 15;
/** A row may not be longer. */
const mostBytes = 2 ** 24;

/** Where the last whole row ends that fits a piece; 0 where there is none. `ended`: nothing comes after `bytes`. */
export type Cut = (bytes: Buffer, ended: boolean) => number;

/** Cuts a stream of bytes into pieces of whole rows, each in memory of its own. */
export async function* cutPieces(
  chunks: AsyncIterable<Uint8Array>,
  cut: Cut,
  size = pieceBytes,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  let least = size;
  const take = (ended: boolean): Buffer<ArrayBuffer> | null => {
    const bytes = join(waiting, length);
    const end = cut(bytes, ended);
    waiting = [];
    if (end === 0) {
      waiting.push(bytes);
      if (length > mostBytes)
        throw new NuthatchError(
          'limit-exceeded',
          '',
          `a row of more than ${mostBytes} bytes: perhaps a quote or a bracket without an end`,
        );
      least = length * 2;
      return null;
    }
    if (end < length) waiting.push(Uint8Array.from(bytes.subarray(end)));
    length -= end;
    least = size;
    return bytes.subarray(0, end);
  };
  for await (const chunk of chunks) {
    waiting.push(chunk);
    length += chunk.length;
    while (length >= least) {
      const piece = take(false);
      if (piece === null) break;
      yield piece;
    }
  }
  while (length > 0) {
    const piece = take(true);
    if (piece === null) break;
    yield piece;
  }
}

function join(parts: readonly Uint8Array[], length: number): Buffer<ArrayBuffer> {
  // One byte more: for the line break that the last line may lack.
  const bytes = Buffer.from(new ArrayBuffer(length + 1), 0, length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
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
