import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { importModel } from '../formats/index.js';
import { readNut, writeNut } from '../formats/nut/index.js';
import { allKinds, compileModel, createCompiler } from '../src/compile/compile.js';
import { createModel, load, type Model, methodNames } from '../src/index.js';
import { readInput } from '../src/input/read.js';
import { createTarget } from '../src/input/target.js';
import { goldenRow, inputNames, type ModelDescription, typeOfInput } from '../src/ir/index.js';
import { transformAll } from '../src/transform-all.js';
import { answersOf } from './conformance/rows-alone.js';
import { fuzzRuns, fuzzSeed } from './hostile/random.js';

/** What holds for every model, tried on the fixtures of the newest version, and on frozen files: a new kind is tried once it has a fixture. */

const folder = fileURLToPath(new URL('../fixtures/', import.meta.url));
const fixtures = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) =>
    /^((demo|pipelines|models.sklearn-1\.9)\b.*model\.json|releases.1\.1.*\.nut)$/.test(path),
  )
  .sort();
const mostRows = 8;

const bytesOf = (fixture: string) => readFileSync(join(folder, fixture));

/** Some of the rows that Python answered, as a person gives them. */
function rowsOf({ golden, input: spec }: ModelDescription): unknown[] {
  const { input } = golden[0]!;
  const count = Math.min(mostRows, input.rows);
  return Array.from({ length: count }, (_, row) => {
    if (input.type === 'columns') return goldenRow(input, inputNames(spec), row);
    return Array.from(input.data.subarray(row * input.columns, (row + 1) * input.columns));
  });
}

/** What every method answers, row by row. */
function ask(model: Model, rows: readonly unknown[]): Record<string, readonly unknown[]> {
  const methods = model.methods.filter((method) => method !== 'decision_path');
  return Object.fromEntries(
    methods.map((method) => {
      const run = (model as unknown as Record<string, (X: unknown) => unknown>)[
        methodNames[method]
      ]!;
      return [method, answersOf(run(rows))];
    }),
  );
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.values(value).forEach(freeze);
  Object.freeze(value);
}

/** The raw scores, or the rows that a transformer makes, step by step. */
function runSteps({ root, input }: ModelDescription, rows: readonly unknown[]): unknown {
  const compile = createCompiler(allKinds());
  let value = readInput(input, rows, createTarget(input, 0));
  let given = typeOfInput(input);
  let names: ReturnType<typeof inputNames> | (string | number)[] | null = inputNames(input);
  for (const step of root.kind === 'pipeline' ? root.steps : [root]) {
    const part = compile(step, given, names);
    if ('score' in part) {
      const scores = new Float64Array(rows.length * part.outputs);
      part.score(value, scores);
      return scores;
    }
    value = part.transform(value);
    given = part.gives;
    names = part.names as typeof names;
  }
  const last = { gives: given, names, transform: () => value };
  return transformAll(last, value);
}

/** The same of the whole. */
function runWhole(description: ModelDescription, rows: readonly unknown[]): unknown {
  const { input } = description;
  const compiled = compileModel(description);
  const value = readInput(input, rows, createTarget(input, 0));
  if (!('score' in compiled)) return transformAll(compiled, value);
  const scores = new Float64Array(rows.length * compiled.outputs);
  compiled.score(value, scores);
  return scores;
}

const seen = new Set<string>();

function collectKinds(value: unknown): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  const { kind } = value as { kind?: unknown };
  if (typeof kind === 'string') seen.add(kind);
  Object.values(value).forEach(collectKinds);
}

describe.each(fixtures)('%s', (fixture) => {
  test('a batch equals its rows in any order, and leaves them as they are', async () => {
    const description = await importModel(bytesOf(fixture));
    const model = createModel(description);
    const rows = rowsOf(description);
    freeze(rows);
    const whole = ask(model, rows);
    rows.forEach((row, i) => {
      const alone = ask(model, [row]);
      for (const [method, answers] of Object.entries(alone))
        expect(answers[0], `${method}, row ${i}`).toEqual(whole[method]![i]);
    });
    const order = fc.array(fc.nat({ max: rows.length - 1 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(order, (chosen) => {
        const found = ask(
          model,
          chosen.map((i) => rows[i]!),
        );
        for (const [method, answers] of Object.entries(found))
          expect(answers, method).toEqual(chosen.map((i) => whole[method]![i]));
      }),
      { seed: 47 + fuzzSeed, numRuns: 2 * fuzzRuns },
    );
  });

  test('is equal to its steps, one after another', async () => {
    const description = await importModel(bytesOf(fixture));
    const rows = rowsOf(description);
    expect(runSteps(description, rows)).toEqual(runWhole(description, rows));
  });

  test('imports, writes and reads without a change of a bit', async () => {
    const description = await importModel(bytesOf(fixture));
    collectKinds(description.root);
    const written = writeNut(description);
    const read = readNut(written);
    expect(isDeepStrictEqual(read, description)).toBe(true);
    expect(Buffer.compare(writeNut(read), written)).toBe(0);
    // Imported again, from either file, it is the same file.
    for (const bytes of [bytesOf(fixture), written])
      expect(Buffer.compare(writeNut(await importModel(bytes)), written)).toBe(0);
    const rows = rowsOf(description);
    expect(ask(load(written), rows)).toEqual(ask(createModel(description), rows));
  });
});

test('there is a fixture of every kind', () => {
  expect([...seen]).toEqual(expect.arrayContaining(allKinds().map(({ rules }) => rules.kind)));
});
