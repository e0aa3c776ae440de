import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Model } from 'nuthatch';
import { loadFile } from 'nuthatch/node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { formats, type PredictOptions, predictFiles } from '../src/index.js';
import { openFile } from '../src/output.js';

/** Jobs end at any moment, and a later run makes of what is left the file that an undisturbed one makes. */
const root = mkdtempSync(join(tmpdir(), 'nuthatch-resume-'));
afterAll(() => rmSync(root, { recursive: true }));
const fixture = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const [head, ...lines] = readFileSync(fixture('fixtures/demo/rows.csv'), 'utf8').trim().split('\n');

let model: Model;
let folder = '';
let count = 0;
const at = (name: string): string => join(folder, name);
const inputs = ['0.csv', '1.csv.gz', '2.ndjson', '3.csv', '4.json', '5.csv'];

beforeAll(async () => {
  model = await loadFile(fixture('fixtures/demo/model.json'));
});

/** Files of a piece each, with bad rows among the good ones. */
beforeEach(() => {
  folder = join(root, String(count++));
  mkdirSync(folder);
  const names = head!.split(',');
  inputs.forEach((name, i) => {
    const rows = [...lines.slice(i), ...(i % 2 ? ['1,2,x,4', '1,2,3'] : [])];
    const records = rows.map((row) =>
      Object.fromEntries(row.split(',').map((cell, k) => [names[k], Number(cell)])),
    );
    const text = name.endsWith('.json')
      ? JSON.stringify(records)
      : name.endsWith('.ndjson')
        ? `${records.map((record) => JSON.stringify(record)).join('\n')}\n{"a":\n`
        : `${[head, ...rows].join('\n')}\n`;
    writeFileSync(at(name), name.endsWith('.gz') ? gzipSync(text) : text);
  });
});

/** Runs a job that is told to end after so many pieces. */
function predict(options: Partial<PredictOptions> = {}, most = Number.POSITIVE_INFINITY) {
  const controller = new AbortController();
  let pieces = 0;
  return predictFiles({
    model,
    inputs: inputs.map(at),
    methods: ['predict_proba'],
    columns: [],
    from: null,
    to: 'csv',
    output: at('out'),
    onError: 'reject',
    rejects: at('bad.ndjson'),
    threads: 1,
    fingerprint: 'a model',
    resume: true,
    signal: controller.signal,
    ...options,
    progress(done) {
      if (++pieces >= most) controller.abort();
      options.progress?.(done);
    },
  });
}

function abortion(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

const written = () => ['out', 'bad.ndjson'].map((name) => readFileSync(at(name), 'latin1'));
const leavings = () => readdirSync(folder).filter((name) => name.includes('.partial'));

async function undisturbed(options: Partial<PredictOptions> = {}) {
  const summary = await predict({ ...options, resume: false });
  const files = written();
  for (const name of ['out', 'bad.ndjson']) rmSync(at(name));
  return { summary, files };
}

describe('an output that is continued', () => {
  test('that is compressed', async () => {
    const output = at('out.csv.gz');
    await predict({ output, resume: false });
    const whole = readFileSync(output);
    rmSync(output);
    expect((await predict({ output }, 2)).end).toBe('resumable');
    expect(await predict({ output })).toMatchObject({ end: 'done' });
    expect(readFileSync(output).equals(whole)).toBe(true);
  });

  test.each(['csv', 'arrow', 'parquet'] as const)(
    '%s: of which only the end is missing',
    async (to) => {
      // As many rows as a group of Parquet has.
      const rows = Array.from({ length: 2 ** 17 }, (_, i) => lines[i % lines.length]);
      writeFileSync(at('0.csv'), `${[head, ...rows].join('\n')}\n`);
      const options = { to, inputs: [at('0.csv')], columns: [head!.split(',')[0]!] };
      const { files } = await undisturbed(options);
      const { signal, abort } = abortion();
      const progress = (done: { readonly rows: number }) => done.rows === rows.length && abort();
      const cut = await predict({ ...options, signal, progress });
      expect(cut).toMatchObject({ end: 'resumable', rows: rows.length });
      expect(await predict(options)).toMatchObject({ end: 'done', resumed: rows.length });
      expect(written()).toEqual(files);
    },
  );

  // Rows of Parquet wait for their group.
  test.each(formats.filter((to) => to !== 'parquet'))(
    '%s: run by run, a piece each',
    async (to) => {
      const { summary, files } = await undisturbed({ to });
      let runs = 0;
      for (let rows = 0; ; runs++) {
        const found = await predict({ to }, 1);
        expect(found.resumed).toBe(rows);
        rows = found.rows;
        if (found.end === 'done') {
          expect({ ...found, resumed: 0 }).toEqual(summary);
          break;
        }
        expect(found.end).toBe('resumable');
        expect(existsSync(at('out'))).toBe(false);
      }
      expect(runs).toBe(inputs.length);
      expect(written()).toEqual(files);
      expect(leavings()).toEqual([]);
    },
  );

  test('in the middle of a file, in threads', async () => {
    const many = Array.from({ length: 66_000 }, (_, i) => `${lines[i % 10]}${i}`);
    many[50_000] = 'bad';
    writeFileSync(at('many.csv'), [head, ...many].join('\n'));
    const options = { inputs: [at('many.csv')], threads: 2, methods: ['predict'] } as const;
    const { files } = await undisturbed(options);
    expect(await predict(options, 2)).toMatchObject({ end: 'resumable', rows: 65_535 });
    expect(await predict(options)).toMatchObject({ end: 'done', rows: 66_000, resumed: 65_535 });
    expect(written()).toEqual(files);
  });

  test('wherever its journal was cut, and whatever stands behind what that speaks of', async () => {
    const { files } = await undisturbed();
    const found = new Set<number>();
    for (let cut = 0; ; cut += 157) {
      for (let run = 1; run <= 3; run++) await predict({}, 1);
      const { size } = statSync(at('out.partial.journal'));
      truncateSync(at('out.partial.journal'), Math.max(0, size - cut));
      for (const name of ['out.partial', 'bad.ndjson.partial'])
        appendFileSync(at(name), 'unsynced');
      const { resumed } = await predict();
      found.add(resumed);
      expect(written()).toEqual(files);
      if (cut > size) break;
    }
    expect(found.size).toBe(4);
  });

  test('that lacks nothing but names', async () => {
    const { summary, files } = await undisturbed();
    // A folder stands where a file is to be: the first gets its name, the second cannot.
    const progress = () => mkdirSync(at('out'), { recursive: true });
    await predict({}, 1);
    await expect(predict({ progress })).rejects.toMatchObject({
      code: 'io',
      message: expect.stringMatching(/--resume continues what is written$/),
    });
    expect(leavings()).toEqual(['out.partial', 'out.partial.journal']);
    rmdirSync(at('out'));
    expect(await predict()).toEqual({ ...summary, resumed: summary.rows });
    expect(written()).toEqual(files);
    expect(leavings()).toEqual([]);
  });
});

describe('an output that is not', () => {
  const refused: [string, () => Partial<PredictOptions>, RegExp][] = [
    ['of another model', () => ({ fingerprint: 'another' }), /another model/],
    ['by another method', () => ({ methods: ['predict'] }), /methods \["predict_proba"\], now/],
    ['of other inputs', () => ({ inputs: [at('0.csv')] }), /6 inputs/],
    [
      'of an input that has grown',
      () => {
        appendFileSync(at('5.csv'), lines[0]!);
        return {};
      },
      /5\.csv" has changed/,
    ],
    [
      'of an input whose first bytes are others',
      () => {
        const bytes = readFileSync(at('0.csv'));
        bytes[bytes.length - 2] = 57;
        writeFileSync(at('0.csv'), bytes);
        utimesSync(at('0.csv'), new Date(0), new Date(0));
        return {};
      },
      /0\.csv" has changed/,
    ],
  ];
  test.each(refused)('%s is refused', async (_, change, message) => {
    utimesSync(at('0.csv'), new Date(0), new Date(0));
    await predict({}, 1);
    const before = leavings();
    await expect(predict(change())).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
    });
    expect(leavings()).toEqual(before);
  });

  test('begins again where its file is another one, or was cut', async () => {
    const { files } = await undisturbed();
    await predict({}, 2);
    const bytes = readFileSync(at('out.partial'));
    rmSync(at('out.partial'));
    writeFileSync(at('out.partial'), bytes);
    expect(await predict({}, 2)).toMatchObject({ resumed: 0, end: 'resumable' });
    truncateSync(at('out.partial'), 5);
    expect(await predict()).toMatchObject({ resumed: 0, end: 'done' });
    expect(written()).toEqual(files);
  });

  test('leaves nothing where it cannot be continued', async () => {
    expect(await predict({ resume: false, fingerprint: null }, 1)).toMatchObject({
      end: 'given up',
    });
    expect(leavings()).toEqual([]);
  });

  test('is told why', async () => {
    const usage = { code: 'usage' };
    await expect(predict({ output: null })).rejects.toMatchObject(usage);
    await expect(predict({ inputs: ['-'] })).rejects.toMatchObject(usage);
  });

  test('replaces what an earlier run left', async () => {
    const { files } = await undisturbed();
    await predict({}, 3);
    expect(await predict({ resume: false })).toMatchObject({ resumed: 0, end: 'done' });
    expect(written()).toEqual(files);
    expect(leavings()).toEqual([]);
  });

  test('may be a device, which is left what it is', async () => {
    symlinkSync('/dev/null', at('sink'));
    const output = await openFile(at('sink'), null);
    expect(output.file).toBe(null);
    await output.write(Buffer.from('rows'));
    await output.sync();
    await output.finish();
    expect(readdirSync(folder).filter((name) => name.startsWith('sink'))).toEqual(['sink']);
    expect(lstatSync(at('sink')).isSymbolicLink()).toBe(true);
  });

  test('is no input of a later job', async () => {
    await predict({ output: at('scores.csv') }, 3);
    const { rows } = await predict({ inputs: [folder], output: at('all.csv'), rejects: null });
    expect(rows).toBe((await undisturbed()).summary.rows);
  });
});
