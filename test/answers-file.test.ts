import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importModel, writeNut } from '../formats/index.js';
import { readGolden } from '../src/cli/answers-file.js';
import {
  type GoldenPart,
  type GoldenSet,
  goldenRow,
  type InputSpec,
  inputNames,
  type ModelDescription,
} from '../src/ir/index.js';
import { verify } from '../src/verify.js';
import { runCli } from './run-cli.js';

/** Rows with answers as a person writes them in Python: what `verify` replays and `convert --golden` keeps. */
const project = fileURLToPath(new URL('..', import.meta.url));
const demo = join(project, 'fixtures/demo/model.json');
const models = [
  demo,
  join(project, 'examples/titanic/model.json'),
  join(project, 'examples/messages/model.json'),
  join(project, 'fixtures/models/sklearn-1.9/multi-output-classifier/model.json'),
  join(project, 'fixtures/models/sklearn-1.9/lars-three-targets/model.json'),
];

let folder: string;
let out: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nuthatch-answers-'));
  out = join(folder, 'out.nut');
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const run = (...args: string[]) => runCli(args, folder);

/** A golden set of the exporter's, as `json.dump` of lists would have written it. */
function writtenBy(set: GoldenSet, input: InputSpec): Record<string, unknown> {
  const plain = (part: GoldenPart) => {
    const cells = Array.from(
      part.values as ArrayLike<unknown>,
      (value, i) => part.strings?.[i] ?? value,
    );
    const [rows, width] = part.shape as [number, number | undefined];
    if (width === undefined) return cells;
    return Array.from({ length: rows }, (_, row) => cells.slice(row * width, (row + 1) * width));
  };
  const answers = set.outputs.map(({ method, list, parts }) => [
    method,
    list ? parts.map(plain) : plain(parts[0]!),
  ]);
  return { rows: rowsOf(set, input), ...Object.fromEntries(answers) };
}

function rowsOf({ input }: GoldenSet, spec: InputSpec): unknown[] {
  return Array.from({ length: input.rows }, (_, row) => {
    if (input.type === 'columns') return goldenRow(input, inputNames(spec), row);
    return Array.from(input.data.subarray(row * input.columns, (row + 1) * input.columns));
  });
}

/** As Python's `json` writes it, which knows numbers that JSON has not. */
const pythonJson = (value: unknown): string =>
  JSON.stringify(value, (_, cell) =>
    typeof cell === 'number' && !Number.isFinite(cell) ? `<${cell}>` : cell,
  ).replace(/"<(-?\w+)>"/g, '$1');

const read = async (path: string): Promise<ModelDescription> => importModel(readFileSync(path));

test.each(models)('a written set is compared as the exporter’s: %s', async (path) => {
  const model = await read(path);
  const set = model.golden.find(({ name }) => name === 'rows')!;
  const answers = file('answers.json', pythonJson(writtenBy(set, model.input)));
  const found = await readGolden(answers, model);
  const expected = verify(model, [set]).map((one) => ({ ...one, set: 'answers' }));
  expect(expected.length).toBeGreaterThan(0);
  expect(verify(model, found)).toEqual(expected);
});

test('convert replays the answers and keeps them; without any, verify says how to write some', async () => {
  const model = await read(demo);
  const bare = file('bare.nut', writeNut({ ...model, golden: [] }));
  const { status, stderr } = await run('verify', bare);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringContaining('give a file of rows with answers'),
  });
  const set = model.golden.find(({ name }) => name === 'rows')!;
  const answers = file('answers.json', pythonJson(writtenBy(set, model.input)));
  const converted = await run('convert', bare, '--golden', answers, '-o', out);
  expect(converted).toMatchObject({ status: 0, stderr: '' });
  expect(converted.stdout).toMatch(/golden values replayed, all hold/);
  const kept = await read(out);
  expect(kept.golden.map(({ name }) => name)).toEqual(['answers']);
  expect((await run('verify', bare, answers)).stdout).toBe((await run('verify', out)).stdout);
});

test('where an answer differs, convert tells which and writes nothing', async () => {
  const model = await read(demo);
  const answers = writtenBy(model.golden[0]!, model.input);
  (answers.predict as unknown[])[3] = 'a tulip';
  const path = file('wrong.json', pythonJson(answers));
  const none = join(folder, 'none.nut');
  const { status, stderr } = await run('convert', demo, '--golden', path, '-o', none);
  expect({ status, exists: existsSync(none) }).toEqual({ status: 1, exists: false });
  expect(stderr).toMatch(/answers, predict, row 3, column 0: expected a tulip, found/);
});

describe('a file that does not fit is refused', () => {
  test.each<[string, string, RegExp]>([
    ['no answers', '{"rows": [[1, 2, 3, 4]]}', /no answers to them/],
    ['no rows', '{"rows": [], "predict": []}', /there are none/],
    ['something else', '[1, 2]', /neither a model with golden rows nor rows with answers/],
    ['no JSON', '{"rows": [[1, 2, NaN, Nan]]}', /not JSON/],
    ['other columns', '{"rows": [[1, 2]], "predict": ["setosa"]}', /expected 4/],
    ['other methods', '{"rows": [[1, 2, 3, 4]], "prediction": ["setosa"]}', /there are predict,/],
    ['too few', '{"rows": [[1, 2, 3, 4]], "predict": []}', /expected 1 answers, found 0/],
    [
      'ragged',
      '{"rows": [[1, 2, 3, 4], [1, 2, 3, 4]], "predict_proba": [[1, 0], [1]]}',
      /differ in shape/,
    ],
    ['objects', '{"rows": [[1, 2, 3, 4]], "predict": [{}]}', /an answer that is/],
  ])('%s', async (_, content, message) => {
    const model = await read(demo);
    await expect(readGolden(file('refused.json', content), model)).rejects.toThrow(message);
  });

  test('a model without golden rows', async () => {
    const model = await read(demo);
    const bare = file('bare.nut', writeNut({ ...model, golden: [] }));
    await expect(readGolden(bare, model)).rejects.toThrow(/no golden rows in this model/);
  });
});
