import type { ColumnType } from '../batch.js';
import { integersOf } from '../integers.js';
import { textOf } from '../text.js';

/** Cells of a column, none of them missing, in Parquet's encoding PLAIN. */
export function plainValues(name: string, type: ColumnType, cells: readonly unknown[]): Uint8Array {
  switch (type) {
    case 'number': {
      const numbers = new Float64Array(cells.length);
      for (let i = 0; i < cells.length; i++) numbers[i] = Number(cells[i]);
      return new Uint8Array(numbers.buffer);
    }
    case 'integer':
    case 'date':
      return new Uint8Array(integersOf(name, cells).buffer);
    case 'boolean': {
      const bits = new Uint8Array(Math.ceil(cells.length / 8));
      for (let i = 0; i < cells.length; i++) bits[i >> 3]! |= Number(cells[i]) << (i & 7);
      return bits;
    }
    case 'string':
    case 'mixed':
      return plainTexts(cells.map(textOf));
  }
}

/** Each text behind its length. */
function plainTexts(texts: readonly string[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(
    texts.reduce((total, text) => total + 4 + Buffer.byteLength(text), 0),
  );
  let at = 0;
  for (const text of texts) {
    const size = bytes.write(text, at + 4);
    bytes.writeUInt32LE(size, at);
    at += 4 + size;
  }
  return bytes;
}
