import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NuthatchError } from '../../src/errors.js';
import { asPredictor, createModel } from '../../src/index.js';
import { defaultLimits, type Trees } from '../../src/ir/index.js';
import { floorFloat32, packTrees, type SourceTree } from '../../src/ir/pack-trees.js';
import { expectSameBits } from './bits.js';
import { describeModel, describeTrees, type TreeFacts } from './describe-trees.js';
import { walkEveryWay } from './kernels.js';
import { randomForest, rowsFor, stepFloat32, threshold } from './random-trees.js';

const facts: TreeFacts = {
  features: 3,
  outputs: 1,
  leafColumns: 1,
  precision: 'float32',
  nonFinite: 'any',
  aggregation: 'mean',
  treeOutputs: null,
  treeWeights: null,
  base: null,
  categories: null,
};

/** Node 0 splits into leaf 1 and node 2, that into leaves 3 and 4. */
const tree: SourceTree = {
  left: [1, -1, 3, -1, -1],
  right: [2, -1, 4, -1, -1],
  feature: [0, 0, 2, 0, 0],
  threshold: [0.5, 0, 1.5, 0, 0],
  missingLeft: null,
  categorical: null,
  values: Float64Array.of(0, 1, 2, 3, 4),
  covers: [10, 4, 6, 1, 5],
  path: 'trees[0]',
};

function refusal(action: () => unknown): NuthatchError {
  try {
    action();
  } catch (error) {
    if (error instanceof NuthatchError) return error;
    throw error;
  }
  return expect.fail('nothing was refused');
}

describe('packTrees refuses', () => {
  const broken: [string, Partial<SourceTree>, string][] = [
    ['a cycle', { right: [2, -1, 2, -1, -1] }, 'node 2: child 2 has another parent'],
    ['a way back to the root', { right: [2, -1, 0, -1, -1] }, 'node 2: child 0 has another parent'],
    ['two parents', { left: [1, -1, 1, -1, -1] }, 'node 2: child 1 has another parent'],
    ['twice the same child', { left: [2, -1, 3, -1, -1] }, 'node 0: child 2 has another parent'],
    ['an orphan', { left: [1, -1, -1, -1, -1], right: [2, -1, -1, -1, -1] }, 'node 3: no node'],
    ['a child beyond the end', { right: [2, -1, 5, -1, -1] }, 'node 2: child 5 of 5 nodes'],
    ['a negative child', { left: [-2, -1, 3, -1, -1] }, 'node 0: child -2 of 5 nodes'],
    ['a child that is no integer', { left: [0.5, -1, 3, -1, -1] }, 'node 0: child 0.5'],
    ['one child alone', { left: [1, -1, -1, -1, -1] }, 'node 2: child -1 of 5 nodes'],
    ['arrays of different lengths', { right: [2, -1] }, 'node 2: child undefined of 5 nodes'],
    ['a feature beyond the last', { feature: [3, 0, 2, 0, 0] }, 'node 0: feature 3 of 3'],
    ['a negative feature', { feature: [0, 0, -2, 0, 0] }, 'node 2: feature -2 of 3'],
    ['a threshold of NaN', { threshold: [0, 0, Number.NaN, 0, 0] }, 'node 2: a threshold that'],
    ['no nodes', { left: [], right: [] }, 'node 0: a tree without nodes'],
  ];
  test.each(broken)('%s', (_, change, message) => {
    const error = refusal(() => describeTrees([tree, { ...tree, ...change }], facts));
    expect(error.code).toBe('invalid-model');
    expect(error.message).toContain(`trees[0], ${message}`);
  });

  test('a tree deeper than the limit', () => {
    const limits = { ...defaultLimits, treeDepth: 1 };
    const error = refusal(() => describeTrees([tree], facts, 'fitting', limits));
    expect(error.message).toBe('trees[0], node 2: deeper than the limit of 1');
  });

  test('any tree with one child changed', () => {
    const most = { trees: 1, splits: 12 };
    const wrong = fc.integer({ min: -2, max: 30 });
    fc.assert(
      fc.property(
        randomForest({ categories: false, most }),
        fc.nat(),
        fc.boolean(),
        wrong,
        (forest, at, leftOne, to) => {
          const source = forest.trees[0]!;
          const left = Array.from(source.left);
          const right = Array.from(source.right);
          const side = leftOne ? left : right;
          fc.pre(side[at % side.length] !== to);
          side[at % side.length] = to;
          const changed = { ...source, left, right };
          expect(refusal(() => describeTrees([changed], forest.facts)).code).toBe('invalid-model');
        },
      ),
      { seed: 31, numRuns: 400 },
    );
  });
});

describe('packTrees', () => {
  test('puts pairs of children together, depth first, and numbers and covers with them', () => {
    const packed = describeTrees(
      [tree, { ...tree, right: [2, -1, 3, -1, -1], left: [1, -1, 4, -1, -1] }],
      facts,
    );
    expect(Array.from(packed.starts)).toEqual([0, 5, 10]);
    expect(Array.from(packed.depths)).toEqual([2, 2]);
    expect(Array.from(packed.nodeIds!)).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 4, 3]);
    expect(Array.from(packed.covers!)).toEqual([10, 4, 6, 1, 5, 10, 4, 6, 5, 1]);
  });

  test('leaves ids out where nodes are in preorder, whatever the slots’ order', () => {
    // Slots: root, its children 1 and 4, then the children of 1.
    const preorder = { ...tree, left: [1, 2, -1, -1, -1], right: [4, 3, -1, -1, -1] };
    const packed = describeTrees([{ ...preorder, feature: [0, 0, 0, 0, 0] }], facts);
    expect(packed.nodeIds).toBeNull();
    const model = asPredictor(createModel(describeModel(packed, 3)));
    const applied = model.apply!([
      [0, 0, 0],
      [0.4, 0, 0],
      [1, 0, 0],
    ]);
    expect(applied).toMatchObject({ data: Int32Array.of(2, 3, 4) });
  });

  test('gives trees of one leaf their place', () => {
    const leaf = { ...tree, left: [-1], right: [-1], values: Float64Array.of(-0) };
    const packed = describeTrees([leaf, tree, leaf], facts);
    expect(Array.from(packed.depths)).toEqual([0, 2, 0]);
    expect(Array.from(packed.starts)).toEqual([0, 1, 6, 7]);
    const model = asPredictor(createModel(describeModel(packed, 3)));
    expect(model.raw([[1, 1, 2]]).data).toEqual(Float64Array.of(4 / 3));
  });

  test('is narrow as long as feature, child and own number fit', () => {
    const layoutOf = (features: number, nodes: number) => {
      const splits = (nodes - 1) / 2;
      const all = Array.from({ length: nodes }, (_, i) => i);
      const chain: SourceTree = {
        ...tree,
        left: all.map((i) => (i < 2 * splits && i % 2 === 0 ? i + 1 : -1)),
        right: all.map((i) => (i < 2 * splits && i % 2 === 0 ? i + 2 : -1)),
        feature: all.map(() => features - 1),
        threshold: all,
        values: new Float64Array(nodes * 2).fill(1),
        covers: null,
      };
      const limits = { ...defaultLimits, features: 2 ** 28, nodes: 100 };
      const packed = describeTrees(
        [chain],
        { ...facts, features, leafColumns: 2, outputs: 2 },
        'fitting',
        limits,
      );
      return packed.layout;
    };
    expect(layoutOf(2 ** 24 - 1, 15)).toBe('narrow');
    expect(layoutOf(2 ** 24 - 1, 17)).toBe('wide');
    expect(layoutOf(2 ** 24, 15)).toBe('wide');
    expect(layoutOf(2 ** 27 - 1, 1)).toBe('narrow');
    expect(layoutOf(2 ** 27 - 1, 3)).toBe('wide');
  });

  test('stores equal leaf vectors once, over all trees, −0 apart from 0', () => {
    const values = Float64Array.of(9, 9, 0, 1, 9, 9, -0, 1, 0, 1);
    const two = { ...facts, outputs: 2, leafColumns: 2 };
    const packed = describeTrees(
      [
        { ...tree, values },
        { ...tree, values },
      ],
      two,
    );
    expect(packed.leaves).toEqual(Float64Array.of(0, 1, -0, 1));
  });

  test('keeps covers only where all trees have them', () => {
    expect(describeTrees([tree, { ...tree, covers: null }], facts).covers).toBeNull();
    const options = { ...facts, limits: defaultLimits, keepIds: false, keepCovers: false };
    const packed = packTrees([tree], options);
    expect([packed.covers, packed.nodeIds]).toEqual([null, null]);
  });
});

describe('floorFloat32', () => {
  test('is the largest float32 that is not above', () => {
    fc.assert(
      fc.property(threshold, (value) => {
        const floor = floorFloat32(value);
        expect(Math.fround(floor)).toBe(floor);
        expect(floor <= value).toBe(true);
        if (floor !== Number.POSITIVE_INFINITY) expect(nextUp(floor) > value).toBe(true);
      }),
      { seed: 41, numRuns: 2000 },
    );
  });

  test('decides for every float32 as the threshold itself does', () => {
    const float32 = fc.oneof(
      fc.float({ noNaN: true }),
      fc.constantFrom(0, -0, 2 ** -149, -(2 ** -149), Number.NEGATIVE_INFINITY),
      fc.constantFrom(Number.POSITIVE_INFINITY),
    );
    fc.assert(
      fc.property(threshold, float32, (value, any) => {
        const floor = floorFloat32(value);
        const near = Math.fround(value);
        const around = [near, nextUp(near), -nextUp(-near), floor, nextUp(floor), any];
        for (const x of around)
          if (x <= floor !== x <= value) expect.fail(`${x} goes another way at ${value}`);
      }),
      { seed: 42, numRuns: 2000 },
    );
  });

  test('leaves NaN as it is', () => {
    expect(floorFloat32(Number.NaN)).toBeNaN();
  });

  function nextUp(value: number): number {
    if (value === Number.POSITIVE_INFINITY) return value;
    return value === Number.NEGATIVE_INFINITY ? -3.4028234663852886e38 : stepFloat32(value, 1);
  }
});

test('a changed word is refused, or leads every walk to a leaf of its own tree', () => {
  const most = { trees: 5, splits: 8 };
  const change = fc.record({ at: fc.nat(), bit: fc.nat(31), array: fc.nat(9) });
  let valid = 0;
  let refused = 0;
  fc.assert(
    fc.property(
      fc.boolean().chain((categories) => randomForest({ categories, most })),
      fc.array(change, { minLength: 1, maxLength: 2 }),
      fc.array(fc.nat(999), { minLength: 16, maxLength: 32 }),
      (forest, changes, choices) => {
        const described = describeTrees(forest.trees, forest.facts);
        for (const { at, bit, array } of changes) {
          const words = array === 0 ? described.starts : described.nodes;
          words[at % words.length]! ^= 1 << bit;
        }
        const data = rowsFor(forest, choices, true);
        const { features } = forest.facts;
        let trees: Trees;
        try {
          trees = describeModel(described, features).root as Trees;
        } catch (error) {
          expect(error).toBeInstanceOf(NuthatchError);
          refused++;
          return;
        }
        valid++;
        const [first, ...others] = walkEveryWay(trees, data);
        const count = trees.starts.length - 1;
        first!.slots.forEach((slot, i) => {
          const t = i % count;
          expect(slot >= trees.starts[t]! && slot < trees.starts[t + 1]!).toBe(true);
        });
        for (const { slots } of others) expect(slots).toEqual(first!.slots);
        const x = { data, rows: data.length / features, cols: features };
        const model = asPredictor(createModel(describeModel(described, features)));
        const { data: raw } = model.raw(x);
        expect(raw.every(Number.isFinite)).toBe(true);
        expectSameBits(model.raw(x).data, raw, 'again');
      },
    ),
    { seed: 51, numRuns: 450 },
  );
  expect(Math.min(valid, refused)).toBeGreaterThan(100);
});
