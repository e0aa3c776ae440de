import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  Bool,
  Dictionary,
  Float32,
  Float64,
  Int32,
  Int64,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import {
  RecordBatch as BatchMetadata,
  BufferRegion,
  FieldNode,
  Message,
} from 'apache-arrow/ipc/metadata/message';
import { asClassifier, type Input, type Model, type NuthatchError } from 'nuthatch';
import { loadFile } from 'nuthatch/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PredictOptions, predictFiles } from '../src/index.js';
import { readBatches } from './arrow-columns.js';

const fixture = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nuthatch-arrow-'));
afterAll(() => rmSync(folder, { recursive: true }));

let flowers: Model;
beforeAll(async () => {
  flowers = await loadFile(fixture('fixtures/demo/model.json'));
});

const [head, ...lines] = readFileSync(fixture('fixtures/demo/rows.csv'), 'utf8').trim().split('\n');
const names = head!.split(',');
const rows = lines.map((line) => line.split(',').map(Number));
const column = (name: string): (number | null)[] => rows.map((row) => row[names.indexOf(name)]!);

/** Several batches of the same rows: each column of another type that holds its numbers. */
function tableOf(batches: number): Table {
  const kinds = vectorFromArray(
    rows.map((_, i) => ['x', null, 'y'][i % 3]!),
    new Dictionary(new Utf8(), new Int32(), 7),
  );
  const one = (id: number) =>
    new Table({
      id: vectorFromArray(
        rows.map((_, i) => BigInt(id * 10 + i)),
        new Int64(),
      ),
      [names[0]!]: vectorFromArray(column(names[0]!), new Float64()),
      kind: kinds,
      [names[1]!]: vectorFromArray(column(names[1]!), new Float64()),
      [names[2]!]: vectorFromArray(column(names[2]!), new Float64()),
      flag: vectorFromArray(
        rows.map((_, i) => i % 2 === 0),
        new Bool(),
      ),
      [names[3]!]: vectorFromArray(column(names[3]!), new Float64()),
    });
  return one(0).concat(...Array.from({ length: batches - 1 }, (_, i) => one(i + 1)));
}

async function predict(bytes: Uint8Array, options: Partial<PredictOptions> = {}) {
  const input = join(folder, 'in');
  writeFileSync(input, bytes);
  const output = join(folder, 'out');
  const summary = await predictFiles({
    model: flowers,
    inputs: [input],
    methods: ['predict'],
    columns: ['id', 'kind', 'flag'],
    from: null,
    to: 'arrow',
    output,
    onError: 'stop',
    rejects: null,
    threads: 1,
    ...options,
  });
  return { ...summary, bytes: readFileSync(output) };
}

test('files and streams go in, and columns of types come out', async () => {
  const table = tableOf(3);
  const labels = asClassifier(flowers).predict(rows);
  for (const form of ['file', 'stream'] as const) {
    for (const to of ['arrow', 'arrow-stream'] as const) {
      const { bytes, rows: count } = await predict(tableToIPC(table, form), { to });
      const found = tableFromIPC(bytes);
      expect(count).toBe(30);
      expect(found.schema.fields.map(({ name, type }) => `${name}: ${type}`)).toEqual([
        'id: Int64',
        'kind: Utf8',
        'flag: Bool',
        'prediction: Utf8',
      ]);
      expect(found.toArray().map((row) => row!.toJSON())).toEqual(
        Array.from({ length: 30 }, (_, i) => ({
          id: BigInt(i),
          kind: ['x', null, 'y'][(i % 10) % 3],
          flag: i % 2 === 0,
          prediction: labels[i % 10],
        })),
      );
    }
  }
  const csv = await predict(tableToIPC(table, 'file'), { to: 'csv' });
  expect(csv.bytes.toString().split('\n').slice(0, 3)).toEqual([
    'id,kind,flag,prediction',
    '0,x,true,virginica',
    '1,,false,versicolor',
  ]);
});

test('columns of float32 are float32 to the model, and gaps are missing', async () => {
  const singles = new Table(
    Object.fromEntries(names.map((name) => [name, vectorFromArray(column(name), new Float32())])),
  );
  const { bytes } = await predict(tableToIPC(singles), { columns: [], methods: ['predict_proba'] });
  const data = Float32Array.from(rows.flat());
  const expected = asClassifier(flowers).predictProba!({ data, rows: 10, cols: 4 } as Input);
  expect(
    tableFromIPC(bytes)
      .toArray()
      .map((row) => Object.values(row!.toJSON())),
  ).toEqual(expected.toArray());
});

test('columns of a wrong type, missing or unknown ones are told', async () => {
  const table = tableOf(1);
  const code = (given: Table, options: Partial<PredictOptions> = {}) =>
    predict(tableToIPC(given), options).then(
      () => 'none',
      (error: NuthatchError) => `${error.code} ${error.path}`,
    );
  expect(await code(table, { columns: [] })).toBe('input-columns schema');
  expect(await code(table.selectAt([0, 1, 2, 3, 4, 5]))).toBe('input-columns schema');
  expect(await code(table, { columns: ['none'] })).toBe('input-columns schema');
  const texts = new Table(
    Object.fromEntries(names.map((name) => [name, vectorFromArray(rows.map(String), new Utf8())])),
  );
  expect(await code(texts, { columns: [] })).toBe(`input-type column ${JSON.stringify(names[0])}`);
});

/** A stream of one column of 10 floats, and a batch that says of itself what it likes. */
function streamOf(rows: number, nodes: FieldNode[], regions: BufferRegion[]): Buffer {
  const stream = Buffer.from(tableToIPC(new Table({ x: vectorFromArray([1.5]) }), 'stream'));
  const schema = stream.subarray(0, 8 + stream.readInt32LE(4));
  const body = Buffer.alloc(80);
  const batch = new BatchMetadata(BigInt(rows), nodes, regions, null);
  const metadata = Buffer.from(Message.encode(Message.from(batch as never, body.length)));
  const head = Buffer.alloc(8, 255);
  head.writeInt32LE(metadata.length, 4);
  return Buffer.concat([schema, head, metadata, body]);
}

test.each<[string, number, FieldNode[], BufferRegion[]]>([
  ['a buffer that ends behind the body', 10, [new FieldNode(10, 0)], [region(0, 0), region(8, 80)]],
  ['a buffer before it', 10, [new FieldNode(10, 0)], [region(0, 0), region(-8, 80)]],
  ['a buffer of less than nothing', 10, [new FieldNode(10, 0)], [region(0, 0), region(8, -8)]],
  ['a buffer that is too short', 10, [new FieldNode(10, 0)], [region(0, 0), region(0, 72)]],
  ['a buffer that is missing', 10, [new FieldNode(10, 0)], [region(0, 0)]],
  ['a bitmap that is too short', 10, [new FieldNode(10, 1)], [region(0, 1), region(0, 80)]],
  ['more gaps than rows', 10, [new FieldNode(10, 11)], [region(0, 8), region(0, 80)]],
  ['a column of another length', 10, [new FieldNode(9, 0)], [region(0, 0), region(0, 80)]],
  ['a column that is missing', 10, [], [region(0, 0), region(0, 80)]],
  ['rows without end', 2 ** 50, [new FieldNode(2 ** 50, 0)], [region(0, 0), region(0, 80)]],
  ['less than no rows', -1, [new FieldNode(-1, 0)], [region(0, 0), region(0, 80)]],
])('a batch that tells of %s is refused', async (_, rows, nodes, regions) => {
  const read = async (bytes: Buffer) => {
    const found: number[] = [];
    for await (const [column] of readBatches(bytes, ['x'], 1)) found.push(column!.values.length);
    return found;
  };
  expect(await read(streamOf(10, [new FieldNode(10, 0)], [region(0, 0), region(0, 80)]))).toEqual([
    0, 10,
  ]);
  await expect(read(streamOf(rows, nodes, regions))).rejects.toMatchObject({
    code: 'malformed',
    path: 'message 1',
  });
});

function region(start: number, length: number): BufferRegion {
  return new BufferRegion(BigInt(start), BigInt(length));
}
