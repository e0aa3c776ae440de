import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parquetMetadata } from 'hyparquet';
import { asClassifier, type Model, NuthatchError } from 'nuthatch';
import { loadFile } from 'nuthatch/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { columnsOfAnswer } from '../src/answers.js';
import { type Column, type ColumnType, valuesOf } from '../src/batch.js';
import { closeFile, openFile } from '../src/file.js';
import { type PredictOptions, predictFiles } from '../src/index.js';
import type { Output } from '../src/output.js';
import { columnTypeOf } from '../src/parquet/field.js';
import { readFooter } from '../src/parquet/footer.js';
import type { WrittenGroup } from '../src/parquet/group.js';
import { ParquetJoiner } from '../src/parquet/join.js';
import { readParquet } from '../src/parquet/read.js';
import { Runs } from '../src/parquet/runs.js';
import { cutWindows } from '../src/parquet/windows.js';
import { formatPages } from '../src/parquet/write.js';
import { SpareMemory } from '../src/spare-memory.js';
import { formatParquet } from './parquet-file.js';
import { createRandom } from './random.js';

const fixture = (path: string) => fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nuthatch-parquet-'));
afterAll(() => rmSync(folder, { recursive: true }));

const files = readdirSync(fixture('parquet')).filter((name) => name.endsWith('.parquet'));
const readCells = (name: string): Record<string, (string | null)[]> =>
  JSON.parse(readFileSync(fixture(`parquet/${name}.json`), 'utf8'));
const someMissing = readCells('some-missing');
const noneMissing = readCells('none-missing');

/** All columns of a file, without a model. */
function readAll(path: string, mostRows?: number): Record<string, unknown[]> {
  const file = openFile(path);
  try {
    const { fields, ...footer } = readFooter(file);
    const columns: Record<string, unknown[]> = Object.fromEntries(
      fields.map(({ name }) => [name, []]),
    );
    for (const window of cutWindows(file, { fields, ...footer }, fields, mostRows)) {
      const kept = fields.map((field, column) => ({
        name: field.name,
        column,
        type: columnTypeOf(field),
      }));
      const plan = {
        format: 'parquet',
        features: [],
        names: null,
        sources: [],
        file,
        fields,
      } as const;
      const batch = readParquet(
        Buffer.from(JSON.stringify(window)),
        { ...plan, kept },
        new SpareMemory(),
      );
      for (const { name, values } of batch.kept) columns[name]!.push(...Array.from(values));
    }
    return columns;
  } finally {
    closeFile(file);
  }
}

/** A cell as Python writes it. */
function textOf(cell: unknown): unknown {
  if (cell instanceof Date) return cell.toISOString();
  if (typeof cell === 'boolean') return cell ? 'True' : 'False';
  if (typeof cell === 'bigint') return String(cell);
  return cell;
}

const numberOf = (text: string): number =>
  Number(text.replace('inf', 'Infinity').replace('nan', 'NaN'));

test.each(files)('%s holds what its writer put there', (name) => {
  const expected = /required|split/.test(name) ? noneMissing : someMissing;
  for (const mostRows of [undefined, 7]) {
    const found = readAll(fixture(`parquet/${name}`), mostRows);
    expect(Object.keys(found).length).toBeGreaterThan(10);
    for (const [column, cells] of Object.entries(found)) {
      const wanted = (name.includes('no-rows') ? [] : expected[column]!).map((text) =>
        // To pandas both are one.
        name.startsWith('fastparquet') && text === 'nan' ? null : text,
      );
      const numbers = wanted.map((text, row) =>
        text !== null && typeof cells[row] === 'number' ? numberOf(text) : text,
      );
      expect(cells.length, column).toBe(wanted.length);
      expect(cells.map(textOf), column).toEqual(numbers);
    }
  }
});

let flowers: Model;
beforeAll(async () => {
  flowers = await loadFile(fixture('demo/model.json'));
});
const [head, ...lines] = readFileSync(fixture('demo/rows.csv'), 'utf8').trim().split('\n');
const names = head!.split(',');
const rows = lines.map((line) => line.split(',').map(Number));

const columnOf = (name: string, type: ColumnType, values: readonly unknown[]): Column => ({
  name,
  type,
  values,
  offset: 0,
  stride: 1,
});
const flowerColumns = names.map((name, i) =>
  columnOf(
    name,
    'number',
    rows.map((row) => row[i]),
  ),
);

const repeat = (columns: readonly Column[], times: number): Column[] =>
  columns.map((column) => ({
    ...column,
    values: Array.from({ length: times }, () => Array.from(column.values)).flat(),
  }));

async function predict(input: string, options: Partial<PredictOptions> = {}) {
  const output = join(folder, 'out.parquet');
  const summary = await predictFiles({
    model: flowers,
    inputs: [input],
    methods: ['predict'],
    columns: [],
    from: null,
    to: 'parquet',
    output,
    onError: 'stop',
    rejects: null,
    threads: 1,
    ...options,
  });
  return { ...summary, output };
}

function put(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const codeOf = (input: string, options: Partial<PredictOptions> = {}) =>
  predict(input, options).then(
    () => 'none',
    (error: NuthatchError) => `${error.code} ${error.path.replace(folder, '')}`,
  );

test('answers and columns beside them come out as columns of types', async () => {
  const beside = [
    columnOf(
      'big',
      'integer',
      rows.map((_, i) => (i === 3 ? null : 2n ** 62n + BigInt(i))),
    ),
    columnOf(
      'flag',
      'boolean',
      rows.map((_, i) => (i === 4 ? null : i % 2 === 0)),
    ),
    columnOf(
      'day',
      'date',
      rows.map((_, i) => (i === 5 ? null : new Date(i * 1e9))),
    ),
    columnOf(
      'text',
      'string',
      rows.map((_, i) => (i === 6 ? null : `\u{1f600}${i}`)),
    ),
  ];
  const input = put('in.parquet', formatParquet([...flowerColumns, ...beside], rows.length));
  const { output } = await predict(input, {
    columns: beside.map(({ name }) => name),
    methods: ['predict', 'predict_proba'],
  });
  const found = readAll(output);
  const classifier = asClassifier(flowers);
  const probabilities = classifier.predictProba!(rows).toArray();
  expect(found).toEqual({
    ...Object.fromEntries(beside.map(({ name, values }) => [name, values])),
    prediction: classifier.predict(rows),
    ...Object.fromEntries(
      classifier.classes.map((label, i) => [
        `predict_proba_${label}`,
        probabilities.map((row) => row[i]),
      ]),
    ),
  });
  // What has no name is known by its first bytes.
  expect(
    await predict(put('in', readFileSync(input)), { columns: 'all', to: 'csv' }),
  ).toMatchObject({
    rows: rows.length,
  });
});

const toArrayBuffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** Pieces as a file of groups of six rows, which a new run continues wherever one can. */
async function joinPieces(
  pieces: readonly Column[][],
  empty: () => Uint8Array,
  groupRows = 6,
): Promise<string> {
  const written: Uint8Array[] = [];
  let position = 0;
  const output = {
    get position() {
      return position;
    },
    async write(bytes: Uint8Array) {
      written.push(bytes);
      position += bytes.length;
    },
  } as Output;
  const notes: WrittenGroup[] = [];
  let joiner = new ParquetJoiner(output, empty, notes, groupRows);
  for (const columns of pieces) {
    const rows = columns[0]!.values.length;
    const note = await joiner.add(formatPages(columns, rows));
    if (rows > 0) expect(joiner.canContinue).toBe(note !== undefined);
    if (note === undefined) continue;
    notes.push(JSON.parse(JSON.stringify(note)));
    joiner = new ParquetJoiner(output, empty, notes, groupRows);
  }
  await joiner.finish();
  return put('joined.parquet', Buffer.concat(written));
}

test('pieces become groups of rows, which a later run continues, and none of them an empty file', async () => {
  const empty = () => formatPages([columnOf('n', 'integer', [])], 0);
  for (const count of [0, 5]) {
    const pieces = Array.from({ length: count }, (_, i) => [
      columnOf('n', 'integer', [i * 3, null, i * 3 + 2]),
    ]);
    const path = await joinPieces(pieces, empty);
    const file = openFile(path);
    const groups = [...readFooter(file).groups([0])];
    expect(groups.map((group) => group.rows)).toEqual(count ? [6, 6, 3] : []);
    closeFile(file);
    const expected = Array.from({ length: count * 3 }, (_, i) => (i % 3 === 1 ? null : BigInt(i)));
    expect(readAll(path)).toEqual({ n: expected });
  }
});

test('cells of one page are missing, those of the next are there', async () => {
  const parts = [[1, null, 3], [4, 5, 6], [null], [8]];
  const path = await joinPieces(
    parts.map((values) => [columnOf('n', 'number', values)]),
    () => formatPages([columnOf('n', 'number', [])], 0),
  );
  expect(readAll(path)).toEqual({ n: parts.flat() });
});

test('windows of many small pages are bounded, and one column of small pages takes what others leave', async () => {
  const windowsOf = (path: string) => {
    const file = openFile(path);
    const footer = readFooter(file);
    const windows = [...cutWindows(file, footer, footer.fields)];
    closeFile(file);
    return windows.map(({ rows: count, columns }) => [
      count,
      columns.reduce((sum, { pages }) => sum + pages.length, 0),
    ]);
  };
  const empty = () =>
    formatPages(
      ['a', 'b', 'c'].map((name) => columnOf(name, 'boolean', [])),
      0,
    );
  const one = ['a', 'b', 'c'].map((name) => columnOf(name, 'boolean', [true]));
  const pieces = Array.from({ length: 6000 }, () => one);
  const share = Math.floor(2 ** 14 / 3);
  expect(windowsOf(await joinPieces(pieces, empty, 6000))).toEqual([
    [share, 3 * share],
    [6000 - share, 3 * (6000 - share)],
  ]);
  // Texts of more than a megabyte lie in pages of their own, numbers beside them in one.
  const count = 10;
  const columns = [
    ...Array.from({ length: 2 ** 12 }, (_, i) =>
      columnOf(`n${i}`, 'boolean', new Array(count).fill(true)),
    ),
    columnOf('text', 'string', new Array(count).fill('x'.repeat(2 ** 20))),
  ];
  const file = put('wide.parquet', formatParquet(columns, count));
  expect(windowsOf(file)).toEqual([[count, 2 ** 12 + count]]);
});

test('outputs have classes of their own, also where no row of a piece has an answer', async () => {
  const categories = [
    [1, 2],
    [2, 3],
  ];
  const plan = { names: ['a', 'b'], type: 'integer', categories } as const;
  // Numbers of rows' labels.
  const answers = [[0, 0], [], [1, 1, 0, 1, 1, 0]];
  const pieces = answers.map((answer) => columnsOfAnswer(plan, Int32Array.from(answer)));
  expect(pieces.map((columns) => columns.map(({ name }) => name))).toEqual(
    answers.map(() => ['a', 'b']),
  );
  // Rows without an answer have gaps.
  const rowsOf = (answer: number[]) => Math.max(answer.length / 2, 2);
  const columns = pieces.map((piece, i) =>
    piece.map((column) => ({
      ...columnOf(column.name, 'integer', Array.from(valuesOf(column, rowsOf(answers[i]!)))),
      categories: column.categories,
    })),
  );
  const none = plan.names.map((name, i) => ({
    ...columnOf(name, 'integer', []),
    categories: categories[i]!,
  }));
  const empty = () => formatPages(none, 0);
  expect(readAll(await joinPieces(columns, empty))).toEqual({
    a: [1n, null, null, null, 2n, 1n, 2n],
    b: [2n, null, null, null, 3n, 3n, 2n],
  });
});

test('labels are numbers of a dictionary, also where cells are missing', async () => {
  const { integer } = createRandom(5);
  const kinds: Record<string, [ColumnType, readonly unknown[]]> = {
    one: ['integer', [7n]],
    two: ['integer', [-1n, 2n ** 53n - 1n]],
    three: ['string', ['', 'é', '\u{1f600}']],
    numbers: ['number', [0.1, -5e-324]],
    many: ['integer', Array.from({ length: 300 }, (_, i) => BigInt(i * i - 9000))],
    texts: ['string', Array.from({ length: 700 }, (_, i) => `class ${i}`)],
    long: ['string', ['a'.repeat(2 ** 14), 'b']],
    flags: ['boolean', [false, true]],
  };
  for (const [name, [type, categories]] of Object.entries(kinds)) {
    const columns = (values: unknown[]) => [{ ...columnOf(name, type, values), categories }];
    const empty = () => formatPages(columns([]), 0);
    const parts = [0, 1, 5, 0, 8, 9, 17].map((count) =>
      Array.from({ length: count }, () => (integer(4) === 0 ? null : integer(categories.length))),
    );
    const path = await joinPieces(parts.map(columns), empty);
    const cells = parts.flat().map((number) => (number === null ? null : categories[number]));
    expect(readAll(path), name).toEqual({ [name]: cells });
    const file = readFileSync(path);
    let end = 4;
    for (const { columns: chunks } of parquetMetadata(toArrayBuffer(file)).row_groups) {
      const found = chunks[0]!.meta_data!;
      const start = Number(found.dictionary_page_offset ?? found.data_page_offset);
      expect(start).toBe(end);
      end = start + Number(found.total_compressed_size);
      const coded = name !== 'long' && name !== 'flags';
      expect(found.codec, name).toBe(coded ? 'UNCOMPRESSED' : 'SNAPPY');
      expect(found.dictionary_page_offset !== undefined).toBe(coded);
      if (!coded) continue;
      expect(found.total_uncompressed_size).toBe(found.total_compressed_size);
      // A header begins with the page's type, 2 of a dictionary, 3 of rows, twice that as a number with a sign.
      expect([...file.subarray(start, start + 2)]).toEqual([0x15, 4]);
      const data = Number(found.data_page_offset);
      expect([...file.subarray(data, data + 2)]).toEqual([0x15, 6]);
    }
    const some = parts.filter(({ length }) => length > 0);
    expect(readFileSync(await joinPieces(some.map(columns), empty))).toEqual(file);
  }
});

test('labels of a few classes take a bit or two a row', async () => {
  const input = put('many.parquet', formatParquet(repeat(flowerColumns, 400), rows.length * 400));
  const model = await loadFile(fixture('demo/model.json'));
  const { output, rows: count } = await predict(input, { model });
  const bits = Math.ceil(Math.log2(asClassifier(model).classes.length));
  const size = readFileSync(output).length;
  expect(size).toBeLessThan((count * bits) / 8 + 1000);
  expect(size).toBeGreaterThan((count * bits) / 8);
  const expected = asClassifier(model).predict(rows);
  expect(readAll(output)).toEqual({
    prediction: Array.from({ length: count }, (_, i) => expected[i % rows.length]),
  });
});

test('nothing of a piece stays when it is written', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const some = [
    ...flowerColumns.map(({ name, values }) =>
      columnOf(name, 'number', Array.from(values).slice(0, 6)),
    ),
    ...Array.from({ length: 40 }, (_, i) => columnOf(`beside ${i}`, 'number', [1, 2, 3, 4, 5, 6])),
  ];
  const pieces = 450;
  const input = await joinPieces(
    Array.from({ length: pieces }, () => some),
    () =>
      formatPages(
        some.map(({ name, type }) => columnOf(name, type, [])),
        0,
      ),
  );
  const held: number[] = [];
  await predict(input, {
    columns: 'all',
    to: 'csv',
    output: join(folder, 'pieces.csv'),
    progress({ rows: done }) {
      if (done % (2 * pieces) !== 0) return;
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      held.push(heapUsed + arrayBuffers);
    },
  });
  expect(held.length).toBe(4);
  expect(held[3]! - held[1]!).toBeLessThan(2 ** 20);
});

test('columns of a wrong type, missing, unknown and nested ones are told', async () => {
  const texts = names.map((name) => columnOf(name, 'string', rows.map(String)));
  expect(await codeOf(put('texts.parquet', formatParquet(texts, rows.length)))).toBe(
    `input-type column ${JSON.stringify(names[0])}`,
  );
  const fewer = put('fewer.parquet', formatParquet(flowerColumns.slice(1), rows.length));
  expect(await codeOf(fewer)).toBe('input-columns schema');
  const whole = put('whole.parquet', formatParquet(flowerColumns, rows.length));
  expect(await codeOf(whole, { columns: ['none'] })).toBe('input-columns schema');
  expect(await codeOf(whole, { from: 'csv' })).not.toBe('none');
  expect(await codeOf('-', { from: 'parquet' })).toBe('unsupported standard input');
  expect(await codeOf(put('a.parquet.gz', readFileSync(whole)))).toBe('unsupported /a.parquet.gz');
});

test('long texts become pages of a megabyte, or of one text', () => {
  const values = ['é'.repeat(3e5), null, 'b'.repeat(5e5), '', 'c'.repeat(2 ** 21)];
  const file = formatParquet([columnOf('text', 'string', values)], values.length);
  expect(readAll(put('long.parquet', file))).toEqual({ text: values });
  // A header begins with the page's type: a first field, 3, and another field.
  const headers = Buffer.from(file).toString('latin1').split('\x15\x06\x15').length - 1;
  // The first and the gap, the second, the empty one, the long one.
  expect(headers).toBe(4);
});

test('pages are the same bytes whatever was written before them', () => {
  const pieces = Array.from({ length: 60 }, (_, seed) => {
    const draw = (i: number) => i * (seed + 1);
    const cells = Array.from({ length: 3000 }, (_, i) => [
      `v${draw(i) % 977} row ${i}`,
      (draw(i) % 13) / 7,
      BigInt(draw(i) * 7919),
      ['versicolor', 'virginica!'][(draw(i) >> 2) & 1],
    ]);
    const types = ['string', 'number', 'integer', 'string'] as const;
    const kind = seed % 4;
    return columnOf(
      'cells',
      types[kind]!,
      cells.map((row) => row[kind]),
    );
  });
  const write = (column: Column) => formatPages([column], column.values.length);
  const first = pieces.map(write);
  const again = pieces.toReversed().map(write).toReversed();
  expect(again.map((bytes, i) => Buffer.compare(bytes, first[i]!))).toEqual(pieces.map(() => 0));
});

test('integers that have no 64 bits with a sign are told, and none is written as another', () => {
  const column = columnOf('n', 'integer', [2n ** 63n]);
  const write = () => formatParquet([column], 1);
  expect(write).toThrow(NuthatchError);
  expect(write).toThrow(/^column "n": 9223372036854775808 is not an integer of 64 bits/);
});

test('runs are read in any parts as they are at once', () => {
  const { integer, random } = createRandom(3);
  for (let round = 0; round < 200; round++) {
    const width = integer(round % 2 ? 33 : 3);
    const bytes: number[] = [];
    const values: number[] = [];
    const varint = (value: number): void => {
      for (let rest = value; ; rest = Math.floor(rest / 128)) {
        bytes.push((rest % 128) | (rest >= 128 ? 128 : 0));
        if (rest < 128) return;
      }
    };
    while (values.length < 50) {
      const draw = () => Math.floor(random() * 2 ** width);
      if (integer(2)) {
        const [count, value] = [1 + integer(40), draw()];
        varint(count * 2);
        for (let i = 0; i < width; i += 8) bytes.push(Math.floor(value / 2 ** i) % 256);
        values.push(...new Array<number>(count).fill(value));
        continue;
      }
      const groups = 1 + integer(3);
      varint(groups * 2 + 1);
      let packed = 0n;
      for (let i = 0; i < groups * 8; i++) {
        const value = draw();
        packed |= BigInt(value) << BigInt(i * width);
        values.push(value);
      }
      for (let i = 0; i < groups * width; i++) bytes.push(Number((packed >> BigInt(i * 8)) & 255n));
    }
    const runs = new Runs(Buffer.from(bytes), 0, bytes.length, width);
    const found: number[] = [];
    while (found.length < values.length) {
      const count = Math.min(integer(20), values.length - found.length);
      if (integer(3) === 0) {
        runs.skip(count);
        found.push(...values.slice(found.length, found.length + count));
      } else {
        const part = new Uint32Array(count);
        runs.read(part);
        found.push(...part);
      }
    }
    expect(found).toEqual(values);
  }
});

test('what is cut or damaged is a typed error, never another kind, never endless', () => {
  const { integer, pick } = createRandom(9);
  let refused = 0;
  for (const name of files) {
    const whole = readFileSync(fixture(`parquet/${basename(name)}`));
    const expected = readAll(fixture(`parquet/${name}`));
    const count = Object.values(expected)[0]!.length;
    for (let round = 0; round < 12; round++) {
      const isCut = round % 3 === 0;
      const bytes = isCut ? whole.subarray(0, integer(whole.length)) : Buffer.from(whole);
      // Half of them in the footer, which is shorter than what is before.
      for (let i = isCut ? 0 : 1 + integer(3); i > 0; i--) {
        const at = integer(2) ? bytes.length - 1 - integer(3000) : integer(bytes.length);
        bytes[Math.max(0, at)] = pick([0, 1, 0x7f, 0x80, 0xff, integer(256)]);
      }
      try {
        const found = readAll(put('damaged', bytes));
        expect(isCut).toBe(false);
        for (const cells of Object.values(found)) expect(cells.length).toBeLessThanOrEqual(count);
      } catch (error) {
        if (!(error instanceof NuthatchError)) throw error;
        refused++;
      }
    }
  }
  expect(refused).toBeGreaterThan(files.length * 4);
});
