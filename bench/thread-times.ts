import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatTable } from '../src/cli/print.js';
import { asPredictor, load } from '../src/index.js';
import { workerThreads } from '../src/node.js';
import { describeMachine } from './machine.js';
import { quantile } from './measurement.js';
import { parallelPredictor } from './peers/nuthatch.js';
import { type Batch, cutBatches, readWorkload } from './workload.js';

const help = `npm run bench:threads -- [options]

Where the time of calls in worker threads goes: what all threads of the process computed, and what they waited for a core while they could
have run, as Linux counts both (/proc/self/task/*/schedstat), in calls of 100,000 rows in one worker thread and in two, in turns.

  --only A,B     workloads; default W1 to W6
  --rounds N     default 40
`;

const rowsOfCall = 100_000;

/** Milliseconds. */
interface Times {
  readonly wall: number;
  readonly computed: number;
  /** Ready to run, but not running. */
  readonly waited: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: 'W1,W2,W3,W4,W5,W6' },
      rounds: { type: 'string', default: '40' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  process.stdout.write(`${describeMachine()}\n`);
  const head = ['two threads over one', 'faster half', 'slower half', 'computing', 'ms of a call'];
  const table = [['', ...head, 'waiting: faster half', 'slower half']];
  for (const name of values.only.split(',')) table.push(await measure(name, Number(values.rounds)));
  process.stdout.write(`${formatTable(table)}\n`);
}

/** A line of the table: ratios are of a call in one thread to the next in two. */
async function measure(name: string, rounds: number): Promise<string[]> {
  const workload = readWorkload(name, true);
  const [batch] = cutBatches(workload, rowsOfCall);
  const model = asPredictor(load(workload.model, { accelerator: workerThreads }));
  const [one, two] = [await model.parallel({ threads: 1 }), await model.parallel({ threads: 2 })];
  const [inOne, inTwo] = [parallelPredictor(one), parallelPredictor(two)];
  const pairs: { readonly single: Times; readonly double: Times; readonly ratio: number }[] = [];
  for (let round = -3; round < rounds; round++) {
    const single = await timeCall(inOne, batch!);
    const double = await timeCall(inTwo, batch!);
    if (round >= 0) pairs.push({ single, double, ratio: single.wall / double.wall });
  }
  await Promise.all([one.close(), two.close()]);
  pairs.sort((a, b) => b.ratio - a.ratio);
  const [fast, slow] = [pairs.slice(0, rounds / 2), pairs.slice(rounds / 2)];
  const ratioOf = (some: typeof pairs) => `${middle(some, ({ ratio }) => ratio).toFixed(2)}×`;
  const waitOf = (some: typeof pairs) =>
    `${middle(some, ({ double }) => double.waited).toFixed(2)} ms`;
  return [
    name,
    ...[pairs, fast, slow].map(ratioOf),
    `${middle(pairs, ({ single, double }) => double.computed / single.computed).toFixed(2)}×`,
    middle(pairs, ({ double }) => double.wall).toFixed(1),
    ...[fast, slow].map(waitOf),
  ];
}

const middle = <T>(all: readonly T[], of: (one: T) => number): number => quantile(all.map(of), 0.5);

async function timeCall(call: (batch: Batch) => Promise<number>, batch: Batch): Promise<Times> {
  const before = readThreads();
  const begun = performance.now();
  await call(batch);
  const wall = performance.now() - begun;
  const after = readThreads();
  return {
    wall,
    computed: after.computed - before.computed,
    waited: after.waited - before.waited,
  };
}

/** Of all threads of this process together, since they began. */
function readThreads(): Omit<Times, 'wall'> {
  const folder = '/proc/self/task';
  let [computed, waited] = [0, 0];
  for (const thread of readdirSync(folder)) {
    const [ran, ready] = readFileSync(`${folder}/${thread}/schedstat`, 'utf8')
      .split(' ')
      .map(Number);
    computed += ran! / 1e6;
    waited += ready! / 1e6;
  }
  return { computed, waited };
}

await main();
