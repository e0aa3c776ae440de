import type { SchemaElement } from 'hyparquet';

/** What is said of a piece of rows before its pages, which stand column after column. */
interface PieceHead {
  readonly rows: number;
  readonly schema: readonly SchemaElement[];
  /** Bytes of a column's pages, and of these before compression. */
  readonly columns: readonly { readonly size: number; readonly plainSize: number }[];
}

/** Rows of columns on the way from the thread that answers them to the output; `pages` has those of each column. */
export interface WrittenPiece extends PieceHead {
  readonly pages: readonly Uint8Array[];
}

/** The length of the head as uint32, the head as JSON, and the pages. */
export function packPiece(head: PieceHead, pages: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = JSON.stringify(head);
  const length = Buffer.byteLength(text);
  const piece = Buffer.from(new ArrayBuffer(4 + length + pages.length));
  piece.writeUInt32LE(length);
  piece.write(text, 4);
  piece.set(pages, 4 + length);
  return piece;
}

/** What `packPiece` packed: pages are views into it. */
export function unpackPiece(bytes: Uint8Array): WrittenPiece {
  const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 4 + piece.readUInt32LE();
  const head: PieceHead = JSON.parse(piece.toString('utf8', 4, at));
  const pages = head.columns.map(({ size }) => {
    at += size;
    return piece.subarray(at - size, at);
  });
  return { ...head, pages };
}
