import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { projectFolder } from '../../bench/fixtures.js';
import { makeLargeForest } from '../../bench/large-forest.js';
import { describeMachine } from '../../bench/machine.js';
import { quantile } from '../../bench/measurement.js';
import { createRandom } from '../../bench/random.js';
import { writeNut } from '../../formats/index.js';
import { formatTable } from '../../src/cli/print.js';
import { ServedProcess } from './served-process.js';

const help = `npm run bench:batches -- [--seconds N]

How long small requests wait while batches of 10,000 rows come to a large forest, with and without threads; and how many small requests a
second are answered with and without joining them. Answers are compared between all settings.
`;

/** Each of its trees is deep, so that a row takes about a tenth of a millisecond. */
const large = { trees: 500, splits: 2000, features: 20, classes: 3, seed: 1 };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const milliseconds = Number(values.seconds ?? 5) * 1000;
  process.stdout.write(`${describeMachine()}\n`);
  const folder = await mkdtemp(join(tmpdir(), 'nuthatch-batches-'));
  try {
    const path = join(folder, 'large.nut');
    await writeFile(path, writeNut(makeLargeForest(large)));
    await compareThreads(folder, path, milliseconds);
    await compareJoining(folder, path, large.features, 'large forest', milliseconds);
    const small = join(projectFolder, 'fixtures/demo/model.json');
    await compareJoining(folder, small, 4, 'small forest', milliseconds);
    return 0;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function rowsOf(rows: number, features: number): number[][] {
  const random = createRandom(1);
  return Array.from({ length: rows }, () => Array.from({ length: features }, random));
}

async function start(folder: string, path: string, models: object): Promise<ServedProcess> {
  const config = join(folder, 'serve.json');
  await writeFile(config, JSON.stringify({ models }));
  return ServedProcess.start('--config', config, path);
}

/** What is asked again and again for a time, each answer as the first. Returns how long each took. */
async function askFor(
  server: ServedProcess,
  body: string,
  connections: number,
  milliseconds: number,
  expected: string | null = null,
): Promise<number[]> {
  const times: number[] = [];
  const until = performance.now() + milliseconds;
  let first = expected;
  const ask = async (): Promise<void> => {
    while (performance.now() < until) {
      const answer = await server.ask('POST', '/predict', body);
      first ??= answer.body;
      if (answer.status !== 200 || answer.body !== first)
        throw new Error(`another answer: ${answer.status} ${answer.body.slice(0, 200)}`);
      times.push(answer.milliseconds);
    }
  };
  await Promise.all(Array.from({ length: connections }, ask));
  return times;
}

async function compareThreads(folder: string, path: string, milliseconds: number): Promise<void> {
  const small = JSON.stringify({ features: rowsOf(1, large.features) });
  const many = JSON.stringify({ features: rowsOf(10_000, large.features) });
  let answered: string | null = null;
  const table = [['threads', 'p50, ms', 'p99, ms', 'longest, ms', 'large batches, ms each']];
  for (const threads of [0, 1, 2]) {
    const server = await start(folder, path, { threads });
    try {
      const { body } = await server.ask('POST', '/predict', many);
      answered ??= body;
      const [waits, batches] = await Promise.all([
        askFor(server, small, 1, milliseconds),
        askFor(server, many, 1, milliseconds, answered),
      ]);
      const of = (share: number) => quantile(waits, share).toFixed(1);
      table.push([String(threads), of(0.5), of(0.99), of(1), quantile(batches, 0.5).toFixed(0)]);
    } finally {
      await server.end();
    }
  }
  process.stdout.write(
    `\nSmall requests while batches of 10,000 rows come:\n${formatTable(table)}\n`,
  );
}

async function compareJoining(
  folder: string,
  path: string,
  features: number,
  name: string,
  milliseconds: number,
): Promise<void> {
  const body = JSON.stringify({ features: rowsOf(1, features) });
  const table = [['joined', 'requests a second', 'p50, ms', 'p99, ms']];
  const settings = {
    none: {},
    'that came together': { batching: { maxRows: 64 } },
    'within 1 ms': { batching: { maxRows: 64, maxWaitMs: 1 } },
  };
  for (const [setting, models] of Object.entries(settings)) {
    const server = await start(folder, path, models);
    try {
      await askFor(server, body, 32, milliseconds / 5);
      const times = await askFor(server, body, 32, milliseconds);
      const perSecond = (times.length / milliseconds) * 1000;
      const of = (share: number) => quantile(times, share).toFixed(2);
      table.push([setting, perSecond.toFixed(0), of(0.5), of(0.99)]);
    } finally {
      await server.end();
    }
    await sleep(100);
  }
  process.stdout.write(`\nRequests of one row, 32 at a time, ${name}:\n${formatTable(table)}\n`);
}

process.exitCode = await main();
