import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatTable } from '../src/cli/print.js';
import { asPredictor, load } from '../src/index.js';
import { workerThreads } from '../src/node.js';
import { describeMachine } from './machine.js';
import { quantile } from './measurement.js';
import { parallelPredictor } from './peers/nuthatch.js';
import { free, TwoCores } from './two-cores.js';
import { type Batch, cutBatches, readWorkload } from './workload.js';

const help = `npm run bench:threads -- [options]

Where the time of calls in worker threads goes: what all threads of the process computed, and what they waited for a core while they could
have run, as Linux counts both (/proc/self/task/*/schedstat), in calls of 100,000 rows in one worker thread and in two, in turns. Before and
after each pair two threads compute in registers alone, for as long as such calls take: what two cores gave at the time, whatever runs on them.
They are free where that is 1.9 times one or more.

  --only A,B     workloads; default W1 to W6
  --rounds N     default 40
  --calls N      makes so many calls and measures nothing: for what counts instructions of a whole process, such as
                 valgrind --tool=lackey --basic-counts=yes --smc-check=all-non-file node --single-threaded-gc \\
                   dist/bench/thread-times.js --only W1 --threads 2 --calls 8
  --threads N    threads of these calls; default 2
  --rows N       rows of a call; default 100,000
`;

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
      calls: { type: 'string' },
      threads: { type: 'string', default: '2' },
      rows: { type: 'string', default: '100000' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const rows = Number(values.rows);
  if (values.calls !== undefined) {
    for (const name of values.only.split(','))
      await makeCalls(name, rows, Number(values.threads), Number(values.calls));
    return;
  }
  process.stdout.write(`${describeMachine()}\n`);
  const times = ['two threads over one', 'lower quartile', 'computing', 'waiting'];
  const head = ['', 'two cores over one', 'lower quartile', ...times];
  const table = [[...head, 'cores free', ...times]];
  const cores = await TwoCores.start();
  for (const name of values.only.split(','))
    table.push(await measure(name, rows, Number(values.rounds), cores));
  await cores.close();
  process.stdout.write(`${formatTable(table)}\n`);
}

/** A model, and rows of one call. */
function open(name: string, rows: number) {
  const workload = readWorkload(name, true);
  const [batch] = cutBatches(workload, rows);
  return {
    model: asPredictor(load(workload.model, { accelerator: workerThreads })),
    batch: batch!,
  };
}

async function makeCalls(
  name: string,
  rows: number,
  threads: number,
  calls: number,
): Promise<void> {
  const { model, batch } = open(name, rows);
  const many = await model.parallel({ threads });
  const predict = parallelPredictor(many);
  for (let call = 0; call < calls; call++) await predict(batch);
  await many.close();
}

/** A call in one thread, and the next in two. */
interface Pair {
  readonly single: Times;
  readonly double: Times;
  /** What two cores gave, before or after, where it was less. */
  readonly cores: number;
}

/** A line of the table: of all pairs, and of those while cores were free. */
async function measure(
  name: string,
  rows: number,
  rounds: number,
  cores: TwoCores,
): Promise<string[]> {
  const { model, batch } = open(name, rows);
  const [one, two] = [await model.parallel({ threads: 1 }), await model.parallel({ threads: 2 })];
  const [inOne, inTwo] = [parallelPredictor(one), parallelPredictor(two)];
  const pairs: Pair[] = [];
  const calls = [];
  for (let call = 0; call < 5; call++) {
    calls.push((await timeCall(inOne, batch)).wall);
    await inTwo(batch);
  }
  const spins = await cores.roundsOf(quantile(calls, 0.5));
  const found = [await cores.measure(spins)];
  for (let round = 0; round < rounds; round++) {
    const single = await timeCall(inOne, batch);
    const double = await timeCall(inTwo, batch);
    found.push(await cores.measure(spins));
    pairs.push({ single, double, cores: Math.min(...found.slice(-2)) });
  }
  await Promise.all([one.close(), two.close()]);
  const whole = pairs.filter((pair) => pair.cores >= free);
  return [
    name,
    ...quartiles(found),
    ...describe(pairs),
    String(whole.length),
    ...(whole.length > 0 ? describe(whole) : []),
  ];
}

function describe(pairs: readonly Pair[]): string[] {
  const computing = pairs.map(({ single, double }) => double.computed / single.computed);
  const waiting = pairs.map(({ double }) => double.waited);
  return [
    ...quartiles(pairs.map(({ single, double }) => single.wall / double.wall)),
    `${quantile(computing, 0.5).toFixed(2)}×`,
    `${quantile(waiting, 0.5).toFixed(1)} ms`,
  ];
}

/** The median and the lower quartile. */
const quartiles = (ratios: readonly number[]): string[] =>
  [0.5, 0.25].map((part) => `${quantile(ratios, part).toFixed(2)}×`);

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
