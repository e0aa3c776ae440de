import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importModel } from '../../formats/index.js';
import { writeNut } from '../../formats/nut/index.js';
import { createModel, type ErrorCode } from '../../src/index.js';
import { type ModelDescription, validateModel } from '../../src/ir/index.js';
import { runCli } from '../run-cli.js';
import { documents, toBytes } from './documents.js';
import { findExports } from './fixtures.js';
import { smallModels } from './models.js';

/** The command line, at what its users may give it. */

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
let folder: string;
const inFolder = (name: string) => join(folder, name);

beforeAll(async () => {
  expect(existsSync(main), 'dist/ is missing: npm run build').toBe(true);
  folder = mkdtempSync(join(tmpdir(), 'nuthatch-'));
  const linear = smallModels['linear, softmax']!();
  const names = ['age', 'height', 'weight'];
  const named = validateModel({ ...linear, input: { ...linear.input, names } });
  write('named.nut', writeNut(named));
  write('unnamed.nut', writeNut(linear));
  write(
    'spaced.nut',
    writeNut(
      validateModel({ ...linear, input: { ...linear.input, names: ['age', ' age', 'a,"b'] } }),
    ),
  );
  write('export.json', toBytes(documents['forest classifier']!()));
  write('broken.nut', writeNut(named).slice(0, -20));
  write('wrong-golden.nut', writeNut(withWrongGolden(named)));
  write('newer.json', JSON.stringify(documents['tree regressor']!()).replaceAll('1.9.1', '1.99.0'));
  const hostileName = 'evil\n\u001b[31m';
  write(
    'names.nut',
    writeNut(
      validateModel({
        ...linear,
        input: { ...linear.input, names: [hostileName, 'b', 'c'] },
        provenance: { ...linear.provenance, metadata: { [hostileName]: hostileName } },
      }),
    ),
  );
  write('rows.csv', 'age,height,weight\n1,2,3\n4,5,6\n');
  write('rows.json', '[[1,2,3],[4,5,6]]');
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(inFolder(name), content);
  return name;
}

function withWrongGolden(model: ModelDescription): ModelDescription {
  const [set] = model.golden;
  const outputs = set!.outputs.map((output) =>
    output.method === 'predict'
      ? {
          ...output,
          parts: output.parts.map((part) => ({
            ...part,
            values: [...(part.values as string[])].map((label) => (label === 'a' ? 'b' : 'a')),
          })),
        }
      : output,
  );
  return { ...model, golden: [{ ...set!, outputs }] };
}

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function run(args: readonly string[], input: string | null = null): Promise<Run> {
  const { status, stdout, stderr } = await runCli(args, folder, input ?? '');
  return { code: status, out: stdout, err: stderr };
}

/** Runs a command that must fail with one line on stderr and nothing on stdout. */
async function failure(
  code: number,
  args: readonly string[],
  input: string | null = null,
): Promise<string> {
  const result = await run(args, input);
  expect(result, args.join(' ')).toMatchObject({ code, out: '' });
  expect(result.err).toMatch(/^nuthatch: [^\n]+ \([a-z-]+\)\n$/);
  expect(result.err.slice(0, -1)).not.toMatch(/\p{Cc}/u);
  return result.err;
}

describe('exit codes', () => {
  test.concurrent.each<[number, string, string[]]>([
    [0, 'version', ['--version']],
    [0, 'help', ['--help']],
    [0, 'help of a command', ['predict', '--help']],
    [0, 'inspect', ['inspect', 'named.nut']],
    [0, 'verify', ['verify', 'named.nut']],
    [0, 'predict', ['predict', 'named.nut', 'rows.csv']],
    [1, 'golden rows that do not hold', ['verify', 'wrong-golden.nut']],
    [2, 'no command', []],
  ])('%i: %s', async (code, _, args) => {
    const result = await run(args);
    expect(result).toMatchObject({ code, err: '' });
    expect(result.out).not.toBe('');
  });

  test.concurrent.each<[number, ErrorCode, string[]]>([
    [2, 'usage', ['explode']],
    [2, 'usage', ['__proto__']],
    [2, 'usage', ['predict']],
    [2, 'usage', ['inspect', 'named.nut', 'more']],
    [2, 'usage', ['predict', 'named.nut', 'rows.csv', '--unknown']],
    [2, 'usage', ['predict', 'named.nut', 'rows.csv', '--method', 'apply']],
    [2, 'usage', ['predict', 'named.nut', 'rows.csv', '--method', '__proto__']],
    [2, 'usage', ['predict', 'named.nut', 'rows.csv', '--format', 'xml\n']],
    [2, 'usage', ['convert', 'named.nut', '-o', 'named.nut']],
    [2, 'usage', ['convert', 'named.nut', '-o', 'x.nut', '--note', 'none']],
    [3, 'io', ['inspect', 'missing.nut']],
    [3, 'io', ['inspect', '.']],
    [3, 'io', ['inspect', 'a\nb']],
    [3, 'io', ['predict', 'named.nut', 'missing.csv']],
    [3, 'io', ['predict', 'named.nut', 'rows.csv', '-o', 'no/folder.json']],
    [3, 'truncated', ['inspect', 'broken.nut']],
    [3, 'not-a-model', ['inspect', 'rows.csv']],
    [3, 'unsupported-version', ['inspect', 'newer.json']],
    [3, 'input-columns', ['predict', 'names.nut', 'rows.csv']],
  ])('%i, %s: %s', async (code, reason, args) => {
    expect(await failure(code, args)).toContain(`(${reason})`);
  });

  test('errors are JSON where --json is given', async () => {
    const { code, out, err } = await run(['inspect', 'broken.nut', '--json']);
    expect([code, out]).toEqual([3, '']);
    const { error } = JSON.parse(err) as { error: Record<string, unknown> };
    expect(error.code).toBe('truncated');
    expect(Object.keys(error)).toEqual(['code', 'path', 'message', 'problems']);
  });

  test('an unproven version is tried where that is allowed', async () => {
    expect((await run(['inspect', 'newer.json', '--allow-unproven-version'])).code).toBe(0);
  });

  test('names from a file do not steer the terminal', async () => {
    const { code, out } = await run(['inspect', 'names.nut']);
    expect(code).toBe(0);
    expect(out).not.toContain('\u001b');
    expect(out).toContain('evil');
    expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(out).not.toMatch(/^\[31m/m);
  });

  test('a model whose golden rows do not hold is not converted', async () => {
    const { code, out, err } = await run(['convert', 'wrong-golden.nut', '-o', 'never.nut']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/nothing was written\n$/);
    expect(existsSync(inFolder('never.nut'))).toBe(false);
  });
});

/** The rows [1, 2, 3] and [4, 5, 6] in a CSV file for the model with names. */
const sameCsv: Readonly<Record<string, string>> = {
  plain: 'age,height,weight\n1,2,3\n4,5,6\n',
  'no line break at the end': 'age,height,weight\n1,2,3\n4,5,6',
  'CR LF': 'age,height,weight\r\n1,2,3\r\n4,5,6\r\n',
  'a byte-order mark': '\ufeffage,height,weight\n1,2,3\n4,5,6\n',
  'blank lines': '\n\nage,height,weight\n\n1,2,3\r\n\r\n4,5,6\n\n\n',
  'quotes around everything': '"age","height","weight"\n"1","2","3"\n"4","5","6"\n',
  'another order': 'weight,age,height\n3,1,2\n6,4,5\n',
  spaces: ' age , height,weight \n 1 ,2, 3\n4 ,\t5,6\n',
  'numbers in other ways': 'age,height,weight\n1.0,+2,3e0\n4.,.5e1,600E-2\n',
};

describe('CSV', () => {
  let expected: string;
  beforeAll(async () => {
    expected = (await run(['predict', 'named.nut', 'rows.json', '--method', 'raw'])).out;
    expect(JSON.parse(expected)).toHaveLength(2);
  });

  test.concurrent.each(Object.keys(sameCsv))('%s', async (name) => {
    const result = await run(
      ['predict', 'named.nut', '-', '--input-format', 'csv', '--method', 'raw'],
      sameCsv[name]!,
    );
    expect(result).toEqual({ code: 0, out: expected, err: '' });
  });

  test.concurrent.each<[string, string, RegExp]>([
    [
      'a cell that is no number',
      'age,height,weight\n1,2,3\n4,tall,6\n',
      /line 3, column "height": expected a number, found "tall" \(input-type\)/,
    ],
    [
      'lines counted with blank ones and breaks in quotes',
      'age,height,weight\n\n"1\n",2,3\n4,x,6\n',
      /line 5, column "height"/,
    ],
    [
      'a cell of text that looks like code',
      'age,height,weight\n1,"=cmd|\'x\'!A1\u001b[2J",3\n',
      /line 2, column "height"/,
    ],
    ['hexadecimal', 'age,height,weight\n1,0x10,3\n', /line 2, column "height"/],
    ['a thousands separator', 'age,height,weight\n1,1_000,3\n', /line 2, column "height"/],
    [
      'a missing cell',
      'age,height,weight\n1,2\n',
      /line 2: expected 3 values, found 2 \(input-shape\)/,
    ],
    [
      'a cell too many',
      'age,height,weight\n1,2,3\n1,2,3,4\n',
      /line 3: expected 3 values, found 4/,
    ],
    [
      'an empty cell where none may be missing',
      'age,height,weight\n1,,3\n',
      /row 0, column "height".*missing/,
    ],
    [
      'a column twice',
      'age,height,age\n1,2,3\n',
      /line 1: a column name appears twice \(input-columns\)/,
    ],
    ['a renamed column', 'age,Height,weight\n1,2,3\n', /perhaps "Height" should be "height"/],
    ['no header', '1,2,3\n', /line 1: missing "age", "height", "weight"/],
    ['semicolons', 'age;height;weight\n1;2;3\n', /not known to the model: "age;height;weight"/],
    ['old Mac line ends', 'age,height,weight\r1,2,3\r', /line 1/],
    [
      'a quote without an end',
      'age,height,weight\n1,"2,3\n4,5,6\n',
      /line 2: a quote without an end, .*\(malformed\)/,
    ],
    ['text after a quote', 'age,height,weight\n1,"2"x,3\n', /line 2: .*text after a closing quote/],
    [
      'a number of a million digits and a letter',
      `age,height,weight\n1,${'1'.repeat(1e6)}x,3\n`,
      /line 2, column "height"/,
    ],
    [
      'a column named __proto__',
      'age,height,__proto__\n1,2,3\n',
      /not known to the model: "__proto__"/,
    ],
    ['UTF-16', Buffer.from('age,height,weight\n1,2,3\n', 'utf16le').toString('latin1'), /line 1/],
  ])('%s is named', async (_, text, message) => {
    const started = performance.now();
    expect(await failure(3, ['predict', 'named.nut', '-', '--input-format', 'csv'], text)).toMatch(
      message,
    );
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test.concurrent('a megabyte of quotes in a string without an end is refused at once', async () => {
    const text = `["${'\\"'.repeat(500_000)}`;
    const started = performance.now();
    expect(await failure(3, ['predict', 'named.nut', '-', '--from', 'ndjson'], text)).toContain(
      '(malformed)',
    );
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test.concurrent('names with spaces and commas of the model’s own', async () => {
    const text = '"a,""b", age,age\n3,2,1\n6,5,4\n';
    const result = await run(
      ['predict', 'spaced.nut', '-', '--input-format', 'csv', '--method', 'raw'],
      text,
    );
    expect(result).toEqual({ code: 0, out: expected, err: '' });
  });

  test.concurrent('without names in the model, a header is skipped and a first row with a number is not', async () => {
    const predict = (text: string) =>
      run(['predict', 'unnamed.nut', '-', '--input-format', 'csv', '--method', 'raw'], text);
    for (const text of ['1,2,3\n4,5,6\n', 'x,y,z\n1,2,3\n4,5,6\n'])
      expect((await predict(text)).out).toBe(expected);
    expect(
      await failure(3, ['predict', 'unnamed.nut', '-', '--input-format', 'csv'], '1,two,3\n'),
    ).toMatch(/line 1, column 1/);
  });

  test.concurrent('an empty file has no rows, and neither has a header', async () => {
    for (const text of ['', 'age,height,weight\n'])
      expect(await run(['predict', 'named.nut', '-', '--input-format', 'csv'], text)).toMatchObject(
        { code: 0, out: '[]\n' },
      );
  });
});

describe('JSON and ndjson', () => {
  test.concurrent.each<[string, string, string, RegExp]>([
    ['json', 'text that is no JSON', '[[1,2,3],\n\u001b', /input: this is not JSON/],
    ['json', 'a number', '7', /expected a JSON array/],
    ['json', 'one flat row', '[1,2,3]', /expected several rows/],
    ['json', 'a row too short', '[[1,2,3],[1,2]]', /row 1: expected 3 values, found 2/],
    ['json', 'text in a cell', '[[1,2,3],[1,"2",3]]', /row 1, column "height"/],
    [
      'json',
      'a cell that is an object with a toString of its own',
      '[[1,{"toString":1},3]]',
      /row 0, column "height"/,
    ],
    [
      'json',
      'a record with __proto__',
      '[{"age":1,"height":2,"weight":3,"__proto__":{"x":1}}]',
      /not known to the model: "__proto__"/,
    ],
    ['json', 'a hundred thousand levels', '['.repeat(1e5) + ']'.repeat(1e5), /row 0/],
    ['ndjson', 'a line that is no JSON', '[1,2,3]\n\n[1,2,\n[4,5,6]\n', /line 3: this is not JSON/],
    ['ndjson', 'a row too short', '[1,2,3]\n[1,2]\n', /row 1: expected 3 values, found 2/],
    [
      'ndjson',
      'a row beyond the first chunk',
      `${'[1,2,3]\n'.repeat(20_000)}[1,null,3]\n`,
      /row 20000, column "height"/,
    ],
  ])('%s: %s', async (format, _, text, message) => {
    const output = inFolder(`never-${message.source.length}-${text.length}.json`);
    const err = await failure(
      3,
      ['predict', 'named.nut', '-', '--input-format', format, '-o', output],
      text,
    );
    expect(err).toMatch(message);
    expect(existsSync(output)).toBe(false);
  });

  test.concurrent('a byte-order mark and CR LF are passed over', async () => {
    const json = await run(['predict', 'named.nut', '-'], '\ufeff[[1,2,3],\r\n[4,5,6]]\r\n');
    const ndjson = await run(
      ['predict', 'named.nut', '-'],
      '\ufeff{"age":1,"weight":3,"height":2}\r\n\r\n[4,5,6]\r\n',
    );
    expect([json.code, ndjson.code]).toEqual([0, 0]);
    expect(ndjson.out).toBe(json.out);
  });
});

describe('output', () => {
  test('the same bytes from the export, from .nut, from a gzipped export and from standard input, in every format', async () => {
    const sources = new Map([
      ['hand-made', readFileSync(inFolder('export.json'))],
      ...findExports(60_000)
        .slice(0, 1)
        .map((one) => ['fixture', one.bytes] as const),
    ]);
    for (const [name, bytes] of sources) {
      const json = write(`${name}.json`, bytes);
      const gzipped = write(`${name}.json.gz`, gzipSync(bytes));
      const nut = write(`${name}-converted.nut`, writeNut(await importModel(bytes)));
      const model = createModel(await importModel(bytes));
      const rows = Array.from({ length: 40 }, (_, r) =>
        Array.from({ length: model.nFeatures }, (_, c) => Math.fround(Math.sin(r * 7 + c) * 2)),
      );
      const text = JSON.stringify(rows);
      const file = write(`${name}-rows.json`, text);
      for (const format of name === 'fixture' ? ['json'] : ['json', 'csv', 'ndjson']) {
        const options = [
          '--format',
          format,
          '--method',
          name === 'fixture' ? 'predict' : 'predict_proba',
        ];
        const [a, b, c, d, e] = await Promise.all([
          run(['predict', json, file, ...options]),
          run(['predict', nut, file, ...options]),
          run(['predict', nut, '-', ...options], text),
          run(['predict', nut, file, ...options, '-o', inFolder(`${name}-answers.${format}`)]),
          run(['predict', gzipped, file, ...options]),
        ]);
        expect(a).toMatchObject({ code: 0, err: '' });
        expect(a!.out.length).toBeGreaterThan(40);
        expect([b, c, e]).toEqual([a, a, a]);
        expect(d).toMatchObject({ code: 0, err: '' });
        expect(d!.out).toMatch(/^40 rows, in /);
        expect(readFileSync(inFolder(`${name}-answers.${format}`), 'utf8')).toBe(a!.out);
      }
    }
  });

  test('a file is written whole or not at all, and an old one stays where rows are bad', async () => {
    write('kept.json', 'old');
    const bad = `${'[1,2,3]\n'.repeat(20_000)}[1,"x",3]\n`;
    await failure(
      3,
      ['predict', 'named.nut', '-', '--input-format', 'ndjson', '-o', inFolder('kept.json')],
      bad,
    );
    expect(readFileSync(inFolder('kept.json'), 'utf8')).toBe('old');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await run(['predict', 'named.nut', 'rows.csv', '-o', inFolder('kept.json')]);
    expect(JSON.parse(readFileSync(inFolder('kept.json'), 'utf8'))).toHaveLength(2);
  });

  test('a folder as the output is an error, and nothing stays behind', async () => {
    const err = await failure(3, ['predict', 'named.nut', 'rows.csv', '-o', folder]);
    expect(err).toContain('(io)');
    expect(statSync(folder).isDirectory()).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  // Linux has a device that is always full.
  test.skipIf(!existsSync('/dev/full'))('standard output that is full is an error', () => {
    for (const args of [
      ['predict', 'named.nut', 'rows.csv'],
      ['inspect', 'named.nut'],
      ['--help'],
    ]) {
      const full = openSync('/dev/full', 'w');
      const { status, stderr } = spawnSync(process.execPath, [main, ...args], {
        ...{ cwd: folder, encoding: 'utf8', stdio: ['ignore', full, 'pipe'] },
      });
      closeSync(full);
      expect({ status, stderr }).toEqual({
        status: 3,
        stderr: expect.stringMatching(
          /^nuthatch: cannot write to standard output: ENOSPC[^\n]*\(io\)\n$/,
        ),
      });
    }
  });

  test('a reader that closes the pipe ends the command without noise', async () => {
    write('many.ndjson', '[1,2,3]\n'.repeat(400_000));
    const child = spawn(
      process.execPath,
      [
        main,
        'predict',
        'named.nut',
        'many.ndjson',
        '--method',
        'predict_proba',
        '--format',
        'ndjson',
      ],
      { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdout.destroy();
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
});
