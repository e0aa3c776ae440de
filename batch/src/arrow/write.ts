import { createRequire } from 'node:module';
import type { Data, DataType } from 'apache-arrow';
import { NuthatchError } from 'nuthatch';
import type { Column } from '../batch.js';

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

function dataOf({ name, type, values, offset, stride }: Column, length: number): Data<DataType> {
  const cell = (row: number): unknown => values[offset + row * stride] ?? null;
  const { nullBitmap, nullCount } = gapsOf(length, cell);
  const gaps = { length, nullCount, nullBitmap };
  switch (type) {
    case 'number': {
      const data = new Float64Array(length);
      for (let row = 0; row < length; row++) data[row] = cell(row) as number;
      return makeData({ type: new Float64(), ...gaps, data });
    }
    case 'integer': {
      const data = new BigInt64Array(length);
      // The halves of integers as numbers: as many objects as rows would be garbage.
      const halves = new Int32Array(data.buffer);
      for (let row = 0; row < length; row++) {
        const value = cell(row);
        if (!Number.isSafeInteger(value ?? 0))
          data[row] = checkInteger(BigInt(value as bigint), name);
        else {
          halves[2 * row] = value as number;
          halves[2 * row + 1] = Math.floor((value as number) / 2 ** 32);
        }
      }
      return makeData({ type: new Int64(), ...gaps, data });
    }
    case 'date':
      return makeData({
        type: new TimestampMillisecond(),
        ...gaps,
        data: BigInt64Array.from({ length }, (_, row) =>
          BigInt((cell(row) as Date | null)?.getTime() ?? 0),
        ),
      });
    case 'boolean': {
      const bits = new Uint8Array(Math.ceil(length / 8));
      for (let row = 0; row < length; row++) bits[row >> 3]! |= Number(cell(row)) << (row & 7);
      return makeData({ type: new Bool(), ...gaps, data: bits });
    }
    case 'string':
    case 'mixed':
      return makeData({
        type: new Utf8(),
        ...gaps,
        ...textsOf(length, (row) => textOf(cell(row))),
      });
  }
}

/** One bit for each value that is there. */
function gapsOf(length: number, cell: (row: number) => unknown) {
  let nullCount = 0;
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  for (let row = 0; row < length; row++) {
    if (cell(row) === null) nullCount++;
    else nullBitmap[row >> 3]! |= 1 << (row & 7);
  }
  return { nullCount, nullBitmap };
}

function checkInteger(value: bigint, name: string): bigint {
  if (value === BigInt.asIntN(64, value)) return value;
  throw new NuthatchError(
    'unsupported',
    `column ${JSON.stringify(name)}`,
    `${value} is not an integer of 64 bits with a sign; write CSV or JSON`,
  );
}

function textsOf(length: number, text: (row: number) => string) {
  const valueOffsets = new Int32Array(length + 1);
  const parts = Array.from({ length }, (_, row) => {
    const part = text(row);
    valueOffsets[row + 1] = valueOffsets[row]! + Buffer.byteLength(part);
    return part;
  });
  return { valueOffsets, data: Buffer.from(parts.join('')) };
}

function textOf(cell: unknown): string {
  if (cell === null) return '';
  return typeof cell === 'string' ? cell : JSON.stringify(cell);
}
