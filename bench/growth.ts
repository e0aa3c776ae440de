import { writeNut } from '../formats/nut/index.js';
import { asPredictor, load, type Parallel, type Predictor } from '../src/index.js';
import type { Trees } from '../src/ir/index.js';
import { workerThreads } from '../src/node.js';
import { makeLargeForest } from './large-forest.js';
import { quantile } from './measurement.js';
import { type NestedNode, nestTrees } from './nested-trees.js';
import { parallelPredictor, predictor } from './peers/nuthatch.js';
import { createRandom } from './random.js';
import type { Batch } from './workload.js';

/** How times grow. Forests are made, not trained: regressors with a value of its own in every leaf. */
export interface Growth {
  readonly nodes: readonly ForestTimes[];
  readonly trees: readonly ForestTimes[];
  /** Of a forest of 10⁵ nodes. */
  readonly rows: readonly RowTimes[];
}

/** Samples are µs per row, or ms to load. */
export interface ForestTimes {
  readonly nodes: number;
  readonly trees: number;
  readonly fileBytes: number;
  /** From the file's bytes in memory to a model. */
  readonly load: readonly number[];
  readonly one: readonly number[];
  /** In batches of 10,000 rows. */
  readonly batch: readonly number[];
  /** The same in two worker threads. */
  readonly threads: readonly number[];
}

export interface RowTimes {
  /** Of a call. */
  readonly rows: number;
  readonly here: readonly number[];
  readonly threads: readonly number[];
}

export const batchRows = 10_000;
export const rowsForest = 1e5;
const features = 30;
const most = 100;
const checkedRows = 50;
const sampleMillis = 100;

export async function measureGrowth(rounds: number): Promise<Growth> {
  const nodes: ForestTimes[] = [];
  for (const wanted of [1e2, 1e3, 1e4, 1e5, 1e6, 1e7]) {
    // A leaf and a split at least: a hundred nodes are a tree each of fewer trees.
    const trees = Math.min(most, Math.ceil(wanted / 10));
    nodes.push(await timeForest(trees, splitsOf(wanted / trees), rounds));
  }
  const trees: ForestTimes[] = [];
  for (const count of [10, 30, 100, 300, 1000]) trees.push(await timeForest(count, 250, rounds));
  return { nodes, trees, rows: await timeRows(rounds) };
}

const splitsOf = (treeNodes: number): number => Math.max(1, Math.round((treeNodes - 1) / 2));

async function timeForest(trees: number, splits: number, rounds: number): Promise<ForestTimes> {
  const file = makeForest(trees, splits);
  const { model, many } = await openForest(file);
  const here = predictor(model);
  const [one, batch, threads] = await timeInTurns(rounds, [
    sampler(1, here),
    sampler(batchRows, here),
    sampler(batchRows, parallelPredictor(many)),
  ]);
  await many.close();
  return {
    nodes: trees * (2 * splits + 1),
    trees,
    fileBytes: file.length,
    load: timeLoads(file, rounds),
    one: one!,
    batch: batch!,
    threads: threads!,
  };
}

async function timeRows(rounds: number): Promise<RowTimes[]> {
  const { model, many } = await openForest(makeForest(most, splitsOf(rowsForest / most)));
  const times: RowTimes[] = [];
  for (const rows of [1, 10, 100, 1000, 10_000, 100_000]) {
    const [here, threads] = await timeInTurns(rounds, [
      sampler(rows, predictor(model)),
      sampler(rows, parallelPredictor(many)),
    ]);
    times.push({ rows, here: here!, threads: threads! });
  }
  await many.close();
  return times;
}

const makeForest = (trees: number, splits: number): Uint8Array =>
  writeNut(makeLargeForest({ trees, splits, features, classes: 0, seed: trees }));

/** A forest whose answers are right, here and in two threads. */
async function openForest(
  file: Uint8Array,
): Promise<{ model: Predictor; many: Parallel<Predictor> }> {
  const model = asPredictor(load(file, { accelerator: workerThreads }));
  const many = await model.parallel({ threads: 2 });
  const forest = model.description.root as Trees;
  const [rows] = makeBatches(checkedRows, checkedRows);
  const expected = new Float64Array(checkedRows);
  // A tree after another: objects of millions of nodes take gigabytes.
  for (let tree = 0; tree + 1 < forest.starts.length; tree++) {
    const [root] = nestTrees({ ...forest, starts: forest.starts.subarray(tree, tree + 2) });
    for (let row = 0; row < checkedRows; row++)
      expected[row]! += walk(root!, rows!.data.subarray(row * features, (row + 1) * features));
  }
  const size = forest.starts.length - 1;
  const check = (found: ArrayLike<number>): void => {
    for (let row = 0; row < found.length; row++)
      if (found[row] !== expected[row % checkedRows]! / size)
        throw new Error('a wrong answer; timings would mean nothing');
  };
  check((model.raw(rows!) as { data: Float64Array }).data);
  const repeated = repeatRows(rows!, batchRows);
  check((await many.raw(repeated)).data);
  check(model.raw(repeated).data);
  return { model, many };
}

function walk(tree: NestedNode, row: Float32Array): number {
  let node = tree;
  while (!('leaf' in node)) node = row[node.feature]! > node.threshold ? node.right : node.left;
  return node.leaf[0]!;
}

function makeBatches(rows: number, size: number): Batch[] {
  const random = createRandom(rows);
  return Array.from({ length: rows / size }, () => ({
    data: Float32Array.from({ length: size * features }, random),
    rows: size,
    cols: features,
  }));
}

const repeatRows = ({ data, cols }: Batch, rows: number): Batch => ({
  data: Float32Array.from({ length: rows * cols }, (_, i) => data[i % data.length]!),
  rows,
  cols,
});

let checksum = 0;

/** Takes a sample: µs per row in calls with so many rows. */
function sampler(
  rows: number,
  predict: (batch: Batch) => number | Promise<number>,
): () => Promise<number> {
  const batches = makeBatches(Math.max(batchRows, rows), rows);
  let next = 0;
  return async () => {
    const start = performance.now();
    let calls = 0;
    do {
      const answer = predict(batches[next++ % batches.length]!);
      // To wait for what is there takes longer than to predict a row.
      checksum += typeof answer === 'number' ? answer : await answer;
      calls++;
    } while (performance.now() - start < sampleMillis);
    return ((performance.now() - start) * 1000) / (calls * rows);
  };
}

/** Samples of each, in rounds, so that whatever else the machine does falls on all of them. */
async function timeInTurns(
  rounds: number,
  samplers: readonly (() => Promise<number>)[],
): Promise<number[][]> {
  const samples: number[][] = samplers.map(() => []);
  for (let round = -1; round < rounds; round++) {
    for (const [i, sample] of samplers.entries()) {
      const micros = await sample();
      if (round >= 0) samples[i]!.push(micros);
    }
  }
  if (!Number.isFinite(checksum)) throw new Error('a prediction that is not finite');
  return samples;
}

function timeLoads(file: Uint8Array, rounds: number): number[] {
  const sample = (): number => {
    const start = performance.now();
    const { nFeatures } = load(file, { accelerator: workerThreads });
    const time = performance.now() - start;
    if (nFeatures !== features) throw new Error('the wrong model');
    return time;
  };
  sample();
  return Array.from({ length: rounds }, sample);
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);
