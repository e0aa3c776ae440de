import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { numberEnd, readNumber } from '../src/csv/number.js';
import type { CsvPlan } from '../src/csv/plan.js';
import { readCsv } from '../src/csv/read.js';
import { cutRecords, splitRecord } from '../src/csv/records.js';
import { cutPieces, endLine } from '../src/pieces.js';
import { SpareMemory } from '../src/spare-memory.js';
import { createRandom } from './random.js';

const { integer, pick, random } = createRandom(11);

test('numbers are those of the engine, which are those of Python, to the bit', () => {
  const view = new DataView(new ArrayBuffer(8));
  const ofBits = (): number => {
    view.setUint32(0, integer(2 ** 32));
    view.setUint32(4, integer(2 ** 32));
    return view.getFloat64(0);
  };
  const digits = (count: number) => Array.from({ length: count }, () => integer(10)).join('');
  const forms = [
    () => String(random() * 4 - 2),
    () => String(random() * 10 ** (integer(20) - 10)),
    () => (random() * 1e6).toFixed(integer(8)),
    () => String(ofBits()),
    () => String(Math.fround(random())),
    () => `${pick(['', '-', '+'])}${digits(integer(22))}.${digits(integer(25))}`,
    () => `${digits(1 + integer(20))}e${pick(['', '-', '+'])}${integer(30)}`,
    // In the middle of two numbers, and beside it.
    () => String(BigInt(2 ** 53) * 2n + BigInt(integer(64))),
    () => `${9007199254740993n + BigInt(integer(1000)) * 2n}${pick(['', '.0', '.5', '.00000001'])}`,
    () => `0.${5000000000000000n + BigInt(integer(1e6))}${digits(2)}`,
  ];
  let read = 0;
  for (let i = 0; i < 60_000; i++) {
    const text = forms[i % forms.length]!();
    const value = readNumber(Buffer.from(`${text},`), 0);
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(text)) continue;
    read++;
    if (numberEnd !== text.length || !Object.is(value, Number(text)))
      expect(`${text}: ${value}`).toBe(`${text}: ${Number(text)}`);
  }
  expect(read).toBeGreaterThan(50_000);
});

test('what is no plain number is left to others', () => {
  const ends = [
    '',
    'x',
    '-',
    '.',
    '1e',
    '1e+',
    '1.2.3',
    '1_0',
    '0x1',
    ' 1',
    '1 ',
    '"1"',
    'inf',
  ].map((text) => {
    readNumber(Buffer.from(`${text}\n`), 0);
    return numberEnd;
  });
  expect(ends).toEqual([0, ...new Array(12).fill(-1)]);
});

/** Keeps all cells as text. */
const planOf = (width: number): CsvPlan => ({
  format: 'csv',
  width,
  header: null,
  targets: new Array(width).fill(-1),
  features: [],
  names: null,
  kept: Array.from({ length: width }, (_, cell) => ({
    name: String(cell),
    cell,
    type: 'string' as const,
  })),
});

test('cells are those that csv-parse reads, wherever a file is cut', async () => {
  const texts = ['', 'a', '1.5', 'é', '日本', '𝄞', 'a"b', 'two words', 'x\ry'];
  const inQuotes = ['', ',', '\n', '\r\n', '""', 'a""b', '日\n本', ',,', '"",""'];
  for (let round = 0; round < 150; round++) {
    const width = 1 + integer(4);
    const lineBreak = pick(['\n', '\r\n']);
    const lines = Array.from({ length: 1 + integer(30) }, () =>
      Array.from({ length: width }, () =>
        integer(3) === 0 ? `"${pick(inQuotes)}"` : pick(texts),
      ).join(','),
    );
    const text = lines.join(lineBreak) + pick(['', lineBreak]);
    const bytes = Buffer.from(text);
    const chunks = async function* () {
      for (let at = 0; at < bytes.length; ) {
        const end = at + 1 + integer(12);
        yield bytes.subarray(at, end);
        at = end;
      }
    };
    const found: unknown[][] = [];
    const cut = (piece: Buffer, ended: boolean) =>
      cutRecords(piece, 1 + integer(3)) || (ended ? piece.length : 0);
    for await (const piece of cutPieces(chunks(), cut, new SpareMemory(), 1 + integer(40))) {
      const batch = readCsv(endLine(piece), planOf(width));
      expect(batch.bad).toEqual([]);
      for (let row = 0; row < batch.total; row++)
        found.push(batch.kept.map(({ values }) => values[row] ?? ''));
    }
    const options = { record_delimiter: ['\r\n', '\n'], skip_empty_lines: true, bom: true };
    expect(found).toEqual(parse(text, { ...options, relax_quotes: true }));
  }
});

test('bad rows are told with their line and text, and lose no other', () => {
  const text = '1,2\n3\n\n"a""b",x\n"a"b,4\n5,6,7\n"two\nlines",8\n9,"\n';
  const batch = readCsv(Buffer.from(text), planOf(2));
  const { total, rows, bad, places, kept } = batch;
  expect({ total, rows, places }).toEqual({ total: 7, rows: 3, places: Uint32Array.of(0, 2, 5) });
  expect(kept[0]!.values).toEqual(['1', '3', 'a"b', null, '5', 'two\nlines', null]);
  expect(bad.map(({ row, line, code, text }) => [row, line, code, text])).toEqual([
    [1, 1, 'input-shape', '3'],
    [3, 4, 'malformed', '"a"b,4'],
    [4, 5, 'input-shape', '5,6,7'],
    [6, 8, 'malformed', '9,"'],
  ]);
  expect([0, 2, 5].map((row) => batch.locate(row))).toEqual([
    { line: 0, text: '1,2' },
    { line: 3, text: '"a""b",x' },
    { line: 6, text: '"two\nlines",8' },
  ]);
});

test('text that is not UTF-8 is a bad row', () => {
  const bytes = Buffer.concat([
    Buffer.from('a,b\n'),
    Buffer.from([0xc3, 44, 98, 10]),
    Buffer.from('c,d\n'),
  ]);
  const { bad, kept } = readCsv(bytes, planOf(2));
  expect(bad).toMatchObject([{ row: 1, line: 1, code: 'malformed' }]);
  expect(kept[1]!.values[2]).toBe('d');
});

test('a record is split as a file is', () => {
  expect(splitRecord('a,"b,""c""",')).toEqual(['a', 'b,"c"', '']);
  expect(splitRecord('"a"b')).toBeNull();
  expect(splitRecord('"a')).toBeNull();
});
