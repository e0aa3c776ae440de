import { describe, expect, test } from 'vitest';
import { allKinds, createCompiler } from '../src/compile/compile.js';
import { compose } from '../src/compile/pipeline.js';
import type { Scorer } from '../src/compile/scorer.js';
import type { Transformer } from '../src/compile/transformer.js';
import { asPredictor, asTransformer, createModel, type Model } from '../src/index.js';
import { defaultLimits, validateNode, validateRunnable } from '../src/ir/index.js';
import type { Matrix } from '../src/result.js';

/** What flows between the parts of a model. */

function make(root: object, input: object): Model {
  return createModel(validateRunnable({ root, input }));
}

const matrix = (features: number) => ({ type: 'matrix', features, names: null });
const table = (...types: string[]) => ({
  type: 'columns',
  columns: types.map((type, i) => ({ name: `c${i}`, type })),
});
const same = { kind: 'elementwise', nonFinite: 'any', operations: [] };
const halves = (features: number) => ({
  kind: 'elementwise',
  features,
  nonFinite: 'any',
  operations: [
    { operation: 'divide', operands: new Float64Array(features).fill(3), rounded: true },
  ],
});

/** A tree that gives 1. */
const oneLeaf = {
  kind: 'trees',
  features: 2,
  outputs: 1,
  precision: 'float32',
  nonFinite: 'refuse',
  layout: 'narrow',
  featureBits: 2,
  nodes: new Uint32Array(Float64Array.of(1).buffer),
  starts: Uint32Array.of(0, 1),
  depths: Uint8Array.of(0),
  leafColumns: 1,
  aggregation: 'sum',
  paths: 'tree',
  head: { task: 'regressor', targets: 1, flat: true, link: 'identity' },
};

describe('rows', () => {
  test('keep their numbers in blocks of blocks', () => {
    const outputs = 1000;
    const widen = {
      kind: 'polynomial',
      nonFinite: 'refuse',
      features: 1,
      starts: Uint32Array.from({ length: outputs + 1 }, (_, i) => i),
      factors: new Uint32Array(outputs),
    };
    const linear = {
      kind: 'linear',
      features: outputs,
      outputs: 1,
      nonFinite: 'refuse',
      coefficients: new Float64Array(outputs),
      intercepts: Float64Array.of(0),
      head: { task: 'regressor', targets: 1, flat: true, link: 'identity' },
    };
    const inner = { kind: 'pipeline', steps: [widen, linear] };
    const root = { kind: 'pipeline', steps: [{ ...same, features: 1 }, inner] };
    const model = asPredictor(make(root, matrix(1)));
    const rows = Array.from({ length: 4500 }, (_, i) => [i === 4400 ? Number.NaN : 1]);
    expect(() => model.predict(rows)).toThrowError('row 4400, column 0');
  });

  test('with gaps take no longer for being many', () => {
    const fill = {
      ...halves(4),
      nonFinite: 'nan',
      operations: [{ operation: 'fill', operands: new Float64Array(4), rounded: false }],
    };
    const model = asTransformer(make(fill, matrix(4)));
    const rows = 60_000;
    const X = { data: new Float64Array(rows * 4).fill(Number.NaN), rows, cols: 4 };
    const started = performance.now();
    expect((model.transform(X) as Matrix).data.every((cell) => cell === 0)).toBe(true);
    // To find the row of each gap took 5 seconds.
    expect(performance.now() - started).toBeLessThan(1500);
  });

  test('pass what comes before a forest once, whatever is asked of the forest', () => {
    let passes = 0;
    const before: Transformer = {
      gives: { kind: 'dense', columns: 2 },
      names: null,
      transform(x) {
        passes++;
        return x;
      },
    };
    const root = validateNode(oneLeaf, 'model.root', defaultLimits);
    const scorer = createCompiler(allKinds())(root, before.gives, null) as Scorer;
    const { leaves } = compose(before, scorer);
    const x = { data: new Float64Array(6), rows: 3, cols: 2, names: null };
    expect(leaves!.apply(x)).toEqual(new Int32Array(3));
    expect(passes).toBe(1);
    const expected = { rows: 3, cols: 1, indptr: Int32Array.of(0, 1, 2, 3) };
    expect(leaves!.decisionPath(x)).toMatchObject(expected);
    expect(passes).toBe(2);
  });
});

test('a gap is refused as one where any category would do', () => {
  const mask = {
    kind: 'encode',
    features: 1,
    nonFinite: 'nan',
    type: 'uint8',
    sparse: false,
    columns: [{ missing: false, unknown: true, width: 0, marks: Int32Array.of(-1) }],
  };
  const model = asTransformer(make(mask, matrix(1)));
  expect(model.transform([[1]])).toMatchObject({ rows: 1, cols: 0 });
  expect(() => model.transform([[1], [null]])).toThrowError(
    expect.objectContaining({ code: 'input-not-finite', path: 'row 1, column 0' }),
  );
});

describe('room', () => {
  const wide = (sparse: boolean, width: number) => ({
    kind: 'encode',
    features: 1,
    nonFinite: 'nan',
    sparse,
    columns: [
      {
        numbers: Float64Array.from({ length: width }, (_, i) => i),
        missing: false,
        unknown: false,
        width,
        marks: Int32Array.from({ length: width }, (_, i) => i),
      },
    ],
  });

  test('for compressed rows is taken for the cells that are there', () => {
    const width = 50_000;
    const columns = Uint32Array.from({ length: width }, (_, i) => width - 1 - i);
    const select = { kind: 'select', features: width, columns };
    const root = { kind: 'pipeline', steps: [wide(true, width), select] };
    const rows = Array.from({ length: 20_000 }, (_, i) => [i]);
    const result = asTransformer(make(root, matrix(1))).transform(rows);
    expect(result).toMatchObject({ rows: rows.length, cols: width });
    expect((result as { indices: Int32Array }).indices).toEqual(
      Int32Array.from(rows, ([i]) => width - 1 - i!),
    );
  });

  test('for compressed rows fits the type of the cells, which may change', () => {
    const model = asTransformer(make(wide(true, 100), matrix(1)));
    const values = Array.from({ length: 30 }, (_, i) => i);
    const expected = model.transform(values.map((value) => [value]));
    for (let rows = 30; rows > 0; rows -= 29) {
      const data = Float32Array.from(values.slice(0, rows));
      const { indices } = model.transform({ data, rows, cols: 1 }) as { indices: Int32Array };
      expect(indices).toEqual((expected as { indices: Int32Array }).indices.slice(0, rows));
    }
  });

  test('for no cells is none', () => {
    const mask = {
      kind: 'encode',
      features: 1,
      nonFinite: 'nan',
      type: 'uint8',
      sparse: true,
      columns: [{ missing: true, unknown: true, width: 1, marks: Int32Array.of(0, -1) }],
    };
    const result = asTransformer(make(mask, matrix(1))).transform([[1], [2]]);
    expect(result).toMatchObject({ rows: 2, cols: 1, indices: new Int32Array(0) });
  });

  test('that there is none of is a typed error', () => {
    const rows = Array.from({ length: 100_000 }, () => [1]);
    const model = asTransformer(make(wide(false, 200_000), matrix(1)));
    expect(() => model.transform(rows)).toThrowError(
      expect.objectContaining({ name: 'NuthatchError', code: 'limit-exceeded' }),
    );
  });
});

describe('float32', () => {
  const third = Math.fround(1 / 3);
  const x = { c0: Float32Array.of(1), c1: [1] };
  const choose = (columns: number[], node: object | null = null) => ({
    kind: 'union',
    features: 2,
    parts: [{ columns: Uint32Array.from(columns), node }],
    sparse: false,
  });
  const answer = (root: object) =>
    asTransformer(make(root, table('number', 'number'))).transform(x);

  test('is what a union gives a part of float32 columns alone', () => {
    expect(answer(choose([0], halves(1)))).toMatchObject({ data: Float64Array.of(third) });
    expect(answer(choose([0, 1], halves(2)))).toMatchObject({
      data: Float64Array.of(1 / 3, 1 / 3),
    });
    expect(answer(choose([0, 1], choose([0], halves(1))))).toMatchObject({
      data: Float64Array.of(third),
    });
  });

  test('is not what becomes of one of them after a part has seen it with others', () => {
    const first = { kind: 'select', features: 2, columns: Uint32Array.of(0) };
    const steps = (...parts: object[]) => ({ kind: 'pipeline', steps: parts });
    for (const part of [
      steps(halves(2), first),
      steps(halves(2), choose([0])),
      steps(first, halves(1)),
    ])
      expect(answer(choose([0, 1], part))).toMatchObject({ data: Float64Array.of(1 / 3) });
  });
});
