import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importModel, writeNut } from '../formats/index.js';
import type { ModelDescription, Node, Pipeline } from '../src/ir/index.js';
import { runCli } from './run-cli.js';

/** The command line as built, on the demo forest: what a person types, sees, and gets as exit code. */
const project = fileURLToPath(new URL('..', import.meta.url));
const json = join(project, 'fixtures/demo/model.json');
const rows = join(project, 'fixtures/demo/rows.csv');
/** A pipeline on columns of numbers and strings with gaps. */
const titanic = join(project, 'examples/titanic/model.json');
const passengers = join(project, 'examples/titanic/passengers.csv');

describe('nuthatch', () => {
  let folder: string;
  let nut: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nuthatch-cli-'));
    nut = join(folder, 'model.nut');
    expect(await run('convert', json, '-o', nut)).toMatchObject({ status: 0, stderr: '' });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (...args: string[]) => runCli(args, folder);
  const runWith = (input: string, ...args: string[]) => runCli(args, folder, input);
  function file(name: string, content: string): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }

  test('predict gives the same from the export, from its .nut and from standard input', async () => {
    const csv = readFileSync(rows, 'utf8');
    for (const method of ['predict', 'predict_proba', 'predict_log_proba', 'apply', 'raw']) {
      const expected = await run('predict', json, rows, '--method', method);
      expect(expected).toMatchObject({ status: 0, stderr: '' });
      expect(JSON.parse(expected.stdout)).toHaveLength(10);
      expect((await run('predict', nut, rows, '--method', method)).stdout).toBe(expected.stdout);
      expect((await runWith(csv, 'predict', nut, '-', '--method', method)).stdout).toBe(
        expected.stdout,
      );
    }
  });

  test('predict gives the same in threads, to more rows than one chunk has', async () => {
    const [head, ...lines] = readFileSync(rows, 'utf8').trim().split('\n');
    const many = Array.from({ length: 17_000 }, (_, i) => lines[i % lines.length]!);
    const csv = [head, ...many].join('\n');
    for (const method of ['predict', 'predict_proba']) {
      const expected = await runWith(csv, 'predict', nut, '-', '--method', method);
      const found = await runWith(csv, 'predict', nut, '-', '--method', method, '--threads', '2');
      expect(found).toMatchObject({ status: 0, stderr: '' });
      expect(found.stdout.length).toBeGreaterThan(100_000);
      expect(found.stdout === expected.stdout).toBe(true);
    }
    const bad = [head, ...many.with(16_999, '1,2,inf,4')].join('\n');
    const expected = await runWith(bad, 'predict', nut, '-');
    expect(expected).toMatchObject({ status: 3, stderr: expect.stringMatching('row 16999') });
    expect((await runWith(bad, 'predict', nut, '-', '--threads', '2')).stderr).toBe(
      expected.stderr,
    );
  });

  test('predict reads rows and records from JSON and NDJSON, and CSV in any column order', async () => {
    const [header, ...lines] = readFileSync(rows, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const numbers = lines.map((line) => line.map(Number));
    const records = numbers.map((row) =>
      Object.fromEntries(row.map((value, i) => [header![i], value])),
    );
    const expected = (await run('predict', nut, rows)).stdout;
    const reversed = [header!, ...lines].map((line) => [...line].reverse().join(',')).join('\r\n');
    const inputs = [
      file('rows.json', JSON.stringify(numbers)),
      file('records.json', JSON.stringify(records)),
      file('rows.ndjson', numbers.map((row) => JSON.stringify(row)).join('\n')),
      file('reversed.csv', `\ufeff${reversed}\r\n\r\n`),
    ];
    for (const input of inputs) expect((await run('predict', nut, input)).stdout).toBe(expected);
    expect((await runWith(JSON.stringify(records), 'predict', nut, '-')).stdout).toBe(expected);
  });

  test('predict writes NDJSON, CSV and files', async () => {
    expect((await run('predict', nut, rows, '--format', 'ndjson')).stdout.split('\n')).toHaveLength(
      11,
    );
    const out = join(folder, 'out.csv');
    expect((await run('predict', nut, rows, '--method', 'predict_proba', '-o', out)).status).toBe(
      0,
    );
    expect(readFileSync(out, 'utf8')).toMatch(/^setosa,versicolor,virginica\n/);
  });

  test('inspect --json has what it promises', async () => {
    const summary = JSON.parse((await run('inspect', nut, '--json')).stdout);
    expect(summary).toMatchObject({
      kind: 'trees',
      task: 'classifier',
      outputs: 1,
      trees: 100,
      formatVersion: '1.1',
    });
    expect(summary.features[0]).toEqual({
      name: 'sepal length (cm)',
      type: 'number',
      categories: null,
    });
    expect(summary.classes).toEqual([
      { dtype: 'str', values: ['setosa', 'versicolor', 'virginica'] },
    ]);
    expect(summary.leaves * 2 - summary.trees).toBe(summary.nodes);
    expect(summary.tensors[0]).toMatchObject({
      dtype: expect.any(String),
      shape: [expect.any(Number)],
      length: expect.any(Number),
    });
    expect(summary.golden.map(({ name }: { name: string }) => name)).toContain('thresholds');
    expect(summary.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test('convert twice gives the same bytes', async () => {
    const again = join(folder, 'again.nut');
    await run('convert', json, '-o', again);
    expect(readFileSync(again).equals(readFileSync(nut))).toBe(true);
  });

  test('convert keeps statistics of training rows, and inspect says so', async () => {
    const out = join(folder, 'with-reference.nut');
    const summary = async (path: string) =>
      JSON.parse((await run('inspect', path, '--json')).stdout).reference;
    expect(await summary(nut)).toBeNull();
    expect(await run('convert', json, '-o', out, '--reference', rows)).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(await summary(out)).toEqual({
      rows: 10,
      columns: 4,
      answers: ['predict', 'predict_proba'],
    });
    expect((await run('inspect', out)).stdout).toMatch(
      /^reference +statistics of 10 training rows: 4 columns, predict, predict_proba$/m,
    );
    const none = file('none.csv', 'a,b\n');
    expect((await run('convert', json, '-o', out, '--reference', none)).status).toBe(3);
  });

  test('convert and inspect take a file of the sklearn-json package', async () => {
    const source = join(
      project,
      'fixtures/sklearn-json-package/sklearn-1.2/forest-classifier-all-rows/model.json',
    );
    const out = join(folder, 'package.nut');
    expect(await run('convert', source, '-o', out)).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse((await run('inspect', out, '--json')).stdout)).toMatchObject({
      kind: 'trees',
      trees: 2,
      provenance: { className: 'RandomForestClassifier', format: 'sklearn-json-package' },
    });
    const input = file('flowers.csv', '5.1,3.5,1.4,0.2\n6.3,2.9,5.6,1.8\n');
    const found = (await run('predict', source, input)).stdout;
    expect(JSON.parse(found)).toEqual(['setosa', 'virginica']);
    expect((await run('predict', out, input)).stdout).toBe(found);
  });

  test('convert and inspect take a file of joblib, and say what they read', async () => {
    const source = join(folder, 'flowers.joblib');
    const found = join(project, 'fixtures/pickle/sklearn-1.9/forest.zlib.joblib');
    writeFileSync(source, readFileSync(found));
    const { status, stdout, stderr } = await run('convert', source);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(
      'flowers.joblib (pickle, scikit-learn 1.9.1, RandomForestClassifier, 2 trees',
    );
    expect(
      JSON.parse((await run('inspect', join(folder, 'flowers.nut'), '--json')).stdout),
    ).toMatchObject({
      kind: 'trees',
      provenance: { className: 'RandomForestClassifier', format: 'pickle' },
    });
    const input = file('petals.csv', 'petal,sepal,größe\n1,0,0\n-1,-1,0\n');
    expect((await run('predict', source, input)).stdout).toBe(
      (await run('predict', join(folder, 'flowers.nut'), input)).stdout,
    );
  });

  test('verify tells a model whose answers differ, with exit code 1', async () => {
    expect((await run('verify', nut)).status).toBe(0);
    const document = JSON.parse(readFileSync(json, 'utf8'));
    const set = document.golden.find(({ name }: { name: string }) => name === 'rows');
    const data = Buffer.from(set.outputs.predict_proba.data, 'base64');
    data[7]! ^= 0x10;
    set.outputs.predict_proba.data = data.toString('base64');
    const wrong = file('wrong.json', JSON.stringify(document));
    expect(await run('verify', nut, wrong)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('DIFFER'),
    });
    const unwritten = await run('convert', wrong, '-o', join(folder, 'never.nut'));
    expect(unwritten).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('nothing was written'),
    });
    expect(() => readFileSync(join(folder, 'never.nut'))).toThrow();
  });

  const bad: [
    name: string,
    status: number,
    args: (at: typeof file) => string[],
    message: RegExp,
  ][] = [
    ['no such command', 2, () => ['teach'], /no command "teach"/],
    ['no such option', 2, () => ['inspect', nut, '--loud'], /loud/],
    ['no input', 2, () => ['predict', nut], /expected MODEL INPUT/],
    [
      'no such method',
      2,
      () => ['predict', nut, rows, '--method', 'decision_function'],
      /has no decision_function; it has predict, /,
    ],
    [
      'no number of threads',
      2,
      () => ['predict', nut, rows, '--threads', 'many'],
      /expected an integer from 1 to 64/,
    ],
    [
      'an output that cannot be continued',
      2,
      () => ['predict', nut, rows, '--resume'],
      /only a file can be continued; name it with --output/,
    ],
    ['no such file', 3, () => ['inspect', 'none.nut'], /no such file/],
    ['not a model', 3, (at) => ['inspect', at('text.txt', 'hello')], /none of the known formats/],
    [
      'a truncated model',
      3,
      (at) => ['inspect', at('cut.json', readFileSync(json, 'utf8').slice(0, 5000))],
      /\(truncated\)|\(malformed\)/,
    ],
    [
      'a bad cell',
      3,
      (at) => ['predict', nut, at('bad.csv', `${readFileSync(rows, 'utf8')}1,2,x,4\n`)],
      /line 12, column "petal length \(cm\)": expected a number, found "x"/,
    ],
    [
      'a renamed column',
      3,
      (at) => [
        'predict',
        nut,
        at('renamed.csv', readFileSync(rows, 'utf8').replace('sepal length', 'Sepal_Length')),
      ],
      /perhaps "Sepal_Length \(cm\)" should be "sepal length \(cm\)"/,
    ],
    [
      'a quote without an end',
      3,
      (at) => ['predict', nut, at('quote.csv', '"a\n')],
      /quote without an end/,
    ],
    [
      'a category that no encoder knows',
      3,
      (at) => [
        'predict',
        titanic,
        at('woman.csv', readFileSync(passengers, 'utf8').replace('female', 'woman')),
      ],
      /row 2, column "sex": "woman" is not known to the model \(input-category\)/,
    ],
    [
      'a number where a string belongs',
      3,
      (at) => [
        'predict',
        titanic,
        at(
          'number.ndjson',
          '{"pclass":3,"sex":1,"age":null,"family":0,"fare":1,"embarked":null,"deck":null}',
        ),
      ],
      /row 0, column "sex": expected a string, found 1/,
    ],
    ['bad NDJSON', 3, (at) => ['predict', nut, at('bad.ndjson', '[1,2,3,4]\n[1,2,\n')], /line 2/],
  ];
  test.each(bad)(
    '%s is one line on stderr, nothing on stdout, and exit code %i',
    async (_, status, args, message) => {
      const result = await run(...args(file));
      expect(result).toMatchObject({ status, stdout: '', stderr: expect.stringMatching(message) });
      expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
      const machine = await run(...args(file), '--json');
      if (status === 3)
        expect(JSON.parse(machine.stderr).error).toMatchObject({
          code: expect.any(String),
          message: expect.any(String),
        });
    },
  );

  test('predict reads strings and gaps from CSV and from records, in any order, unused columns or not', async () => {
    const [header, ...lines] = readFileSync(passengers, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const cell = (text: string, name: string) =>
      text === '' ? null : ['sex', 'embarked', 'deck'].includes(name) ? text : Number(text);
    const records = lines.map((line) =>
      Object.fromEntries(
        header!
          .map((name, i) => [name, cell(line[i]!, name)] as const)
          .reverse()
          .slice(0, -1),
      ),
    );
    expect(Object.keys(records[0]!)).not.toContain('ticket');
    const expected = await run('predict', titanic, passengers, '--method', 'predict_proba');
    expect(expected).toMatchObject({ status: 0, stderr: '' });
    const input = file('p.ndjson', records.map((record) => JSON.stringify(record)).join('\n'));
    expect((await run('predict', titanic, input, '--method', 'predict_proba')).stdout).toBe(
      expected.stdout,
    );
  });

  test('inspect tells the columns and parts of a pipeline', async () => {
    const summary = JSON.parse((await run('inspect', titanic, '--json')).stdout);
    expect(summary).toMatchObject({ kind: 'linear', steps: ['union', 'linear'], outputs: 1 });
    const of = (name: string) =>
      summary.features.find((feature: { name: string }) => feature.name === name);
    expect(of('ticket')).toMatchObject({ type: 'unused', categories: null });
    expect(of('sex')).toMatchObject({ type: 'string', categories: 2 });
    expect(of('pclass')).toMatchObject({ type: 'number', categories: 3 });
    expect(of('age')).toMatchObject({ type: 'number', categories: null });
    expect(summary.parts[0]).toMatchObject({ depth: 0, kind: 'union', follows: false });
    expect(summary.parts.at(-1)).toMatchObject({ depth: 0, kind: 'linear', follows: true });
    expect(summary.parts).toContainEqual({
      depth: 1,
      kind: 'encode',
      operations: null,
      follows: false,
      columns: ['sex'],
      gives: { kind: 'sparse', columns: 1 },
    });
    const { stdout } = await run('inspect', titanic);
    expect(stdout).toMatch(/^ {2}sex +string +2 categories$/m);
    expect(stdout).toMatch(/^ {4}then elementwise \(subtract, divide\) +→ 5 columns$/m);
    expect(stdout).toMatch(/^ {4}impute of embarked +→ 1 column\n {4}then encode /m);
  });

  describe('of a model that transforms', () => {
    let encoder: string;
    let table: string;
    beforeAll(async () => {
      const model = await importModel(readFileSync(titanic));
      const [columns] = (model.root as Pipeline<Node>).steps;
      const save = (name: string, root: Node) => {
        const alone: ModelDescription = { ...model, root, golden: [] };
        const path = join(folder, name);
        writeFileSync(path, writeNut(alone));
        return path;
      };
      encoder = save('encoder.nut', columns!);
      const chosen = Uint32Array.from([2, 3]);
      const parts = [{ columns: chosen, node: null }];
      table = save('table.nut', { kind: 'union', features: 8, parts, sparse: false });
    });

    test('inspect tells what it gives', async () => {
      expect(JSON.parse((await run('inspect', encoder, '--json')).stdout)).toMatchObject({
        task: 'transformer',
        outputs: 19,
        classes: null,
        methods: ['transform'],
      });
      expect((await run('inspect', table)).stdout).toMatch(/^ {2}union +→ 2 columns$/m);
    });

    test('predict transforms, with or without being told', async () => {
      const matrix = JSON.parse((await run('predict', encoder, passengers)).stdout);
      expect(matrix.map((row: number[]) => row.length)).toEqual(Array(12).fill(19));
      const told = (await run('predict', encoder, passengers, '--method', 'transform')).stdout;
      expect(JSON.parse(told)).toEqual(matrix);
      const csv = (await run('predict', encoder, passengers, '--format', 'csv')).stdout
        .trim()
        .split('\n');
      expect(csv[0]!.split(',').slice(0, 2)).toEqual(['transform_0', 'transform_1']);
      expect(csv.slice(1).map((line) => line.split(',').map(Number))).toEqual(matrix);
    });

    test('predict writes strings and gaps as each format has them', async () => {
      const first = async (format: string) =>
        (await run('predict', table, passengers, '--format', format)).stdout
          .split('\n')
          .slice(0, 3);
      expect(await first('ndjson')).toEqual(['["male",null]', '["male",36.2]', '["female",40.8]']);
      expect(await first('csv')).toEqual(['transform_0,transform_1', 'male,', 'male,36.2']);
    });

    test('predict refuses what it has no method for', async () => {
      expect(await run('predict', encoder, passengers, '--method', 'predict')).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringMatching(/has no predict; it has transform/),
      });
    });
  });

  test('--help explains every command', async () => {
    for (const command of ['inspect', 'convert', 'predict', 'verify']) {
      expect(await run(command, '--help')).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('Examples:'),
      });
    }
  });
});
