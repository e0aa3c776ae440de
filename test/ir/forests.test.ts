import { describe, expect, test } from 'vitest';
import { readNut, writeNut } from '../../formats/nut/index.js';
import { asPredictor, createModel, load, type Predictor, webAssembly } from '../../src/index.js';
import type { MatrixLike } from '../../src/input/matrix.js';
import type { Node, Select, Trees } from '../../src/ir/index.js';
import type { Matrix } from '../../src/result.js';
import { expectSameBits, expectSameIntegers } from './bits.js';
import { describeModel, describeTrees, takeRows, type WantedLayout } from './describe-trees.js';
import { type Forest, type ForestCase, readForests } from './fixtures.js';
import { walkEveryWay } from './kernels.js';

/** Around every turn of the kernels: the walk row by row, the lock step and its rest, WebAssembly’s turn, and blocks of 256 rows. */
const batches = [1, 2, 3, 4, 5, 6, 7, 255, 256, 257, 515, 1, 9];
/** Rows of half a million features are walked in blocks of 4. */
const longBatches = [1, 2, 9];

const forests = readForests();
const layouts: readonly WantedLayout[] = ['fitting', 'wide'];

test('fixtures cover what importers do not reach yet', () => {
  const names = forests.map((forest) => forest.name);
  expect(names.length).toBeGreaterThan(19);
  expect(forests.filter((forest) => forest.categories !== null)).toHaveLength(4);
  const infinite = forests.filter(({ trees }) =>
    trees.some((tree) => Array.from(tree.threshold).includes(Number.POSITIVE_INFINITY)),
  );
  expect(infinite.map((forest) => forest.name)).toContain('infinite-threshold');
});

test('the narrow layout is used to its last bit', () => {
  const layoutOf = Object.fromEntries(
    forests.map((forest) => {
      const { layout, featureBits } = describeTrees(forest.trees, forest);
      return [forest.name, [layout, featureBits]];
    }),
  );
  expect(layoutOf).toMatchObject({
    'narrow-largest': ['narrow', 19],
    'wide-features': ['wide', 28],
    'wide-nodes': ['wide', 28],
    'hist-clean': ['wide', 28],
    'selected-columns': ['narrow', 3],
  });
});

describe.each(forests.map((forest) => [forest.name, forest] as const))('%s', (_, forest) => {
  describe.each(layouts)('%s layout', (layout) => {
    const trees = describeTrees(forest.trees, forest, layout);

    test.each(forest.cases.map((item) => [item.name, item] as const))(
      '%s: scores and leaves are Python’s, to the bit, in batches of any size',
      (_, item) => {
        const description = describeModel(rootOf(trees, item), item.x.cols);
        const bytes = writeNut(description);
        expect(Buffer.compare(writeNut(readNut(bytes)), bytes), 'written again').toBe(0);
        checkBatches(asPredictor(createModel(description)), forest, item, 0);
        checkBatches(asPredictor(load(bytes)), forest, item, 5);
        checkBatches(asPredictor(load(bytes, { accelerator: webAssembly })), forest, item, 9);
      },
    );

    test.each(forest.cases.map((item) => [item.name, item] as const))(
      '%s: every kernel ends in the same leaves',
      (_, item) => {
        const { data, rows } = selected(item);
        const all = Array.from({ length: rows }, (_, i) => i);
        const expected = pickLeaves(forest, item, all);
        const ids = idsBySlot(trees);
        // One row more or fewer moves every row to another place of the lock step.
        for (const skipped of forest.features > 1e5 ? [0, 3] : [0, 1, 2, 3]) {
          const part = data.subarray(skipped * forest.features);
          for (const { name, slots } of walkEveryWay(trees, part)) {
            const leaves = slots.map((slot) => ids[slot]!);
            expectSameIntegers(leaves, expected.slice(skipped * forest.trees.length), name);
          }
        }
      },
    );

    test('a row’s decision path ends in its leaf in each tree', () => {
      for (const item of forest.cases) {
        const model = asPredictor(createModel(describeModel(rootOf(trees, item), item.x.cols)));
        const count = forest.trees.length;
        const path = model.decisionPath!(item.x);
        expect(path.cols).toBe(trees.starts[count]);
        for (let row = 0; row < item.x.rows; row++) {
          const nodes = path.indices.subarray(path.indptr[row], path.indptr[row + 1]);
          const ends = path.treeStarts.slice(1).map((end, t) => {
            const own = nodes.filter((node) => node < end && node >= path.treeStarts[t]!);
            expect(own[0], 'a path begins at the root').toBe(path.treeStarts[t]);
            return own[own.length - 1]! - path.treeStarts[t]!;
          });
          expectSameIntegers(ends, pickLeaves(forest, item, [row]), `row ${row}`);
        }
      }
    });
  });
});

test('a forest answers 0 where all its leaves are −0, a single tree −0', () => {
  const zeros = (name: string) => {
    const { cases } = forests.find((forest) => forest.name === name)!;
    return cases.flatMap(({ raw }) => Array.from(raw.filter((value) => value === 0)));
  };
  expect(zeros('negative-zero').some((value) => Object.is(value, -0))).toBe(true);
  expect(zeros('negative-zero-forest').length).toBeGreaterThan(0);
  expect(zeros('negative-zero-forest').every((value) => Object.is(value, 0))).toBe(true);
});

test('NaN goes left at some splits and right at others', () => {
  const forest = forests.find(({ name }) => name === 'classifier-gaps')!;
  const flags = forest.trees.flatMap((tree) =>
    Array.from(tree.left).flatMap((left, i) => (left === -1 ? [] : [tree.missingLeft![i]!])),
  );
  expect(new Set(flags)).toEqual(new Set([0, 1]));
});

/** Compares a model's answers for batches of a case's rows, from `start` on and over again, with Python's. */
function checkBatches(model: Predictor, forest: Forest, item: ForestCase, start: number): void {
  for (const size of forest.features > 1e5 ? longBatches : batches) {
    const rows = Array.from({ length: size }, (_, i) => (start + i) % item.x.rows);
    const x = pickRows(item.x, rows);
    const what = `${size} rows from ${start} on`;
    expectSameBits(model.raw(x).data, takeRows(item.raw, forest.outputs, rows), what);
    const applied = model.apply!(x) as Matrix<Int32Array>;
    expectSameIntegers(applied.data, pickLeaves(forest, item, rows), what);
  }
}

/** The part that answers a case: the trees, after the choice of columns where there is one. */
function rootOf(trees: Trees, { columns, x }: ForestCase): Node {
  if (columns === null) return trees;
  const select: Select = { kind: 'select', features: x.cols, columns: Uint32Array.from(columns) };
  return { kind: 'pipeline', steps: [select, trees] };
}

function pickRows({ data, cols }: MatrixLike, rows: readonly number[]): MatrixLike {
  return { data: takeRows(data, cols, rows), rows: rows.length, cols };
}

/** The rows of a case as the trees see them. */
function selected({ x, columns }: ForestCase): MatrixLike {
  if (columns === null) return x;
  const cols = columns.length;
  const data = new Float64Array(x.rows * cols);
  for (let i = 0; i < data.length; i++)
    data[i] = x.data[Math.floor(i / cols) * x.cols + columns[i % cols]!]!;
  return { data, rows: x.rows, cols };
}

function pickLeaves(forest: Forest, { leaves }: ForestCase, rows: readonly number[]): Int32Array {
  const count = forest.trees.length;
  return Int32Array.from({ length: rows.length * count }, (_, i) => {
    const row = rows[Math.floor(i / count)]!;
    return leaves[row * count + (i % count)]!;
  });
}

/** The source's id of each slot's node, found from the arrays alone. */
function idsBySlot(trees: Trees): ArrayLike<number> {
  if (trees.nodeIds !== null) return trees.nodeIds;
  const wide = trees.layout === 'wide';
  const ids = new Int32Array(trees.starts[trees.starts.length - 1]!);
  for (let t = 0; t + 1 < trees.starts.length; t++) {
    const root = trees.starts[t]!;
    let next = 0;
    const visit = (slot: number, leaf: boolean) => {
      ids[slot] = next++;
      if (leaf) return;
      const word = trees.nodes[wide ? slot * 4 + 2 : slot * 2 + 1]!;
      const shift = 4 + trees.featureBits;
      const child = root + (wide ? trees.nodes[slot * 4 + 3]! : word >>> shift);
      visit(child, (word & 2) !== 0);
      visit(child + 1, (word & 4) !== 0);
    };
    visit(root, trees.starts[t + 1]! - root === 1);
  }
  return ids;
}
