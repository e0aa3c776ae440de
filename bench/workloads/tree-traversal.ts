import Benchmark from 'benchmark';
import { formatCount, formatTable } from '../../src/cli/print.js';
import { asPredictor, createModel, type Predictor } from '../../src/model.js';
import { drawRows, type Fixture, readForests } from '../fixtures.js';

export const runsIn = ['node'] as const;
export const trained: readonly string[] = [];

const forests = 4;
const batchRows = 1024;
const seed = 1;

/** Time per row of `predictInto`, one row a call (each call another row) and in batches. */
export async function run(): Promise<void> {
  const rows = [['model', 'nodes', 'one row µs', '±', 'batch µs/row', '±', 'rows/s']];
  for (const fixture of await readForests(forests)) {
    const one = measure(oneRow(fixture));
    const batch = measure(wholeBatch(fixture));
    const perRow = batch.micros / batchRows;
    rows.push([
      fixture.name,
      formatCount(fixture.nodes),
      one.micros.toFixed(2),
      `${one.spread.toFixed(1)}%`,
      perRow.toFixed(3),
      `${batch.spread.toFixed(1)}%`,
      formatCount(Math.round(1e6 / perRow)),
    ]);
  }
  process.stdout.write(
    `tree traversal, predictInto, float64 rows, batches of ${batchRows}\n${formatTable(rows)}\n\n`,
  );
}

/** Results are added up here, so that no call can be left out as unused. */
let checksum = 0;

function oneRow({ model: description }: Fixture): () => void {
  const model = asPredictor(createModel(description));
  const cols = model.nFeatures;
  const data = drawRows(description, batchRows, seed);
  const rows = Array.from({ length: batchRows }, (_, i) => ({
    data: data.subarray(i * cols, (i + 1) * cols),
    rows: 1,
    cols,
  }));
  const { predict, out } = target(model, 1);
  let i = 0;
  return () => {
    predict(rows[i++ % batchRows]!);
    checksum += out[0]!;
  };
}

function wholeBatch({ model: description }: Fixture): () => void {
  const model = asPredictor(createModel(description));
  const X = {
    data: drawRows(description, batchRows, seed),
    rows: batchRows,
    cols: model.nFeatures,
  };
  const { predict, out } = target(model, batchRows);
  return () => {
    predict(X);
    checksum += out[batchRows - 1]!;
  };
}

function target(model: Predictor, rows: number) {
  type Matrix = { data: Float64Array; rows: number; cols: number };
  const columns =
    model.task === 'classifier'
      ? model.multiOutput
        ? model.classes.length
        : 1
      : model.multiOutput
        ? model.raw([]).cols
        : 1;
  const out =
    model.task === 'classifier' ? new Int32Array(rows * columns) : new Float64Array(rows * columns);
  const predict = model.predictInto as (X: Matrix, out: Int32Array | Float64Array) => void;
  return { predict: (X: Matrix) => predict(X, out), out };
}

/** Mean time of a call in µs and its relative margin of error in percent (95 %). */
function measure(call: () => void): { micros: number; spread: number } {
  for (let i = 0; i < 50; i++) call();
  const benchmark = new Benchmark({ fn: call, minSamples: 20, maxTime: 0.6 });
  benchmark.run({ async: false });
  if (!Number.isFinite(checksum)) throw new Error('a prediction that is not finite');
  return { micros: benchmark.stats.mean * 1e6, spread: benchmark.stats.rme };
}
