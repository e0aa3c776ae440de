import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parquetMetadata } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';
import { afterAll, describe, expect, test } from 'vitest';
import { closeFile, openFile } from '../src/file.js';
import { readDeltas } from '../src/parquet/delta.js';
import { readFooter } from '../src/parquet/footer.js';
import { readPageHeader } from '../src/parquet/pages.js';
import { unpackSnappy } from '../src/parquet/snappy.js';
import { readNumbers, yes } from '../src/parquet/thrift.js';

/** What a damaged file would get past, were one check missing. */

describe('headers of pages', () => {
  test('numbers of structs stand in places of their own, and what has none is passed over', () => {
    // 5 in field 1; in 5 a struct of 7 in field 1 and a deeper struct; true in 7; in 20 and 21 an integer and false, in 36 a struct, in 2 a text.
    const inner = [0x4c, 0x15, 14, 0x4c, 0x15, 6, 0, 0];
    const header = [0x15, 10, ...inner, 0x21, 0xd5, 1, 18, 0x0c, 72, 0x15, 2, 0, 0x08, 4, 1, 65, 0];
    const bytes = Buffer.from(header);
    const out = new Float64Array(256).fill(Number.NaN);
    const cursor = { bytes, offset: 0 };
    readNumbers(cursor, out);
    expect(cursor.offset).toBe(bytes.length);
    const found = [...out.entries()].filter(([, number]) => !Number.isNaN(number));
    expect(found).toEqual([
      [1, 5],
      [7, yes],
      [81, 7],
    ]);
  });

  test.each([
    ['has', [0x15, 0, 0x15, 0], null],
    ['lacks', [], /levels/],
    ['has truth values for', [0x11, 0x11], /levels/],
  ])('one of the second version that %s the bytes of levels', (_, levels, error) => {
    const part = [0x15, 2, 0x35, 0, ...levels, 0];
    const bytes = Buffer.from([0x15, 6, 0x15, 20, 0x15, 20, 0x5c, ...part, 0]);
    const read = () => readPageHeader({ bytes, offset: 0 });
    if (error) expect(read).toThrow(error);
    else
      expect(read()).toMatchObject({
        type: 3,
        plainSize: 10,
        size: 10,
        values: 1,
        compressed: true,
      });
  });
});

describe('Snappy', () => {
  test('gives back what was compressed', () => {
    for (const length of [0, 1, 31, 32, 33, 5000]) {
      const plain = Uint8Array.from({ length }, (_, i) => (i * i) % 7);
      expect(unpackSnappy(Uint8Array.from(snappyCompress(plain)), new Uint8Array(length))).toEqual(
        plain,
      );
    }
  });

  // Of a length of 8, then a literal of four bytes, then what is wrong.
  const literal = [8, 3 << 2, 1, 2, 3, 4];
  test.each([
    ['a copy from before the start', [...literal, (3 << 2) | 2, 5, 0]],
    ['a copy from where it stands', [...literal, (3 << 2) | 2, 0, 0]],
    ['a copy beyond the end', [...literal, (4 << 2) | 2, 4, 0]],
    ['a literal beyond the end', [...literal, 4 << 2, 1, 2, 3, 4, 5]],
    ['a literal that is cut', [...literal, 3 << 2, 1, 2]],
    ['fewer bytes than it says', literal],
    ['another length', [9, ...literal.slice(1), (3 << 2) | 2, 4, 0]],
    ['a length without an end', [255, 255, 255, 255, 255, 255]],
  ])('refuses %s', (_, bytes) => {
    expect(() => unpackSnappy(Uint8Array.from(bytes), new Uint8Array(8))).toThrow(RangeError);
  });

  test('takes the same, well formed', () => {
    const bytes = Uint8Array.from([...literal, (3 << 2) | 2, 4, 0]);
    expect([...unpackSnappy(bytes, new Uint8Array(8))]).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
  });
});

describe('the footer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nuthatch-parquet-bounds-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const url = new URL('../../fixtures/parquet/arrow-small-page1.parquet', import.meta.url);
  const whole = readFileSync(fileURLToPath(url));

  /** Rows of the groups of a file. */
  function readGroups(bytes: Uint8Array): number {
    const path = join(folder, 'one.parquet');
    writeFileSync(path, bytes);
    const file = openFile(path);
    try {
      return [...readFooter(file).groups([0])].reduce((sum, { rows }) => sum + rows, 0);
    } finally {
      closeFile(file);
    }
  }

  const metadata = parquetMetadata(Uint8Array.from(whole).buffer, { geoparquet: false });
  function withRows(rows: bigint): Buffer {
    const end = whole.length - 8 - whole.readUInt32LE(whole.length - 8);
    const writer = new ByteWriter();
    writeMetadata(writer, { ...metadata, num_rows: rows });
    return Buffer.concat([whole.subarray(0, end), writer.getBytes(), Buffer.from('PAR1')]);
  }

  test('says as many rows as its groups', () => {
    const rows = metadata.num_rows;
    expect(readGroups(withRows(rows))).toBe(Number(rows));
    for (const other of [rows + 1n, rows - 1n])
      expect(() => readGroups(withRows(other))).toThrow(
        `${other} rows, but its groups have ${rows}`,
      );
  });

  test('stands before the mark', () => {
    for (const mark of ['PAR2', 'PARE', '\0\0\0\0']) {
      const bytes = Buffer.concat([whole.subarray(0, -4), Buffer.from(mark)]);
      expect(() => readGroups(bytes)).toThrow(mark === 'PARE' ? /encrypted/ : /ends with PAR1/);
    }
  });
});

test('differences are as many as the page has values', () => {
  // Blocks of 128 in 4 parts, 3 integers: 5, and twice 1 more.
  const bytes = Buffer.from([128, 1, 4, 3, 10, 2, 0, 0, 0, 0]);
  const read = (total: number) => {
    const out = new Int32Array(total);
    readDeltas({ bytes, offset: 0 }, total, 0, out);
    return [...out];
  };
  expect(read(3)).toEqual([5, 6, 7]);
  for (const total of [2, 4]) expect(() => read(total)).toThrow(`3 integers, expected ${total}`);
});
