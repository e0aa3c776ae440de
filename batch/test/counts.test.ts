import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Model } from 'nuthatch';
import { loadFile } from 'nuthatch/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ErrorRule, type PredictOptions, predictFiles } from '../src/index.js';

/** Every row of dirty files is written or rejected, in its order, and none twice. */
const folder = mkdtempSync(join(tmpdir(), 'nuthatch-counts-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fixture = (path: string) => fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url));
const names = readFileSync(fixture('demo/rows.csv'), 'utf8').split('\n')[0]!.split(',');

let model: Model;
beforeAll(async () => {
  model = await loadFile(fixture('demo/model.json'));
});

async function predict(name: string, text: string, options: Partial<PredictOptions>) {
  const [input, output, rejects] = [name, 'out', 'bad'].map((file) => join(folder, file));
  writeFileSync(input!, text);
  const summary = await predictFiles({
    model,
    inputs: [input!],
    methods: ['predict'],
    columns: ['id'],
    from: null,
    to: 'ndjson',
    output: output!,
    onError: 'reject',
    rejects: rejects!,
    threads: 1,
    ...options,
  });
  const parse = (path: string) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  return { summary, out: parse(output!), bad: options.onError ? [] : parse(rejects!) };
}

/** What stands in an input: what is no row, a row that is answered, or one that cannot be. */
type Line = { readonly kind: 'none' | 'good' | 'bad'; readonly text: string };
const lineOf = (kind: Line['kind'], texts: fc.Arbitrary<string>): fc.Arbitrary<Line> =>
  texts.map((text) => ({ kind, text }));
const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map(String);
const cells = (cell: fc.Arbitrary<string>, least = 4, most = 4) =>
  fc.array(cell, { minLength: least, maxLength: most });

const csvLines = fc.oneof(
  lineOf('none', fc.constant('')),
  lineOf(
    'good',
    cells(
      fc.oneof(
        number,
        number.map((text) => `"${text}"`),
      ),
    ).map((row) => row.join(',')),
  ),
  lineOf(
    'bad',
    cells(number, 0, 3).map((row) => row.join(',') || 'x'),
  ),
  lineOf(
    'bad',
    cells(number, 5, 7).map((row) => row.join(',')),
  ),
  lineOf(
    'bad',
    fc
      .tuple(
        cells(number),
        fc.nat(3),
        fc.constantFrom('x', '"a\nb"', '"a"b', '"a,""\r\n"', 'inf', '1e999', '1_0', '\u0000'),
      )
      .map(([row, at, cell]) => row.with(at, cell).join(',')),
  ),
);

const record = (row: readonly string[]) =>
  row.map((cell, i) => `${JSON.stringify(names[i])}:${cell}`).join(',');
const jsonLines = fc.oneof(
  lineOf('none', fc.constantFrom('', ' ', '\t')),
  lineOf(
    'good',
    cells(number).map((row) => `{${record(row)},"id":ID}`),
  ),
  lineOf(
    'bad',
    cells(number, 1, 3).map((row) => `{${record(row)},"id":ID}`),
  ),
  lineOf(
    'bad',
    fc.constantFrom(
      '{',
      '"',
      '[1,2,3',
      'null',
      '7',
      '{"__proto__":1}',
      '[]',
      '[1,2,3,4,5]',
      '\u0000',
    ),
  ),
  lineOf(
    'bad',
    fc
      .tuple(cells(number), fc.nat(3), fc.constantFrom('"x"', 'Infinity', '[1]', '{}', '1e999'))
      .map(([row, at, cell]) => `{${record(row.with(at, cell))},"id":ID}`),
  ),
);

/** Rows have numbers as `id`, where they have one. */
async function check(name: string, lines: readonly Line[], text: string): Promise<void> {
  const rows = lines.filter(({ kind }) => kind !== 'none');
  const places = (kind: Line['kind']) =>
    rows.flatMap((row, place) => (row.kind === kind ? [place] : []));
  const { summary, out, bad } = await predict(name, text, {});
  const rejected = places('bad').length;
  expect(summary).toMatchObject({
    rows: rows.length,
    written: rows.length - rejected,
    rejected,
    unanswered: 0,
  });
  expect(out.map(({ id }) => Number(id))).toEqual(places('good'));
  expect(bad.map(({ row }) => row)).toEqual(places('bad'));
  const kept = await predict(name, text, { onError: 'null' satisfies ErrorRule });
  expect(kept.summary).toMatchObject({ written: rows.length, rejected: 0, unanswered: rejected });
  expect(kept.out).toHaveLength(rows.length);
  const answers = kept.out.filter((_, place) => rows[place]!.kind === 'good');
  expect(answers).toEqual(out);
}

test('CSV: rows in are rows out and rows rejected', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(csvLines, { maxLength: 30 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      (lines, lineBreak, ends) => {
        let row = 0;
        const texts = lines.map(({ kind, text }) => (kind === 'none' ? '' : `${row++},${text}`));
        const text = ['id,'.concat(names.join(',')), ...texts].join(lineBreak);
        return check('dirty.csv', lines, text + (ends ? lineBreak : ''));
      },
    ),
    { numRuns: 25, seed: 1 },
  ));

test('NDJSON: rows in are rows out and rows rejected', () =>
  fc.assert(
    fc.asyncProperty(fc.array(jsonLines, { maxLength: 30 }), fc.boolean(), (lines, ends) => {
      let row = 0;
      const texts = lines.map(({ kind, text }) =>
        text.replace('ID', String(kind === 'none' ? 0 : row++)),
      );
      return check('dirty.ndjson', lines, texts.join('\n') + (ends ? '\n' : ''));
    }),
    { numRuns: 25, seed: 1 },
  ));
