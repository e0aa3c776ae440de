import type { Column } from '../src/batch.js';
import { formatFooter, magic } from '../src/parquet/group.js';
import { unpackPiece } from '../src/parquet/piece.js';
import { formatPages } from '../src/parquet/write.js';

/** Rows of columns as a file of one group, or none. */
export function formatParquet(columns: readonly Column[], rows: number): Uint8Array<ArrayBuffer> {
  const { schema, pages, columns: sizes } = unpackPiece(formatPages(columns, rows));
  let offset: number = magic.length;
  const placed = sizes.map((column) => {
    offset += column.size;
    return { ...column, offset: offset - column.size, dictionarySize: 0 };
  });
  const footer = formatFooter(schema, rows === 0 ? [] : [{ rows, columns: placed }]);
  return new Uint8Array(Buffer.concat([magic, ...pages, footer]));
}
