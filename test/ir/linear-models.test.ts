import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifierHead } from '../../formats/classifier-head.js';
import { readNut, writeNut } from '../../formats/nut/index.js';
import { NuthatchError } from '../../src/errors.js';
import { asClassifier, asRegressor, asTransformer, createModel } from '../../src/index.js';
import {
  type Deviation,
  defaultLimits,
  type Linear,
  type Node,
  validateNode,
} from '../../src/ir/index.js';
import { exp } from '../../src/math/exp.js';
import { smallModels } from '../hostile/models.js';
import { describeModel } from './describe-trees.js';

/** Heads and standard deviations of linear models: what no fixture of scikit-learn's can show. */

/** A model whose raw scores are its rows' cells. */
function scores(columns: number, head: Linear['head'], deviation: Deviation | null = null) {
  const cells = Array.from({ length: columns ** 2 }, (_, i) => (i % (columns + 1) === 0 ? 1 : 0));
  const linear: Linear = {
    kind: 'linear',
    features: columns,
    outputs: columns,
    nonFinite: 'refuse',
    coefficients: Float64Array.from(cells),
    intercepts: new Float64Array(columns),
    deviation,
    head,
  };
  return createModel(describeModel(linear, columns));
}

const head = {
  task: 'classifier',
  decide: 'argmax',
  probability: null,
  decisionFunction: true,
  sums: null,
  scoreOffset: null,
  decisionOffset: null,
  logProbability: null,
} as const;
const signs = { dtype: 'int32', values: Float64Array.of(-1, 1) } as const;
const three = { dtype: 'str', values: ['a', 'b', 'c'] } as const;

describe('a classifier', () => {
  test('takes a score of 0 for the second class where it decides by not negative, and for the first by positive', () => {
    const rows = [[-1], [-5e-324], [-0], [0], [5e-324], [1]];
    const labels = (decide: 'positive' | 'nonNegative') =>
      asClassifier(scores(1, { ...head, labels: [signs], decide })).predict(rows);
    expect(labels('nonNegative')).toEqual([-1, -1, 1, 1, 1, 1]);
    expect(labels('positive')).toEqual([-1, -1, -1, -1, 1, 1]);
  });

  test('takes the first of the smallest scores where it decides by argmin', () => {
    const model = asClassifier(scores(3, { ...head, labels: [three], decide: 'argmin' }));
    const rows = [
      [1, 0, 0],
      [-1, -1, 2],
      [0, -0, 0],
      [3, 2, 1],
    ];
    expect(model.predict(rows)).toEqual(['b', 'a', 'a', 'c']);
  });

  test('has clipped scores for probabilities', () => {
    const model = scores(1, { ...head, labels: [signs], decide: 'positive', probability: 'clip' });
    const found = asClassifier(model).predictProba!([
      [-7],
      [-1],
      [-0.5],
      [0],
      [0.25],
      [1],
      [1e300],
    ]);
    expect(found.toArray()).toEqual([
      [1, 0],
      [1, 0],
      [0.75, 0.25],
      [0.5, 0.5],
      [0.375, 0.625],
      [0, 1],
      [0, 1],
    ]);
  });

  test.each([
    ['clip-one-vs-rest', [1 / 3, 1 / 3, 1 / 3]],
    ['one-vs-rest-uniform', [1 / 3, 1 / 3, 1 / 3]],
    ['one-vs-rest', [Number.NaN, Number.NaN, Number.NaN]],
  ] as const)('that has a probability of 0 for every class: %s', (probability, expected) => {
    const model = asClassifier(scores(3, { ...head, labels: [three], probability }));
    expect(model.predictProba!([[-800, -900, -1000]]).toArray()).toEqual([expected]);
  });

  test('adds its offset to its scores', () => {
    const model = asClassifier(
      scores(1, {
        ...head,
        labels: [signs],
        decide: 'nonNegative',
        scoreOffset: Float64Array.of(0.1),
      }),
    );
    expect(Array.from(model.scoreSamples!([[0.2], [-1]]))).toEqual([0.1 + 0.2, -0.9]);
    expect(scores(1, { ...head, labels: [signs], decide: 'nonNegative' }).methods).not.toContain(
      'score_samples',
    );
  });

  test('of several labels a row answers for each', () => {
    const model = scores(2, { ...head, labels: [signs, signs], decide: 'positive' });
    if (model.task !== 'classifier' || !model.multiOutput) throw new Error('several outputs');
    const rows = [
      [1, -1],
      [-1, 0],
    ];
    expect(model.predict(rows)).toEqual(rows.map(([a]) => [a, -1]));
    expect(model.decisionFunction!(rows).toArray()).toEqual(rows);
  });
});

describe('logarithms of joint probabilities', () => {
  const rows = [
    [-1, 2, 0.5],
    [-2000, -2001, -2003.5],
    [3, 3, 3],
    [-Infinity, -700, 0],
  ].map((row) => row.map((value) => Math.max(value, -1e300)));
  const naive = (row: readonly number[]) => {
    const most = Math.max(...row);
    return most + Math.log(row.reduce((sum, value) => sum + Math.exp(value - most), 0));
  };
  const expected = rows.map((row) => row.map((value) => value - naive(row)));

  test.each(['softmax-log', 'softmax-log-max'] as const)('through %s', (probability) => {
    const log = {
      labels: [three],
      probability,
      decisionFunction: false,
      logProbability: 'scores',
    } as const;
    const model = asClassifier(scores(3, { ...head, ...log, joint: 'scores' }));
    expect(model.methods).toEqual([
      'predict',
      'predict_proba',
      'predict_log_proba',
      'predict_joint_log_proba',
      'raw',
    ]);
    expect(model.predictJointLogProba!(rows).toArray()).toEqual(rows);
    const logs = model.predictLogProba!(rows);
    logs.data.forEach((value, i) => {
      expect(Math.abs(value - expected.flat()[i]!)).toBeLessThanOrEqual(
        5e-13 + 1e-15 * Math.abs(value),
      );
    });
    expect(model.predictProba!(rows).data).toEqual(logs.data.map(exp));
  });

  test('have a sum that mixtures offer', () => {
    const mixture = {
      labels: [three],
      probability: 'softmax-log',
      logProbability: 'none',
      joint: 'sum',
    } as const;
    const model = asClassifier(scores(3, { ...head, ...mixture, decisionFunction: false }));
    expect(model.methods).toEqual(['predict', 'predict_proba', 'score_samples', 'raw']);
    Array.from(model.scoreSamples!(rows)).forEach((value, i) => {
      expect(value).toBeCloseTo(naive(rows[i]!), 11);
    });
    // In any order of methods, and of batches that grow.
    expect(model.scoreSamples!([...rows, ...rows]).subarray(4)).toEqual(model.scoreSamples!(rows));
    expect(model.predict(rows)).toEqual(['b', 'a', 'a', 'c']);
  });

  test('have a difference that is the decision of two classes', () => {
    const folded = { labels: [signs], folded: true } as const;
    const model = asClassifier(scores(2, { ...head, ...folded }));
    const pairs = [
      [1, 0.25],
      [-3, 7],
      [0.1, 0.3],
    ];
    expect(model.decisionFunction!(pairs)).toEqual(Float64Array.of(-0.75, 10, 0.3 - 0.1));
    expect(model.raw(pairs).toArray()).toEqual(pairs);
    expect(model.predict(pairs)).toEqual([-1, 1, 1]);
  });
});

describe('a density', () => {
  test('has score_samples alone', () => {
    const model = scores(1, { task: 'density' });
    if (model.task !== 'density') throw new Error(model.task);
    expect(model.methods).toEqual(['score_samples', 'raw']);
    expect(model.scoreSamples([[-1.5], [2]])).toEqual(Float64Array.of(-1.5, 2));
    expect(() => asClassifier(model)).toThrowError(/classifier/);
  });

  test('with a node beside it is a transformer', () => {
    const { root } = scores(1, { task: 'density' }).description;
    const beside = { kind: 'select', features: 1, columns: Uint32Array.of(0, 0) } as const;
    const inner = { kind: 'pipeline', steps: [root], beside } as const;
    const swap = { kind: 'select', features: 2, columns: Uint32Array.of(1) } as const;
    const model = createModel(describeModel({ kind: 'pipeline', steps: [swap, inner] }, 2));
    expect(model.methods).toEqual(['score_samples', 'transform']);
    const rows = [[7, -1.5]];
    expect(asTransformer(model).transform(rows)).toMatchObject({
      data: Float64Array.of(-1.5, -1.5),
    });
    expect(asTransformer(model).scoreSamples!(rows)).toEqual(Float64Array.of(-1.5));
  });
});

test('labels are chosen by the scores of a chooser, and nothing else is', () => {
  const labels = [{ dtype: 'int64' as const, values: Float64Array.of(7, 8) }];
  const of = (probability: 'softmax' | null) =>
    ({ ...scores(2, classifierHead(labels, { probability })).description.root }) as const;
  const less = {
    operation: 'multiply',
    operands: Float64Array.of(-1, -1),
    rounded: false,
  } as const;
  const turn = { kind: 'elementwise', features: 2, nonFinite: 'any', operations: [less] } as const;
  const chooser = { kind: 'pipeline', steps: [turn, of(null)] } as const;
  const root = { kind: 'pipeline', steps: [of('softmax')], chooser } as const;
  const swap = { kind: 'select', features: 2, columns: Uint32Array.of(1, 0) } as const;
  for (const [node, label] of [
    [root, 8],
    [{ kind: 'pipeline', steps: [swap, root] } as const, 7],
  ] as const) {
    const model = asClassifier(createModel(describeModel(node as Node, 2)));
    expect(model.predict([[3, 1]])).toEqual([label]);
    expect(model.predictOne([3, 1])).toEqual(label);
    const [first, second] = model.predictProba!([[3, 1]]).data;
    expect(first! > second!).toBe(label === 8);
  }
});

describe('a regressor with the link exp', () => {
  const link = { task: 'regressor', targets: 1, flat: true, link: 'exp' } as const;
  const model = asRegressor(scores(1, link));

  test('answers alike in every way to ask, and its scores stay what they are', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -800, max: 720 })), (values) => {
        const rows = values.map((value) => [value]);
        const expected = Float64Array.from(values, exp);
        expect(model.predict(rows)).toEqual(expected);
        expect(Float64Array.from(rows, (row) => model.predictOne(row))).toEqual(expected);
        const out = new Float64Array(rows.length);
        model.predictInto({ data: Float64Array.from(values), rows: rows.length, cols: 1 }, out);
        expect(out).toEqual(expected);
        expect(model.raw(rows).data).toEqual(Float64Array.from(values, (value) => value + 0));
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  test('answers in float32 where scores are', () => {
    const single: Linear = {
      kind: 'linear',
      features: 1,
      outputs: 1,
      nonFinite: 'refuse',
      coefficients: Float32Array.of(1),
      intercepts: Float32Array.of(0),
      deviation: null,
      head: link,
    };
    const found = asRegressor(createModel(describeModel(single, 1)));
    const data = Float32Array.of(0.3, 88, 89);
    expect(Array.from(found.predict({ data, rows: 3, cols: 1 }))).toEqual([
      Math.fround(exp(Math.fround(0.3))),
      Math.fround(exp(88)),
      Number.POSITIVE_INFINITY,
    ]);
    expect(found.predictOne([89])).toBe(exp(89));
  });
});

describe('standard deviations', () => {
  const flat = { task: 'regressor', targets: 1, flat: true, link: 'identity' } as const;
  const good: Deviation = {
    offsets: Float64Array.of(2),
    scales: Float64Array.of(0.5),
    covariance: Float64Array.of(3),
    noise: Float64Array.of(4),
  };

  test('are the root of a quadratic form and noise', () => {
    const model = asRegressor(scores(1, flat, good));
    expect(Array.from(model.predictStd!([[2], [2.5], [1]]))).toEqual([
      2,
      Math.sqrt(7),
      Math.sqrt(16),
    ]);
    expect(model.methods).toContain('predict_std');
  });

  test('refuse what the predictions refuse', () => {
    const model = asRegressor(scores(1, flat, good));
    expect(() => model.predictStd!([[Number.NaN]])).toThrowError(/row 0, column 0/);
  });

  const change = (deviation: unknown) => () =>
    validateNode({ ...scores(1, flat).description.root, deviation }, 'root', defaultLimits);

  test.each<[Partial<Record<keyof Deviation, unknown>>, string]>([
    [{ covariance: null }, 'covariance'],
    [{ offsets: Float64Array.of(0, 1) }, 'offsets'],
    [{ offsets: Float64Array.of(Number.NaN) }, 'offsets[0]'],
    [{ scales: Float64Array.of(0) }, 'scales[0]'],
    [{ scales: Float64Array.of(-0) }, 'scales[0]'],
    [{ scales: Float64Array.of(Number.POSITIVE_INFINITY) }, 'scales[0]'],
    [{ covariance: Float64Array.of(1, 2) }, 'covariance'],
    [{ covariance: Float64Array.of(Number.NaN) }, 'covariance[0]'],
    [{ covariance: Int32Array.of(1) }, 'covariance'],
    [{ noise: Float64Array.of(Number.POSITIVE_INFINITY) }, 'noise[0]'],
    [{ noise: new Float64Array(0) }, 'noise'],
    [{ noise: Float32Array.of(1) }, 'noise'],
  ])('with %o are refused', (fields, place) => {
    expect(change(good)).not.toThrow();
    expect(change({ ...good, ...fields })).toThrow(
      expect.objectContaining({ code: 'invalid-model', path: `root.deviation.${place}` }),
    );
  });

  test('are those of one output', () => {
    const node = scores(2, { ...flat, targets: 2, flat: false }).description.root;
    const change = () => validateNode({ ...node, deviation: good }, 'root', defaultLimits);
    expect(change).toThrowError(NuthatchError);
  });
});

describe.each(Object.keys(smallModels).filter((name) => name.includes('linear')))('%s', (name) => {
  const description = smallModels[name]!();
  const features = (description.input as { features: number }).features;
  const row = fc.array(fc.double({ noNaN: true, min: -1e3, max: 1e3 }), {
    minLength: features,
    maxLength: features,
  });
  type Method = (X: unknown) => unknown;
  const methods = (model: object) =>
    ['predict', 'predictStd', 'predictProba', 'decisionFunction', 'scoreSamples', 'raw']
      .filter((method) => method in model)
      .map((method) => (model as Record<string, Method>)[method]!);

  test('answers for each row of a batch as for the row alone, in any order, and leaves rows as they were', () => {
    const model = createModel(description);
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
        const before = structuredClone(rows);
        for (const ask of methods(model)) {
          const batch = rowsOf(ask(rows), rows.length);
          expect(batch).toEqual(rows.flatMap((one) => rowsOf(ask([one]), 1)));
          expect(rowsOf(ask([...rows].reverse()), rows.length)).toEqual([...batch].reverse());
        }
        expect(rows).toEqual(before);
      }),
      { seed: 6, numRuns: 30 },
    );
  });

  test('answers the same to the bit when it is read from a file', () => {
    const model = createModel(description);
    const read = createModel(readNut(writeNut(description)));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), (rows) => {
        expect(methods(read).map((ask) => ask(rows))).toEqual(
          methods(model).map((ask) => ask(rows)),
        );
      }),
      { seed: 7, numRuns: 30 },
    );
  });
});

/** An answer cut into what belongs to each row. */
function rowsOf(answer: unknown, count: number): unknown[] {
  const values = Array.from(
    (answer as { data?: ArrayLike<unknown> }).data ?? (answer as ArrayLike<unknown>),
  );
  const width = values.length / count;
  return Array.from({ length: count }, (_, i) => values.slice(i * width, (i + 1) * width));
}
