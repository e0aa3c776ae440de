import { type Batch, cutBatches, type Workload } from './workload.js';

/** Everything that predictions leave behind is added up here, so that no call can be left out as unused. */
let checksum = 0;

type Timer = (rows: number, calls: number, first: number) => Promise<number>;

/**
 * Times calls of this process on batches of a workload. `prepare` brings a batch into the form that the library takes, before the clock
 * runs; `call` predicts it and returns a number of its result.
 */
export function batchTimer<Prepared>(
  workload: Workload,
  prepare: (batch: Batch) => Prepared,
  call: (prepared: Prepared) => number,
): Timer {
  return timer(workload, prepare, (batches, calls, first) => {
    let sum = 0;
    for (let i = 0; i < calls; i++) sum += call(batches[(first + i) % batches.length]!);
    return sum;
  });
}

/** The same for libraries that answer later. */
export function asyncBatchTimer<Prepared>(
  workload: Workload,
  prepare: (batch: Batch) => Prepared,
  call: (prepared: Prepared) => Promise<number>,
): Timer {
  return timer(workload, prepare, async (batches, calls, first) => {
    let sum = 0;
    for (let i = 0; i < calls; i++) sum += await call(batches[(first + i) % batches.length]!);
    return sum;
  });
}

function timer<Prepared>(
  workload: Workload,
  prepare: (batch: Batch) => Prepared,
  run: (batches: readonly Prepared[], calls: number, first: number) => number | Promise<number>,
): Timer {
  const batchesOf = prepareOnce(workload, prepare);
  return async (rows, calls, first) => {
    const batches = batchesOf(rows);
    const start = performance.now();
    const sum = await run(batches, calls, first);
    const time = performance.now() - start;
    keep(sum);
    return time * 1000;
  };
}

function prepareOnce<Prepared>(workload: Workload, prepare: (batch: Batch) => Prepared) {
  const prepared = new Map<number, Prepared[]>();
  return (rows: number): Prepared[] => {
    const known = prepared.get(rows) ?? cutBatches(workload, rows).map(prepare);
    prepared.set(rows, known);
    return known;
  };
}

function keep(sum: number): void {
  checksum += sum;
  if (Number.isNaN(checksum)) throw new Error('a prediction that is not a number');
}
