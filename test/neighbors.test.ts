import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asTransformer, createModel, type SparseMatrix } from '../src/index.js';
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

const cells = fc.oneof(
  fc.integer({ min: -2, max: 2 }),
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.constantFrom(1e-300, -1e-8, 1e8),
);
const search = fc.integer({ min: 1, max: 4 }).chain((features) =>
  fc.record({
    features: fc.constant(features),
    stored: fc.array(fc.tuple(...Array.from({ length: features }, () => cells)), {
      minLength: 1,
      maxLength: 40,
    }),
    rows: fc.array(fc.tuple(...Array.from({ length: features }, () => cells)), {
      minLength: 1,
      maxLength: 5,
    }),
    metric: fc.constantFrom('euclidean', 'manhattan', 'chebyshev', 'minkowski'),
    form: fc.constantFrom('kd', 'ball'),
    depth: fc.double({ min: 0, max: 1, noNaN: true }),
    far: fc.double({ min: 0, max: 1, noNaN: true }),
    radius: fc.option(fc.constantFrom(0, 0.5, 1, 3), { nil: null }),
    seed: fc.integer(),
  }),
);

test('a tree of any order finds what lies nearest, as a search of all rows does', () => {
  fc.assert(
    fc.property(search, ({ features, stored, rows, metric, form, depth, far, radius, seed }) => {
      const count = stored.length;
      const order = Uint32Array.from({ length: count }, (_, i) => i).sort(
        (a, b) => ((a * 7919 + seed) % 101) - ((b * 7919 + seed) % 101) || a - b,
      );
      const levels = 1 + Math.floor(depth * Math.floor(Math.log2(count)));
      const distances = (tree: object | null): number[][] => {
        const root = neighbors(features, {
          rows: Float64Array.from(stored.flat()),
          metric,
          power: metric === 'minkowski' ? Float64Array.of(3) : null,
          nearest: radius === null ? 1 + Math.floor(far * (count - 1)) : null,
          radius: radius === null ? null : Float64Array.of(radius),
          tree,
        });
        const input = { type: 'matrix', features, names: null };
        const model = asTransformer(createModel(validateRunnable({ root, input })));
        const { data, indptr } = model.transform(rows) as SparseMatrix;
        return rows.map((_, i) =>
          [...data.subarray(indptr[i], indptr[i + 1])].sort((a, b) => a - b),
        );
      };
      expect(distances({ form, levels, order })).toEqual(distances(null));
    }),
    { numRuns: 300, seed: 1 },
  );
});
