import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importModel } from '../../formats/index.js';
import { formatCount, formatTable } from '../../src/cli/print.js';
import { asClassifier, type Classifier, createModel, type RecordRow } from '../../src/index.js';
import { type GoldenSet, goldenRow } from '../../src/ir/index.js';
import { passed, verify } from '../../src/verify.js';
import { type Bench, compareAll } from '../context.js';
import { projectFolder } from '../fixtures.js';
import { measureAllocation, measureTime } from '../measure.js';
import { listPeers } from '../peers/list.js';

export const runsIn = ['node', 'python'] as const;
export const trained = ['pipeline'];

const batchRows = 1000;

/** µs that one row may take: of strings and numbers by name, and of numbers in a typed array. */
const goals = { record: 10, row: 3 } as const;

/** A pipeline of numbers by every peer, then records and rows through pipelines of thirty columns by ours. */
export async function run(bench: Bench): Promise<void> {
  await compareAll(bench, trained, listPeers(bench));
  if (bench.only === null) await measureOwn();
}

/**
 * Thirty columns with gaps through impute, scale, one-hot and a logistic regression (fixtures/pipelines): one row a call, each call
 * another row, and in batches. The rows are golden ones, whose answers are checked first.
 */
async function measureOwn(): Promise<void> {
  const cells = [
    ['method', 'input', 'µs', '±', 'goal', 'bytes/call', 'batch µs/row', '±', 'rows/s'],
  ];
  for (const { method, input, goal, one, batch } of [
    ...recordMethods(await read('mixed')),
    ...rowMethods(await read('numbers')),
  ]) {
    const single = measureTime(one);
    const whole = measureTime(batch);
    const perRow = whole.median / batchRows;
    cells.push([
      method,
      input,
      single.median.toFixed(2),
      `${single.spread.toFixed(1)}%`,
      `${single.median <= goal ? 'met' : 'MISSED'} (${goal})`,
      measureAllocation(one).toFixed(0),
      perRow.toFixed(2),
      `${whole.spread.toFixed(1)}%`,
      formatCount(Math.round(1e6 / perRow)),
    ]);
  }
  if (!Number.isFinite(checksum)) throw new Error('a prediction that is not finite');
  process.stdout.write(
    `pipelines of 30 columns, one row a call and batches of ${batchRows}, medians\n${formatTable(cells)}\n\n`,
  );
}

interface Workload {
  readonly method: string;
  readonly input: string;
  readonly goal: number;
  one(): void;
  batch(): void;
}

/** Results are added up here, so that no call can be left out as unused. */
let checksum = 0;

async function read(name: string): Promise<{ model: Classifier; rows: GoldenSet }> {
  const path = join(projectFolder, 'fixtures', 'pipelines', name, 'model.json');
  const description = await importModel(readFileSync(path));
  if (!passed(verify(description)))
    throw new Error(`${name}: golden rows do not hold; timings would mean nothing`);
  const rows = description.golden.find((set) => set.name === 'rows')!;
  return { model: asClassifier(createModel(description)), rows };
}

function recordMethods({ model, rows: { input } }: Awaited<ReturnType<typeof read>>): Workload[] {
  if (input.type !== 'columns') throw new Error('expected columns of several types');
  const golden = Array.from({ length: input.rows }, (_, row) =>
    goldenRow(input, model.featureNames, row),
  );
  const records = repeat(golden) as RecordRow[];
  let next = 0;
  return [
    {
      method: 'predictOne, predict',
      input: 'records',
      goal: goals.record,
      one: () => {
        checksum += String(model.predictOne(records[next++ % batchRows]!)).length;
      },
      batch: () => {
        checksum += model.predict(records).length;
      },
    },
  ];
}

function rowMethods({ model, rows: { input } }: Awaited<ReturnType<typeof read>>): Workload[] {
  if (input.type !== 'matrix') throw new Error('expected a matrix');
  const cols = model.nFeatures;
  const golden = Array.from({ length: input.rows }, (_, row) => ({
    data: Float64Array.from(input.data.subarray(row * cols, (row + 1) * cols)),
    rows: 1,
    cols,
  }));
  const rows = repeat(golden);
  const all = Float64Array.from(rows.flatMap(({ data }) => [...data]));
  const batch = { data: all, rows: batchRows, cols };
  const indices = new Int32Array(batchRows);
  const probabilities = new Float64Array(batchRows * model.classes.length);
  let next = 0;
  const into = (name: string, predict: (x: (typeof rows)[0]) => void): Workload => ({
    method: name,
    input: 'typed rows',
    goal: goals.row,
    one: () => predict(rows[next++ % batchRows]!),
    batch: () => predict(batch),
  });
  return [
    into('predictInto', (x) => {
      model.predictInto(x, indices);
      checksum += indices[0]!;
    }),
    into('predictProbaInto', (x) => {
      model.predictProbaInto!(x, probabilities);
      checksum += probabilities[0]!;
    }),
  ];
}

function repeat<T>(rows: readonly T[]): T[] {
  return Array.from({ length: batchRows }, (_, i) => rows[i % rows.length]!);
}
