import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { importModel, writeNut } from '../formats/index.js';
import { createModel, load, type Model, webAssembly } from '../src/index.js';
import { ulpOf } from '../src/math/ulp.js';
import { ask, mostSteps, numbersOf } from './boosting/answers.js';

/** Every folder below fixtures/boosting: a file that a library of boosting wrote, and what the library answers. See make.py there. */
const folder = fileURLToPath(new URL('../fixtures/boosting/', import.meta.url));
const cases = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('answers.json'))
  .map((path) => dirname(path))
  .sort();

interface Answers {
  readonly library: string;
  readonly columns: number;
  readonly rows: string;
  readonly answers: Readonly<Record<string, string>>;
}

test('there are files of both libraries', () => {
  const libraries = new Set(cases.map((path) => path.split(/[-/]/)[0]));
  expect([...libraries]).toEqual(['lightgbm']);
});

test.each(cases)('%s answers as the library does, as .nut too', async (path) => {
  const files = readdirSync(join(folder, path));
  const model = files.find((name) => name.startsWith('model.'))!;
  const said = JSON.parse(readFileSync(join(folder, path, 'answers.json'), 'utf8')) as Answers;
  const imported = await importModel(readFileSync(join(folder, path, model)));
  const written = writeNut(imported);
  expect(Buffer.compare(writeNut(await importModel(written)), written)).toBe(0);
  const single = said.library === 'xgboost';
  const made = [createModel(imported), load(written), load(written, { accelerator: webAssembly })];
  for (const one of made) compare(one, said, single);
});

function compare(model: Model, { rows, columns: cols, answers }: Answers, single: boolean): void {
  const data = numbersOf(rows);
  for (const [method, text] of Object.entries(answers)) {
    const wanted = numbersOf(text);
    const found = ask(model, method, { data, rows: data.length / cols, cols });
    expect(found.length).toBe(wanted.length);
    const most = method === 'raw' ? 0 : mostSteps;
    const off = found.flatMap((value, i) => {
      const step = ulpOf(wanted[i]!) * (single ? 2 ** 29 : 1);
      return Math.abs(value - wanted[i]!) <= most * step ? [] : [{ i, value, wanted: wanted[i] }];
    });
    expect({ method, off }).toEqual({ method, off: [] });
  }
}
