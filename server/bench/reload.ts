import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { projectFolder } from '../../bench/fixtures.js';
import { makeLargeForest } from '../../bench/large-forest.js';
import { describeMachine } from '../../bench/machine.js';
import { quantile } from '../../bench/measurement.js';
import { importModel, writeNut } from '../../formats/index.js';
import { formatBytes } from '../../src/cli/print.js';
import { type Answer, ServedProcess } from './served-process.js';

const help = `npm run bench:reload -- [options]

Reloads models while requests come: a small one many times, a large one while the longest wait is measured; and kills what writes a model,
and the server, at any moment. Ends with 1 if a request fails, an answer is wrong, or a file is not whole.

  --reloads N   of the small model; default 10,000
  --kills N     of the writer, and of the server while it reloads; default 100
  --large N     reloads of the large model; default 20
  --quick       300, 3 and 3
`;

const row = [5.1, 3.5, 1.4, 0.2];
const admin = join(projectFolder, 'server/bench/admin.yaml');

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      reloads: { type: 'string' },
      kills: { type: 'string' },
      large: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const count = (text: string | undefined, quick: number, whole: number): number =>
    text === undefined ? (values.quick ? quick : whole) : Number(text);
  process.stdout.write(`${describeMachine()}\n`);
  const folder = await mkdtemp(join(tmpdir(), 'nuthatch-reload-'));
  try {
    const faults = [
      await reloadOften(folder, count(values.reloads, 300, 10_000)),
      await reloadLarge(folder, count(values.large, 3, 20)),
      await killAll(folder, count(values.kills, 3, 100)),
    ];
    return faults.some((number) => number > 0) ? 1 : 0;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Asks again and again on some connections, until it is told to end. */
function load(server: ServedProcess, body: string, connections: number) {
  const answers: Answer[] = [];
  let errors = 0;
  let asking = true;
  const ask = async (): Promise<void> => {
    while (asking)
      await server.ask('POST', '/predict', body).then(
        (answer) => answers.push(answer),
        () => errors++,
      );
  };
  const all = Promise.all(Array.from({ length: connections }, ask));
  return async () => {
    asking = false;
    await all;
    return { answers, errors };
  };
}

/** Of two models of flowers, which give the first class another name. */
async function twoModels(): Promise<readonly [Uint8Array, Uint8Array]> {
  const model = await importModel(await readFile(join(projectFolder, 'fixtures/demo/model.json')));
  const renamed = structuredClone({ ...model, golden: [] });
  const { head } = renamed.root as unknown as { head: { labels: { values: string[] }[] } };
  head.labels[0]!.values[0] = 'SETOSA';
  return [writeNut(model), writeNut(renamed)];
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(`${path}.tmp`, bytes);
  await rename(`${path}.tmp`, path);
}

async function reloadOften(folder: string, reloads: number): Promise<number> {
  const path = join(folder, 'often.nut');
  const models = await twoModels();
  await writeFile(path, models[0]);
  const server = await ServedProcess.start('--config', admin, path);
  const end = load(server, JSON.stringify({ features: row }), 4);
  let refused = 0;
  const heaps: number[] = [];
  for (let i = 1; i <= reloads; i++) {
    await replace(path, models[i % 2]!);
    const { status } = await server.ask('POST', '/v2/repository/models/often/load');
    if (status !== 200) refused++;
    // The next answers come from the model that was loaded.
    const { body } = await server.ask('POST', '/predict', JSON.stringify({ features: row }));
    if (!body.includes(i % 2 === 0 ? 'setosa' : 'SETOSA')) refused++;
    if (i % Math.ceil(reloads / 10) === 0)
      heaps.push(await server.metric('nodejs_heap_size_used_bytes'));
  }
  const { answers, errors } = await end();
  const good = answers.filter(
    ({ status, body }) => status === 200 && /^\{"prediction":\["(setosa|SETOSA)"\]\}$/.test(body),
  );
  const counted = await server.metric('nuthatch_reloads_total{model="often",outcome="reloaded"}');
  await server.end();
  const failed = errors + answers.length - good.length;
  process.stdout.write(
    `${counted} reloads of ${reloads} under load: ${good.length} requests answered, ${failed} failed, ${refused} reloads wrong; heap ${heaps.map(formatBytes).join(', ')}\n`,
  );
  return failed + refused + reloads - counted;
}

async function reloadLarge(folder: string, reloads: number): Promise<number> {
  const path = join(folder, 'large.nut');
  const shape = { trees: 380, splits: 2500, features: 30, classes: 3, seed: 1 };
  const bytes = writeNut(makeLargeForest(shape));
  await writeFile(path, bytes);
  const server = await ServedProcess.start('--config', admin, path);
  const body = JSON.stringify({ features: Array.from({ length: shape.features }, () => 0.5) });
  const rest = load(server, body, 2);
  await sleep(2000);
  const quiet = await rest();
  // Asking for metrics sets the longest lag back.
  await server.metric('nodejs_eventloop_lag_max_seconds');
  const end = load(server, body, 2);
  let refused = 0;
  const times: number[] = [];
  for (let i = 0; i < reloads; i++) {
    const { status, milliseconds } = await server.ask('POST', '/v2/repository/models/large/load');
    if (status !== 200) refused++;
    times.push(milliseconds);
    await sleep(50);
  }
  const { answers, errors } = await end();
  const lag = await server.metric('nodejs_eventloop_lag_max_seconds');
  await server.end();
  const failed = errors + answers.filter(({ status }) => status !== 200).length;
  const describe = (all: readonly Answer[]): string => {
    const waits = all.map(({ milliseconds }) => milliseconds);
    return [0.5, 0.99, 1].map((share) => `${quantile(waits, share).toFixed(1)} ms`).join(', ');
  };
  process.stdout.write(
    `${reloads} reloads of ${formatBytes(bytes.length)}, ${quantile(times, 0.5).toFixed(0)} ms each: ${failed} of ${answers.length} requests failed; ` +
      `median, p99 and longest wait ${describe(answers)}, without reloads ${describe(quiet.answers)}; longest delay of the event loop ${(lag * 1000).toFixed(1)} ms\n`,
  );
  return failed + refused;
}

async function killAll(folder: string, kills: number): Promise<number> {
  const path = join(folder, 'killed.nut');
  const models = await twoModels();
  const sources = models.map((_, i) => join(folder, `source-${i}.nut`));
  for (const [i, bytes] of models.entries()) await writeFile(sources[i]!, bytes);
  await writeFile(path, models[0]);
  const writer = `
    const { readModel, saveFile } = await import('nuthatch/node');
    const [path, ...sources] = process.argv.slice(1);
    const models = await Promise.all(sources.map((source) => readModel(source)));
    console.log('ready');
    for (let i = 0; ; i++) await saveFile(models[i % models.length], path);`;
  const written = models.map((bytes) => Buffer.from(bytes));
  const body = JSON.stringify({ features: row });
  let [broken, wrong] = [0, 0];
  for (let i = 0; i < kills; i++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, path, ...sources], {
      cwd: projectFolder,
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    try {
      // Starts on what those before have left, while it is replaced again.
      const server = await ServedProcess.start('--watch', path);
      const answer = await server.ask('POST', '/predict', body);
      if (answer.status !== 200 || !/^\{"prediction":\["(setosa|SETOSA)"\]\}$/.test(answer.body))
        wrong++;
      await sleep((i * 7) % 50);
      await server.end('SIGKILL');
    } finally {
      await ended(child);
    }
    // One of the two, to the byte.
    const left = await readFile(path);
    if (!written.some((bytes) => bytes.equals(left))) broken++;
  }
  process.stdout.write(
    `${kills} writers and servers killed: ${broken} files broken, ${wrong} answers wrong\n`,
  );
  return broken + wrong;
}

function ended(child: ChildProcess): Promise<void> {
  const end = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  return end;
}

process.exitCode = await main();
