import { expect, test } from 'vitest';
import { createModel } from '../src/index.js';
import { validateRunnable } from '../src/ir/index.js';
import { neighbors } from './hostile/transformers.js';

const order = Uint32Array.from({ length: 7 }, (_, i) => i);
const trees = { none: null, kd: { form: 'kd', levels: 2, order } };
const targets = Float64Array.from({ length: 14 }, (_, i) => i);

/** Squares of such cells are infinite; scikit-learn answers with stored row 0, or with what its memory held. */
test.each([
  ['means', 'none'],
  ['means', 'kd'],
  ['outlier-factor', 'kd'],
  ['distances', 'none'],
] as const)('rows at no finite distance are refused: %s, tree: %s', (combine, tree) => {
  const root = neighbors(2, {
    combine,
    tree: trees[tree],
    targets: combine === 'distances' ? null : targets,
  });
  const input = { type: 'matrix', features: 2, names: null };
  const { transform } = createModel(validateRunnable({ root, input })) as unknown as {
    transform(X: unknown): unknown;
  };
  expect(transform([[0.5, 1e150]])).toBeDefined();
  expect(() =>
    transform([
      [0.5, 1],
      [1e160, 0],
    ]),
  ).toThrow(expect.objectContaining({ code: 'input-range', path: 'row 1' }));
});
