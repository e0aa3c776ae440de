import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeNut } from '../../formats/nut/index.js';
import { asPredictor, createModel, load, webAssembly } from '../../src/index.js';
import type { SourceTree } from '../../src/ir/pack-trees.js';
import type { Matrix } from '../../src/result.js';
import { fuzzRuns } from '../hostile/random.js';
import { expectSameBits, expectSameIntegers } from './bits.js';
import { describeModel, describeTrees, takeRows, type WantedLayout } from './describe-trees.js';
import { walkEveryWay } from './kernels.js';
import { naivePath, naiveScores } from './naive-walk.js';
import { packSets, type RandomForest, randomForest, rowsFor } from './random-trees.js';

const layouts: readonly WantedLayout[] = ['fitting', 'wide'];

/** Compares everything that a forest answers for these rows with the plain walk over its source. */
function checkForest(forest: RandomForest, data: Float64Array): void {
  const { trees, sets, facts } = forest;
  const { features, outputs, precision } = facts;
  const rows = data.length / features;
  const paths = Array.from({ length: rows }, (_, row) => {
    const values = data.subarray(row * features, (row + 1) * features);
    return trees.map((tree) => naivePath(tree, values, precision, sets));
  });
  const leaves = paths.map((row) => row.map((path) => path[path.length - 1]!));
  const scores = Float64Array.from(leaves.flatMap((row) => naiveScores(trees, row, facts)));
  const ends = leaves.flat();
  for (const layout of layouts) {
    const described = describeTrees(trees, facts, layout);
    const model = asPredictor(load(writeNut(describeModel(described, features))));
    for (const size of new Set([rows, 1, Math.min(2, rows)])) {
      const x = { data: data.subarray(0, size * features), rows: size, cols: features };
      const what = `${described.layout}, ${size} rows`;
      expectSameBits(model.raw(x).data, scores.subarray(0, size * outputs), what);
      const applied = model.apply!(x) as Matrix<Int32Array>;
      expectSameIntegers(applied.data, ends.slice(0, size * trees.length), what);
    }
    const faster = asPredictor(createModel(model.description, { accelerator: webAssembly }));
    const again = Math.ceil(101 / rows);
    for (const size of [...new Array<number>(again).fill(rows), 1, Math.min(9, rows)]) {
      const x = { data: data.subarray(0, size * features), rows: size, cols: features };
      const expected = scores.subarray(0, size * outputs);
      expectSameBits(faster.raw(x).data, expected, `${described.layout}, faster, ${size} rows`);
    }
    // Batches of so many rows are split as trees split them.
    const drawn = Array.from({ length: 801 + ((13 * rows) % 150) }, (_, i) => (7 * i) % rows);
    const x = { data: takeRows(data, features, drawn), rows: drawn.length, cols: features };
    const expected = takeRows(scores, outputs, drawn);
    for (const one of [model, faster]) expectSameBits(one.raw(x).data, expected, 'a large batch');
    const path = model.decisionPath!({ data, rows, cols: features });
    const nodes = paths.flatMap((row) =>
      row.flatMap((nodes, t) => nodes.map((node) => path.treeStarts[t]! + node)),
    );
    expectSameIntegers(path.indices, nodes, 'decision path');
    const [first, ...others] = walkEveryWay(described, data);
    for (const { name, slots } of others) expectSameIntegers(slots, first!.slots, name);
    // Covers are the nodes' own numbers: what lies in each slot.
    const ids = Array.from(first!.slots, (slot) => described.covers![slot]!);
    expectSameIntegers(ids, ends, first!.name);
    if (described.nodeIds !== null)
      expect(Array.from(described.covers!)).toEqual(Array.from(described.nodeIds));
  }
}

const choices = fc.array(fc.nat(9999), { minLength: 30, maxLength: 90, size: 'max' });

describe('random forests answer as a plain walk over their source', () => {
  const shape = { trees: 9, splits: 20 };
  test.each([
    { what: 'of thresholds', categories: false, gaps: false },
    { what: 'of thresholds, with NaN', categories: false, gaps: true },
    { what: 'of thresholds and categories, with NaN', categories: true, gaps: true },
  ])('$what', ({ categories, gaps }) => {
    fc.assert(
      fc.property(randomForest({ categories, most: shape }), choices, (forest, drawn) => {
        checkForest(forest, rowsFor(forest, drawn, gaps));
      }),
      { seed: 7, numRuns: 80 * fuzzRuns },
    );
  });

  test('of larger trees', () => {
    const most = { trees: 3, splits: 400 };
    fc.assert(
      fc.property(randomForest({ categories: false, most }), choices, (forest, drawn) => {
        checkForest(forest, rowsFor(forest, drawn, false));
      }),
      { seed: 8, numRuns: 30 * fuzzRuns },
    );
  });
});

/** One feature, one column, `sum`. */
function plainFacts(features: number): RandomForest['facts'] {
  return {
    features,
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
}

/** A chain to the left or right: node 2i splits on i, and node 2i + 1 is a leaf. */
function chain(depth: number, toRight: boolean): SourceTree {
  const nodes = Array.from({ length: 2 * depth + 1 }, (_, i) => i);
  const split = (i: number) => i % 2 === 0 && i < 2 * depth;
  const next = nodes.map((i) => (split(i) ? i + 2 : -1));
  const leaf = nodes.map((i) => (split(i) ? i + 1 : -1));
  return {
    left: toRight ? leaf : next,
    right: toRight ? next : leaf,
    feature: nodes.map(() => 0),
    threshold: nodes.map((i) => (toRight ? i : 2 * depth - i)),
    missingLeft: nodes.map((i) => i % 3),
    categorical: null,
    values: Float64Array.from(nodes, (i) => i / 7),
    covers: nodes,
    path: 'chain',
  };
}

test('the deepest chains allowed, and trees that are leaves among them', () => {
  const leaf = chain(0, true);
  const trees = [chain(4096, true), leaf, chain(4096, false), chain(1, true), leaf, leaf];
  const data = Float64Array.from({ length: 70 }, (_, i) => i * 120 - 100);
  checkForest({ trees, sets: [], facts: plainFacts(1) }, data);
  data[7] = Number.NaN;
  checkForest({ trees, sets: [], facts: plainFacts(1) }, data);
});

describe('batches of one block and more', () => {
  const size = 50_001;
  // A complete binary tree in a heap's numbering, its thresholds the middles of intervals of [0, 1).
  const splits = (size - 1) / 2;
  const heap = Array.from({ length: size }, (_, i) => i);
  const middle = (i: number) => {
    const level = Math.floor(Math.log2(i + 1));
    return (i + 1 - 2 ** level + 0.5) / 2 ** level;
  };
  const tree: SourceTree = {
    left: heap.map((i) => (i < splits ? 2 * i + 1 : -1)),
    right: heap.map((i) => (i < splits ? 2 * i + 2 : -1)),
    feature: heap.map((i) => i % 2),
    threshold: heap.map(middle),
    missingLeft: heap.map((i) => (i % 5 === 0 ? 1 : 0)),
    categorical: null,
    values: Float64Array.from(heap, (i) => 1 / (i + 1)),
    covers: null,
    path: 'heap',
  };
  const trees = [tree, { ...tree, feature: heap.map((i) => (i >> 1) % 2) }, tree];
  const facts = plainFacts(2);
  const described = layouts.map((layout) => describeTrees(trees, facts, layout));
  const models = described.flatMap((root) => {
    const bytes = writeNut(describeModel(root, 2));
    return [load(bytes), load(bytes, { accelerator: webAssembly })].map(asPredictor);
  });

  test.each([
    { rows: 3, gap: null },
    { rows: 799, gap: null },
    { rows: 803, gap: 802 },
    { rows: 16384, gap: null },
    { rows: 16385, gap: null },
    { rows: 33001, gap: 16384 },
    { rows: 33001, gap: 0 },
  ])('$rows rows, NaN in row $gap', ({ rows, gap }) => {
    const data = Float64Array.from({ length: rows * 2 }, (_, i) => ((i + 1) * 0.618033988749) % 1);
    if (gap !== null) data[gap * 2] = Number.NaN;
    const expected = Float64Array.from({ length: rows }, (_, row) => {
      const values = data.subarray(row * 2, row * 2 + 2);
      const leaves = trees.map((source) => naivePath(source, values, 'float32', []).pop()!);
      return naiveScores(trees, leaves, facts)[0]!;
    });
    for (const model of models)
      expectSameBits(model.raw({ data, rows, cols: 2 }).data, expected, 'scores');
    const alone = rows - 1;
    const last = { data: takeRows(data, 2, [alone]), rows: 1, cols: 2 };
    expectSameBits(models[0]!.raw(last).data, expected.subarray(alone), 'last row alone');
  });
});

describe('categories', () => {
  const sets = [
    { left: new Set([0, 33]), right: new Set([1, 64]), unlisted: 'left' as const },
    { left: new Set([0, 33]), right: new Set([1, 64]), unlisted: 'right' as const },
    { left: new Set([0, 33]), right: new Set([1, 64]), unlisted: 'missing' as const },
  ];
  const facts = { ...plainFacts(1), categories: packSets(sets) };
  const treeOf = (set: number, missingLeft: number): SourceTree => ({
    left: [1, -1, -1],
    right: [2, -1, -1],
    feature: [0, 0, 0],
    threshold: [set, 0, 0],
    missingLeft: [missingLeft, 0, 0],
    categorical: [1, 0, 0],
    values: Float64Array.of(0, -1, 1),
    covers: null,
    path: 'tree',
  });
  const go = (set: number, missingLeft: number, value: number) => {
    const answers = layouts.map((layout) => {
      const root = describeTrees([treeOf(set, missingLeft)], facts, layout);
      const model = asPredictor(load(writeNut(describeModel(root, 1))));
      return model.raw([[value]]).data[0];
    });
    expect(answers[0]).toBe(answers[1]);
    return answers[0] === -1 ? 'left' : 'right';
  };

  test.each([
    [0, 'left'],
    [-0, 'left'],
    // The specification truncates before it looks for the sign.
    [-0.5, 'left'],
    [0.99, 'left'],
    [33.5, 'left'],
    [1, 'right'],
    [64, 'right'],
  ])('%d is listed and goes %s everywhere', (value, side) => {
    for (const set of [0, 1, 2])
      for (const missing of [0, 1]) expect(go(set, missing, value)).toBe(side);
  });

  test.each([2, 32, 65, 96, 97, 1e9, 2 ** 32, 2 ** 32 + 33, Number.MAX_VALUE, -1, -33])(
    '%d is not listed and goes as the set says',
    (value) => {
      for (const missing of [0, 1]) {
        expect(go(0, missing, value)).toBe('left');
        expect(go(1, missing, value)).toBe('right');
        expect(go(2, missing, value)).toBe(missing === 1 ? 'left' : 'right');
      }
    },
  );

  test('infinities are not listed; NaN goes by the flag whatever the set says', () => {
    for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(go(0, 0, value)).toBe('left');
      expect(go(1, 1, value)).toBe('right');
      expect(go(2, 1, value)).toBe('left');
    }
    for (const set of [0, 1, 2]) {
      expect(go(set, 0, Number.NaN)).toBe('right');
      expect(go(set, 1, Number.NaN)).toBe('left');
    }
  });
});
