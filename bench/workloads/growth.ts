import { formatCount, formatTable } from '../../src/cli/print.js';
import { createModel, type Model } from '../../src/index.js';
import type { Trees } from '../../src/ir/index.js';
import type { Bench } from '../context.js';
import { makeLargeForest } from '../large-forest.js';
import { quantile, spreadOf } from '../measurement.js';
import { type NestedNode, nestTrees } from '../nested-trees.js';
import { predictor } from '../peers/nuthatch.js';
import { createRandom } from '../random.js';
import { formatMicros } from '../tables.js';
import type { Batch } from '../workload.js';

/** By name only: forests of ten million nodes take their time to make. */
export const runsIn = [] as const;
export const trained: readonly string[] = [];

const features = 30;
const trees = 100;
const checkedRows = 50;
const sampleMillis = 100;

/** How the time per row grows: with the nodes of a forest, with its trees, and with the rows of a batch. Forests are made, not trained. */
export async function run({ pace }: Bench): Promise<void> {
  const nodes = [1e2, 1e3, 1e4, 1e5, 1e6, 1e7].map((wanted) => {
    // A leaf and a split at least: a hundred nodes are a tree each of fewer trees.
    const count = Math.min(trees, Math.ceil(wanted / 10));
    const splits = Math.max(1, Math.round((wanted / count - 1) / 2));
    return measureForest(count, splits, pace.rounds);
  });
  print('time per row as the nodes grow', 'nodes', nodes, ({ nodes }) => nodes);
  const counts = [10, 30, 100, 300, 1000].map((count) => measureForest(count, 250, pace.rounds));
  print('time per row as the trees grow', 'trees', counts, ({ trees }) => trees);
  printRows(pace.rounds);
}

interface Growth {
  readonly nodes: number;
  readonly trees: number;
  readonly one: readonly number[];
  readonly batch: readonly number[];
}

function measureForest(trees: number, splits: number, rounds: number): Growth {
  const model = makeForest(trees, splits);
  return {
    nodes: trees * (2 * splits + 1),
    trees,
    one: timeBatches(model, 1, rounds),
    batch: timeBatches(model, 10_000, rounds),
  };
}

function makeForest(trees: number, splits: number): Model {
  const description = makeLargeForest({ trees, splits, features, classes: 0, seed: trees });
  const model = createModel(description);
  checkRows(model, description.root as Trees);
  return model;
}

/** Against a walk over objects. */
function checkRows(model: Model, forest: Trees): void {
  const nested = nestTrees(forest);
  const predict = predictor(model);
  for (const batch of makeRows(checkedRows, 1)) {
    const row = batch.data;
    const expected = nested.reduce((sum, tree) => sum + walk(tree, row), 0) / nested.length;
    if (predict(batch) !== expected) throw new Error('a wrong answer; timings would mean nothing');
  }
}

function walk(tree: NestedNode, row: Float32Array): number {
  let node = tree;
  while (!('leaf' in node)) node = row[node.feature]! > node.threshold ? node.right : node.left;
  return node.leaf[0]!;
}

function makeRows(rows: number, size: number): Batch[] {
  const random = createRandom(rows);
  return Array.from({ length: rows / size }, () => ({
    data: Float32Array.from({ length: size * features }, random),
    rows: size,
    cols: features,
  }));
}

let checksum = 0;

/** µs per row of each round. */
function timeBatches(model: Model, size: number, rounds: number): number[] {
  const predict = predictor(model);
  const batches = makeRows(Math.max(10_000, size), size);
  let next = 0;
  const sample = (): number => {
    const start = performance.now();
    let calls = 0;
    do {
      checksum += predict(batches[next++ % batches.length]!);
      calls++;
    } while (performance.now() - start < sampleMillis);
    return ((performance.now() - start) * 1000) / (calls * size);
  };
  sample();
  const samples = Array.from({ length: rounds }, sample);
  if (!Number.isFinite(checksum)) throw new Error('a prediction that is not finite');
  return samples;
}

function print(
  title: string,
  what: string,
  growths: readonly Growth[],
  size: (growth: Growth) => number,
): void {
  const most = Math.max(...growths.map(({ batch }) => quantile(batch, 0.5)));
  const cells = [
    [what, 'one row µs', '±', 'batch µs/row', '±', `ns per ${what.slice(0, -1)}`, 'batch'],
  ];
  for (const growth of growths) {
    const micros = quantile(growth.batch, 0.5);
    cells.push([
      formatCount(size(growth)),
      ...formatSamples(growth.one),
      ...formatSamples(growth.batch),
      ((1000 * micros) / size(growth)).toFixed(size(growth) > 5000 ? 4 : 2),
      plotLogarithm(micros, most),
    ]);
  }
  process.stdout.write(`${title}, batches of 10,000\n${formatTable(cells)}\n\n`);
}

/** A forest of 10⁵ nodes. */
function printRows(rounds: number): void {
  const model = makeForest(trees, 500);
  const cells = [['rows', 'µs/row', '±']];
  for (const rows of [1, 10, 100, 1000, 10_000, 100_000])
    cells.push([formatCount(rows), ...formatSamples(timeBatches(model, rows, rounds))]);
  process.stdout.write(`time per row as the rows of a call grow\n${formatTable(cells)}\n\n`);
}

function formatSamples(samples: readonly number[]): [string, string] {
  return [formatMicros(quantile(samples, 0.5)), `${spreadOf(samples).toFixed(1)}%`];
}

/** A bar with ten characters for each power of ten, the largest of four. */
function plotLogarithm(value: number, most: number): string {
  return '#'.repeat(Math.max(1, Math.round(40 + 10 * Math.log10(value / most))));
}
