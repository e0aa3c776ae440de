import { expect, test } from 'vitest';
import { classifierHead } from '../formats/classifier-head.js';
import { compileAnswer } from '../src/compile/answers.js';
import { boundAnswer } from '../src/compile/ensemble-bound.js';
import { compileLinear } from '../src/compile/linear.js';
import type { Linear } from '../src/ir/index.js';

/** Scores just above −1, which are clipped to probabilities near 0: a step of a score is many steps of such, and of their shares of a small sum. */
const scores = [-1 + 1e-3, -1 + 2e-4, -1 - 1e-9];
const error = 2 ** -50;
const ways = [-1, 0, 1].flatMap((a) => [-1, 0, 1].flatMap((b) => [-1, 0, 1].map((c) => [a, b, c])));

test.each([
  [1, 'clip'],
  [3, 'clip-one-vs-rest'],
] as const)('of %i scores near −1, probabilities are bounded, tightly', (outputs, probability) => {
  const classes = Float64Array.of(0, 1, 2).slice(0, Math.max(2, outputs));
  const head = classifierHead([{ dtype: 'int32', values: classes }], { probability });
  const linear: Linear = {
    kind: 'linear',
    features: outputs,
    outputs,
    nonFinite: 'refuse',
    coefficients: Float64Array.from({ length: outputs ** 2 }, (_, i) =>
      i % (outputs + 1) === 0 ? 1 : 0,
    ),
    intercepts: new Float64Array(outputs),
    deviation: null,
    head,
  };
  const scorer = { ...compileLinear(linear), head };
  const asRow = (data: Float64Array) => ({ data, rows: 1, cols: outputs, names: null });
  const answer = compileAnswer(scorer, 'predict_proba');
  const probabilitiesOf = (off: readonly number[]) => {
    const out = new Float64Array(answer.columns);
    answer.write(
      asRow(Float64Array.from({ length: outputs }, (_, i) => scores[i]! + off[i]!)),
      out,
    );
    return out;
  };
  const value = asRow(Float64Array.from(scores.slice(0, outputs)));
  const bound = boundAnswer(
    { scorer, value, error: new Float64Array(outputs).fill(error) },
    'predict_proba',
  )!;
  const here = probabilitiesOf([0, 0, 0]);
  const most = new Float64Array(here.length);
  for (const way of ways)
    probabilitiesOf(way.map((by) => by * error)).forEach((there, i) => {
      most[i] = Math.max(most[i]!, Math.abs(there - here[i]!));
    });
  most.forEach((off, i) => {
    expect(bound[i]).toBeGreaterThanOrEqual(off);
    expect(bound[i]).toBeLessThan(4 * off + 2 ** -50);
  });
  expect(Math.max(...most)).toBeGreaterThan(error / 4);
});
