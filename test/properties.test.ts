import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readNut, writeNut } from '../formats/nut/index.js';
import { compileModel } from '../src/compile/compile.js';
import type { Transformer as Compiled } from '../src/compile/transformer.js';
import { createModel, load, type Model, SparseMatrix } from '../src/index.js';
import { readInput } from '../src/input/read.js';
import { createTarget } from '../src/input/target.js';
import {
  inputNames,
  type ModelDescription,
  type RunnableModel,
  validateModel,
} from '../src/ir/index.js';
import { type Composition, drawComposition } from './draw-composition.js';
import { fuzzRuns, fuzzSeed, Random } from './hostile/random.js';
import { pipeline } from './hostile/transformers.js';

/** What holds for every composition, tried on compositions drawn at random. */

const provenance = {
  library: 'none',
  libraryVersion: '0',
  className: 'Drawn',
  format: 'test',
  digest: null,
  time: null,
  nuthatch: '0.1.0',
  metadata: {},
};

function describeSteps(input: unknown, steps: readonly object[]): ModelDescription {
  const root = pipeline(...steps);
  return validateModel({ root, input, golden: [], provenance, reference: null });
}

/** Tries a property on many compositions. */
function check(property: (drawn: Composition, random: Random) => void, plain = false): void {
  const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = new Random(seed);
      property(drawComposition(random, { plain }), random);
    }),
    { seed: 31 + fuzzSeed, numRuns: 150 * fuzzRuns },
  );
}

/** Everything that a model answers to some rows, row by row. */
function answersTo(model: Model, X: unknown): unknown[][] {
  if (model.task === 'transformer') {
    const answer = model.transform(X as never);
    return Array.isArray(answer) ? answer : answer.toArray();
  }
  const raw = model.raw(X as never).toArray();
  const method = (model.task === 'density' ? model.scoreSamples : model.predict) as (
    X: never,
  ) => ArrayLike<unknown>;
  const predicted = Array.from(method(X as never));
  return raw.map((scores, i) => [scores, predicted[i]]);
}

const modelOf = ({ input, steps }: Composition) => createModel(describeSteps(input, steps));

/** The rows as records and as columns, where the model has names. */
function byName({ input, rows }: Composition): unknown[] {
  const names = inputNames(input);
  if (names === null) return [];
  const entries = (row: readonly unknown[]) =>
    JSON.parse(`{${names.map((name, i) => `${JSON.stringify(name)}:${i}`).join()}}`, (_, i) =>
      typeof i === 'number' ? row[i] : i,
    ) as object;
  // A reviver that gives undefined removes the key; missing cells stay as null.
  const whole = rows.map((row) => row.map((cell) => cell ?? null));
  const columns = names.map((_, i) => whole.map((row) => row[i]!));
  return [whole.map(entries), entries(columns)];
}

test('the compositions are of all sorts', () => {
  const seen = new Set<string>();
  check(({ input, steps, rows }) => {
    const description = describeSteps(input, steps);
    const model = createModel(description);
    const last = (steps.at(-1) as { kind: string }).kind;
    seen.add(input.type).add(model.task).add(last);
    if (model.task !== 'transformer') return;
    const answer = model.transform(rows as never);
    seen.add(Array.isArray(answer) ? 'table' : answer.constructor.name);
  });
  const sorts = ['matrix', 'columns', 'transformer', 'regressor', 'linear', 'trees', 'table'];
  for (const sort of [...sorts, 'union', 'Matrix', 'SparseMatrix']) expect(seen).toContain(sort);
});

describe('for every composition', () => {
  test('a batch equals its rows in any order', () => {
    check((drawn, random) => {
      const { rows } = drawn;
      const model = modelOf(drawn);
      const whole = answersTo(model, rows);
      rows.forEach((row, i) => {
        expect(answersTo(model, [row])).toEqual([whole[i]]);
      });
      const order = Array.from({ length: 2 * rows.length }, () => random.below(rows.length));
      const mixed = order.map((i) => rows[i]!);
      expect(answersTo(model, mixed)).toEqual(order.map((i) => whole[i]));
      expect(answersTo(modelOf(drawn), rows)).toEqual(whole);
    });
  });

  test('inputs are never changed', () => {
    check((drawn) => {
      const model = modelOf(drawn);
      const freeze = (value: unknown): unknown => {
        if (typeof value !== 'object' || value === null) return value;
        for (const key of Object.keys(value)) freeze((value as Record<string, unknown>)[key]);
        return Object.freeze(value);
      };
      const rows = drawn.rows.map((row) => [...row]);
      for (const X of [rows, ...byName({ ...drawn, rows })]) {
        const before = structuredClone(X);
        answersTo(model, freeze(X));
        expect(X).toEqual(before);
      }
      if (drawn.input.type !== 'matrix') return;
      for (const type of [Float64Array, Float32Array]) {
        const data = type.from(rows.flat().map((cell) => Number(cell ?? Number.NaN)));
        const before = data.slice();
        answersTo(model, { data, rows: rows.length, cols: rows[0]!.length });
        expect(data).toEqual(before);
      }
    });
  });

  test('every form of input gives the same answers', () => {
    check((drawn) => {
      const { input, rows } = drawn;
      const model = modelOf(drawn);
      const whole = answersTo(model, rows);
      for (const X of byName(drawn)) expect(answersTo(model, X)).toEqual(whole);
      const data = Float64Array.from(rows.flat(), (cell) =>
        typeof cell === 'string' ? 0 : Number(cell ?? Number.NaN),
      );
      const matrix = { data, rows: rows.length, cols: rows[0]!.length };
      if (input.type === 'matrix') expect(answersTo(model, matrix)).toEqual(whole);
      if (model.task !== 'regressor' || model.multiOutput) return;
      const predicted = model.predict(rows as never);
      const records = byName(drawn)[0] as object[] | undefined;
      rows.forEach((row, i) => {
        expect(model.predictOne(row)).toBe(predicted[i]);
        if (records !== undefined) expect(model.predictOne(records[i] as never)).toBe(predicted[i]);
      });
      const out = new Float64Array(rows.length + 1).fill(7);
      model.predictInto(rows as never, out);
      expect(out).toEqual(Float64Array.of(...predicted, 7));
    });
  });

  test('a pipeline equals its steps, one after another, as models of their own', () => {
    check(({ input, steps, rows }) => {
      const whole = answersTo(createModel(describeSteps(input, steps)), rows);
      let X: unknown = rows;
      let spec: unknown = input;
      let before: object[] = [];
      // As a matrix, compressed rows lose the order of their cells, and zeros that are there: sums have another order then.
      let compressed = false;
      steps.forEach((step, i) => {
        const description = describeSteps(spec, [...before, step]);
        if (i === steps.length - 1) {
          const found = answersTo(createModel(description), X);
          if (compressed) expect(rounded(found, 4)).toEqual(rounded(whole, 4));
          else expect(found).toEqual(whole);
          return;
        }
        const model = createModel(description);
        if (model.task !== 'transformer') throw new Error('a head before the last step');
        const answer = model.transform(X as never);
        if (Array.isArray(answer)) throw new Error('strings before the last step');
        const sparse = answer instanceof SparseMatrix;
        compressed ||= sparse;
        const { data, rows: count, cols } = sparse ? answer.toMatrix() : answer;
        // A matrix of numbers says nothing of their type.
        const single = singleAfter(description, X);
        X = { data: single ? Float32Array.from(data) : data, rows: count, cols };
        spec = { type: 'matrix', features: cols, names: null };
        before = sparse ? [{ kind: 'union', features: cols, parts: [{}], sparse: true }] : [];
      });
    });
  });

  test('a .nut round trip changes no bit', () => {
    check(({ input, steps, rows }) => {
      const description = describeSteps(input, steps);
      const bytes = writeNut(description);
      expect(readNut(bytes)).toEqual(description);
      expect(Buffer.compare(writeNut(readNut(bytes)), bytes)).toBe(0);
      expect(answersTo(load(bytes), rows)).toEqual(answersTo(createModel(description), rows));
    });
  });

  test('compressed rows equal matrices', () => {
    check(({ input, steps, rows }) => {
      const dense = steps.map(withoutSparse) as object[];
      const expected = answersTo(createModel(describeSteps(input, dense)), rows);
      const found = answersTo(createModel(describeSteps(input, steps)), rows);
      // Compressed rows have no −0, and dot products of them another order of summation.
      const isLinear = (steps.at(-1) as { kind: string }).kind === 'linear';
      const digits = isLinear ? 4 : 17;
      expect(rounded(found, digits)).toEqual(rounded(expected, digits));
    }, true);
  });
});

/** Numbers to so many digits, and zeros without their sign. */
function rounded(value: unknown, digits: number): unknown {
  if (Array.isArray(value)) return value.map((one) => rounded(one, digits));
  return typeof value === 'number' ? Number(value.toPrecision(digits)) + 0 : value;
}

function singleAfter(description: RunnableModel, X: unknown): boolean {
  const { transform } = compileModel(description) as Compiled;
  const value = readInput(description.input, X, createTarget(description.input, 0));
  return transform(value).data instanceof Float32Array;
}

/** A copy of a node in which nothing is sparse. */
function withoutSparse(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutSparse);
  if (typeof node !== 'object' || node === null || ArrayBuffer.isView(node)) return node;
  const entries = Object.entries(node).map(([key, value]) => [
    key,
    key === 'sparse' ? false : withoutSparse(value),
  ]);
  return Object.fromEntries(entries);
}
