import { createRequire } from 'node:module';
import type { Data, DataType } from 'apache-arrow';
import { type Column, cellsOf } from '../batch.js';
import { integersOf } from '../integers.js';
import { textOf } from '../text.js';

/** The library as one file: its many take each thread 80 ms to load, this one 15. */
const library = createRequire(import.meta.url)('apache-arrow/Arrow.es2015.min');
const {
  Bool,
  Field,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampMillisecond,
  tableToIPC,
  Utf8,
} = library as typeof import('apache-arrow');

/** Rows of columns as a stream of Arrow: a schema, one batch, an end. */
export function formatArrow(columns: readonly Column[], rows: number): Uint8Array<ArrayBuffer> {
  const children = columns.map((column) => dataOf(column, rows));
  const fields = columns.map(({ name }, i) => new Field(name, children[i]!.type, true));
  const type = new Struct(fields);
  const data = makeData({ type, length: rows, nullCount: 0, children });
  const bytes = tableToIPC(new Table(new RecordBatch(new Schema(fields), data)), 'stream');
  return Uint8Array.from(bytes);
}

function dataOf(column: Column, length: number): Data<DataType> {
  const { name, type } = column;
  const cells = cellsOf(column, length);
  const gaps = { length, ...gapsOf(cells) };
  switch (type) {
    case 'number': {
      const data = new Float64Array(length);
      for (let row = 0; row < length; row++) data[row] = cells[row] as number;
      return makeData({ type: new Float64(), ...gaps, data });
    }
    case 'integer':
      return makeData({ type: new Int64(), ...gaps, data: integersOf(name, cells) });
    case 'date':
      return makeData({ type: new TimestampMillisecond(), ...gaps, data: integersOf(name, cells) });
    case 'boolean': {
      const bits = new Uint8Array(Math.ceil(length / 8));
      for (let row = 0; row < length; row++) bits[row >> 3]! |= Number(cells[row]) << (row & 7);
      return makeData({ type: new Bool(), ...gaps, data: bits });
    }
    case 'string':
    case 'mixed':
      return makeData({ type: new Utf8(), ...gaps, ...textsOf(cells) });
  }
}

/** One bit for each value that is there. */
function gapsOf(cells: readonly unknown[]) {
  let nullCount = 0;
  const nullBitmap = new Uint8Array(Math.ceil(cells.length / 8));
  for (let row = 0; row < cells.length; row++) {
    if (cells[row] === null) nullCount++;
    else nullBitmap[row >> 3]! |= 1 << (row & 7);
  }
  return { nullCount, nullBitmap };
}

function textsOf(cells: readonly unknown[]) {
  const valueOffsets = new Int32Array(cells.length + 1);
  const parts = cells.map((cell, row) => {
    const part = textOf(cell);
    valueOffsets[row + 1] = valueOffsets[row]! + Buffer.byteLength(part);
    return part;
  });
  return { valueOffsets, data: Buffer.from(parts.join('')) };
}
