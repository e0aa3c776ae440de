import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';
import type { Input, Model } from 'nuthatch';
import { asClassifier, createModel } from 'nuthatch';
import { importModel } from 'nuthatch/import';
import type { GoldenMatrix } from 'nuthatch/ir';
import { loadFile } from 'nuthatch/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PredictOptions, predictFiles, readRows } from '../src/index.js';

/** Files of rows go in, files of answers come out: what the model itself answers to the same rows. */
const fixture = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nuthatch-batch-'));
afterAll(() => rmSync(folder, { recursive: true }));

let flowers: Model;
let passengers: Model;
beforeAll(async () => {
  flowers = await loadFile(fixture('fixtures/demo/model.json'));
  passengers = await loadFile(fixture('examples/titanic/model.json'));
});

const [head, ...lines] = readFileSync(fixture('fixtures/demo/rows.csv'), 'utf8').trim().split('\n');
const names = head!.split(',');
const rows = lines.map((line) => line.split(',').map(Number));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Runs a job, and reads what it wrote. */
async function predict(inputs: string[], options: Partial<PredictOptions> = {}) {
  const output = join(folder, 'out');
  const summary = await predictFiles({
    model: flowers,
    inputs,
    methods: ['predict'],
    columns: [],
    from: null,
    to: 'ndjson',
    output,
    onError: 'stop',
    rejects: null,
    threads: 1,
    ...options,
  });
  return { ...summary, text: readFileSync(output, 'utf8') };
}

const csvOf = (some: readonly (readonly unknown[])[]) =>
  [head, ...some.map((row) => row.join(','))].join('\n');

describe('predictFiles', () => {
  test('answers the same rows of every format the same', async () => {
    const expected = `${asClassifier(flowers)
      .predict(rows)
      .map((label) => `${JSON.stringify(label)}\n`)
      .join('')}`;
    const records = rows.map((row) => Object.fromEntries(row.map((cell, i) => [names[i], cell])));
    const text = csvOf(rows);
    const inputs = [
      file('a.csv', text),
      file('crlf.csv', `\ufeff${text.replaceAll('\n', '\r\n')}\r\n\r\n`),
      file('a.csv.gz', gzipSync(text)),
      file('two.csv.gz', Buffer.concat([gzipSync(text.slice(0, 80)), gzipSync(text.slice(80))])),
      file('a.csv.br', brotliCompressSync(text)),
      file('a.json', JSON.stringify(rows)),
      file('records.json', ` \n${JSON.stringify(records, null, 2)}\n `),
      file('a.jsonl', records.map((record) => JSON.stringify(record)).join('\n\n')),
      file('no-name', JSON.stringify(rows)),
    ];
    for (const input of inputs) expect((await predict([input])).text).toBe(expected);
    expect((await predict([inputs[0]!, inputs[7]!])).text).toBe(expected + expected);
  });

  test('writes the label for outliers, which is no class, as scikit-learn has it', async () => {
    const path = fixture('fixtures/models/sklearn-1.9/radius-neighbors-classifier/model.json');
    const description = await importModel(readFileSync(path));
    const { input, outputs } = description.golden.find(({ name }) => name === 'rows')!;
    const { data, columns } = input as GoldenMatrix;
    const labels = Array.from(outputs[0]!.parts[0]!.values, Number);
    expect(outputs[0]!.method).toBe('predict');
    expect(labels).toContain(-1);
    const table = labels.map((_, row) =>
      Array.from(data.subarray(row * columns, (row + 1) * columns)),
    );
    const model = createModel(description);
    const given = file('flowers.json', JSON.stringify(table));
    expect((await predict([given], { model })).text).toBe(`${labels.join('\n')}\n`);
    const { text } = await predict([given], { model, to: 'csv' });
    expect(text).toBe(`prediction\n${labels.join('\n')}\n`);
  });

  test('writes columns beside the answers of several methods', async () => {
    const withId = [`id,${head}`, ...lines.map((line, i) => `"n""${i}",${line}`)].join('\n');
    const options = {
      columns: ['id', 'petal width (cm)'],
      methods: ['predict', 'predict_proba'],
    } as const;
    const csv = await predict([file('id.csv', withId)], { ...options, to: 'csv' });
    const [first, second] = csv.text.split('\n');
    expect(first).toBe(
      'id,petal width (cm),prediction,predict_proba_setosa,predict_proba_versicolor,predict_proba_virginica',
    );
    const probabilities = Array.from(asClassifier(flowers).predictProba!(rows).row(0));
    expect(second).toBe(`"n""0",${rows[0]![3]},virginica,${probabilities.join(',')}`);
    const json = await predict([file('id.csv', withId)], { ...options, to: 'json' });
    expect(JSON.parse(json.text)[0]).toEqual({
      id: 'n"0',
      'petal width (cm)': rows[0]![3],
      prediction: 'virginica',
      predict_proba_setosa: probabilities[0],
      predict_proba_versicolor: probabilities[1],
      predict_proba_virginica: probabilities[2],
    });
    const records = rows.map((row, i) => ({
      id: i,
      ...Object.fromEntries(row.map((cell, j) => [names[j], cell])),
    }));
    const lined = await predict(
      [file('id.ndjson', records.map((r) => JSON.stringify(r)).join('\n'))],
      {
        columns: ['id'],
        to: 'csv',
      },
    );
    expect(lined.text.split('\n').slice(0, 2)).toEqual(['id,prediction', '0,virginica']);
    const all = await predict([file('all.csv', withId)], { columns: 'all', to: 'csv' });
    expect(all.text.split('\n')[0]).toBe(`id,${head},prediction`);
    await expect(predict([file('all.csv', withId)])).rejects.toMatchObject({
      code: 'input-columns',
      path: 'line 1',
    });
  });

  test('columns of every sort reach a pipeline as its own rows do', async () => {
    const path = fixture('examples/titanic/passengers.csv');
    const [header, ...cells] = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const records = cells.map((row) =>
      Object.fromEntries(
        row.map((cell, i) => {
          const isText = ['sex', 'embarked', 'deck'].includes(header![i]!);
          return [header![i], cell === '' ? null : isText ? cell : Number(cell)];
        }),
      ),
    );
    const { text } = await predict([path], { model: passengers, methods: ['predict_proba'] });
    const expected = asClassifier(passengers).predictProba!(records as Input).toArray();
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(expected);
  });

  /** Rows of which some cannot be read, and some are refused by the model. */
  const mixed = rows.flatMap((row, i): (string | number)[][] => [
    row,
    ...(i === 2
      ? [
          [1, 2, 'x', 4],
          [1, 2, 3],
        ]
      : []),
    ...(i === 5
      ? [
          [1, 2, 'inf', 4],
          [1, 2, 3, 4, 5],
        ]
      : []),
  ]);

  test('stops at the first bad row, and leaves no file', async () => {
    const input = file('mixed.csv', csvOf(mixed));
    const output = join(folder, 'never.csv');
    await expect(predict([input], { output })).rejects.toMatchObject({
      code: 'input-type',
      path: 'line 5, column "petal length (cm)"',
    });
    await expect(
      predict([file('inf.csv', csvOf([...rows, [1, 2, 'inf', 4]]))]),
    ).rejects.toMatchObject({ code: 'input-not-finite', path: expect.stringMatching(/^row 10/) });
    expect(readdirSync(folder).filter((name) => name.startsWith('never'))).toEqual([]);
  });

  test('rejects bad rows to a file, and counts add up', async () => {
    const rejects = join(folder, 'bad.ndjson');
    const found = await predict([file('mixed.csv', csvOf(mixed))], { onError: 'reject', rejects });
    expect(found).toMatchObject({ rows: 14, written: 10, rejected: 4, unanswered: 0 });
    expect(found.text).toBe((await predict([file('good.csv', csvOf(rows))])).text);
    const bad = readFileSync(rejects, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(bad.map(({ row, line, code, text }) => [row, line, code, text])).toEqual([
      [3, 5, 'input-type', '1,2,x,4'],
      [4, 6, 'input-shape', '1,2,3'],
      [8, 10, 'input-not-finite', '1,2,inf,4'],
      [9, 11, 'input-shape', '1,2,3,4,5'],
    ]);
    expect(bad[0].reason).toBe('column "petal length (cm)": expected a number, found "x"');
  });

  test('or answers nothing to them, in their places', async () => {
    const input = file('mixed.csv', csvOf(mixed));
    const found = await predict([input], {
      onError: 'null',
      columns: ['petal length (cm)'],
      to: 'csv',
    });
    expect(found).toMatchObject({ rows: 14, written: 14, rejected: 0, unanswered: 4 });
    const written = found.text.trim().split('\n').slice(1);
    expect([3, 4, 8, 9].map((row) => written[row])).toEqual(['x,', '3,', 'inf,', '3,']);
    const good = (await predict([file('good.csv', csvOf(rows))])).text.trim().split('\n');
    expect(written.filter((line) => !line.endsWith(',')).map((line) => line.split(',')[1])).toEqual(
      good.map((line) => JSON.parse(line)),
    );
  });

  test('threads answer the same, in the same order', async () => {
    const many = Array.from({ length: 70_000 }, (_, i) => [...rows[i % 10]!.slice(0, 3), i / 7e4]);
    const input = file('many.csv', csvOf(many));
    const one = await predict([input], { methods: ['predict_proba'] });
    const two = await predict([input], { methods: ['predict_proba'], threads: 2 });
    expect(two.text === one.text).toBe(true);
    expect(one.rows).toBe(70_000);
  });

  test('outputs are compressed where their names say so', async () => {
    const input = file('good.csv', csvOf(rows));
    const plain = await predict([input], { to: 'csv' });
    const output = join(folder, 'out.csv.gz');
    await predict([input], { to: 'csv', output });
    const bytes = readFileSync(output);
    expect(gunzipSync(bytes).toString()).toBe(plain.text);
    // The header, the rows, and the last line, which has no end, each for itself.
    expect(bytes.toString('latin1').split('\x1f\x8b\b').length - 1).toBe(3);
    for (const [name, to] of [['out.csv.br', 'csv'] as const, ['out.arrow.gz', 'arrow'] as const])
      await expect(predict([input], { to, output: join(folder, name) })).rejects.toMatchObject({
        code: 'unsupported',
      });
  });

  test('files of zstd are read, and those that are cut or damaged are told', async () => {
    const zstd = readFileSync(fixture('batch/test/tables/rows.csv.zst'));
    const expected = await predict([file('good.csv', csvOf(rows))]);
    expect((await predict([file('a.csv.zst', zstd)])).text).toBe(expected.text);
    await expect(predict([file('cut.csv.zst', zstd.subarray(0, -5))])).rejects.toMatchObject({
      code: 'truncated',
    });
    await expect(predict([file('noise.csv.zst', 'no zstd, but text')])).rejects.toMatchObject({
      code: 'malformed',
    });
  });

  test('rows of several pieces are read as they are, and none is written over', async () => {
    const many = Array.from({ length: 33_000 }, (_, i) => [i, i + 0.5, 1, 2]);
    const found = await readRows(flowers, file('many.csv', csvOf(many)));
    expect(found).toEqual({ data: Float64Array.from(many.flat()), rows: 33_000, cols: 4 });
  });

  test('a line without an end is told with the byte where it begins', async () => {
    const long = Buffer.alloc(2 ** 25, '1');
    const starts: readonly (readonly [name: string, start: string])[] = [
      ['long.csv', `${csvOf(rows)}\n`],
      ['long.ndjson', '[5.1,3.5,1.4,0.2]\n[4.9,3,1.4,0.2]\n'],
      ['long.json', '[[5.1,3.5,1.4,0.2],'],
    ];
    for (const [name, start] of starts)
      for (const onError of ['stop', 'reject'] as const) {
        const input = file(name, Buffer.concat([Buffer.from(start), long]));
        const rejects = join(folder, 'rejects');
        await expect(predict([input], { onError, rejects })).rejects.toMatchObject({
          code: 'limit-exceeded',
          path: `byte ${start.length}`,
          message: expect.stringMatching(/a row of more than 16777216 bytes/),
        });
      }
  });

  test('JSON that ends too early, or does not end, is told', async () => {
    const texts = [
      '',
      '[',
      '[[1,2,3,4]',
      '[[1,2,3,4],]',
      '[[1,2,3,4]] x',
      '{"a":1}',
      '[,]',
      '[[1,2,3,4]}',
    ];
    for (const text of texts)
      await expect(predict([file('bad.json', text)]), text).rejects.toMatchObject({
        code: expect.stringMatching(/malformed|input-type/),
      });
    expect((await predict([file('none.json', ' [ ] ')], { to: 'json' })).text).toBe('[]\n');
    const some = file('some.json', '[[1,2,3,4],{,[1,2,3,4}],[1,2,3,4]]');
    const rejects = join(folder, 'bad.ndjson');
    expect(await predict([some], { onError: 'reject', rejects })).toMatchObject({
      rows: 3,
      rejected: 1,
    });
  });

  test('a compressed file that was cut is told', async () => {
    const whole = gzipSync(csvOf(rows));
    await expect(predict([file('cut.csv.gz', whole.subarray(0, -9))])).rejects.toMatchObject({
      code: 'truncated',
    });
    await expect(predict([file('noise.csv.gz', 'no gzip')])).rejects.toMatchObject({
      code: 'malformed',
    });
  });

  test('folders and patterns are read in the order of names', async () => {
    mkdirSync(join(folder, 'days'), { recursive: true });
    file('days/2.csv', csvOf(rows.slice(5)));
    file('days/1.csv', csvOf(rows.slice(0, 5)));
    file('days/_SUCCESS', '');
    const expected = (await predict([file('good.csv', csvOf(rows))])).text;
    expect((await predict([join(folder, 'days')])).text).toBe(expected);
    expect((await predict([join(folder, 'days', '*.csv')])).text).toBe(expected);
    await expect(predict([join(folder, 'no-such', '*.csv')])).rejects.toMatchObject({ code: 'io' });
  });
});
