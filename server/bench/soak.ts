import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { projectFolder } from '../../bench/fixtures.js';
import { describeMachine } from '../../bench/machine.js';
import { quantile } from '../../bench/measurement.js';
import { createRandom } from '../../bench/random.js';
import { importModel, writeNut } from '../../formats/index.js';
import { formatBytes, formatTable } from '../../src/cli/print.js';
import { createModel } from '../../src/index.js';
import { ObservedProcess } from './observed-process.js';
import type { Observation } from './observed-server.js';
import { OpenLoop, postOf, type Sent } from './open-loop.js';

const help = `npm run soak -- [options]

Half of the requests that a server can answer, for half an hour, while its model is replaced each second. Every answer is compared, to the
bit, with what the library gives. Ends with 1 if a request fails, or if memory, handles or sockets grow.

  --minutes N   default 30
  --quick       twelve seconds, and an eighth of the requests: for machines that have other things to do, so that
                refusals are told and not judged, and of what grows the heap alone
`;

const connections = 32;
/** How much is asked of what can be answered, and how much memory may grow, by a line through all that was observed, of what it is at the end. */
const forms = {
  long: { share: 1 / 2, growth: 0.03, isAlone: true },
  // The machine may be busy with other things: what is refused or comes late is told, and not judged.
  quick: { share: 1 / 8, growth: 0.25, isAlone: false },
} as const;
type Form = (typeof forms)[keyof typeof forms];
/** The system takes and gives pages as it likes. */
const mostResidentGrowth = 0.1;
/** A connection that waits for a machine that is busy with other things is not let go meanwhile. */
const limits = { keepAliveMs: 120_000, idleMs: 120_000 };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const seconds = values.quick ? 12 : Number(values.minutes) * 60;
  process.stdout.write(`${describeMachine()}\n`);
  const folder = await mkdtemp(join(tmpdir(), 'nuthatch-soak-'));
  try {
    return await soak(folder, seconds, values.quick ? forms.quick : forms.long);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Two models of flowers, which give the first class another name, and what each answers to some rows in every protocol. */
async function prepare() {
  const model = await importModel(await readFile(join(projectFolder, 'fixtures/demo/model.json')));
  const renamed = structuredClone({ ...model, golden: [] });
  const { head } = renamed.root as unknown as { head: { labels: { values: string[] }[] } };
  head.labels[0]!.values[0] = 'SETOSA';
  const both = [model, renamed];
  const random = createRandom(1);
  const most = [8, 4.5, 7, 2.5];
  const rows = Array.from({ length: 200 }, () =>
    most.map((each) => Number((each * random()).toFixed(1))),
  );
  const answers = both.map((one) => answersOf(createModel(one), rows));
  const requests = requestsOf(rows).map(
    ({ bytes }, i): Sent => ({
      bytes,
      isRight: (body) => answers.some((own) => own[i] === body),
    }),
  );
  return { files: both.map((one) => writeNut(one)), requests };
}

const requestsOf = (rows: readonly (readonly number[])[]) => [
  ...rows.flatMap((row) => {
    const data = JSON.stringify(row);
    const tensor = `{"name":"x","datatype":"FP64","shape":[1,4],"data":${data}}`;
    return [
      { bytes: postOf('/predict', `{"features":${data},"probabilities":true}`) },
      { bytes: postOf('/v1/models/soak:predict', `{"instances":[${data}]}`) },
      { bytes: postOf('/v2/models/soak/infer', `{"inputs":[${tensor}]}`) },
      { bytes: postOf('/invocations', `${row.join()}\n`, 'text/csv') },
    ];
  }),
  { bytes: postOf('/predict', JSON.stringify({ features: rows })) },
];

/** In the order of `requestsOf`, by the library in this process. */
function answersOf(
  model: ReturnType<typeof createModel>,
  rows: readonly (readonly number[])[],
): string[] {
  if (model.task !== 'classifier' || model.multiOutput) throw new Error('expected a classifier');
  const { classes } = model;
  const each = rows.flatMap((row) => {
    const prediction = [model.predictOne([...row])];
    const probabilities = model.predictProba!([[...row]]).toArray();
    const output = { name: 'predict', datatype: 'BYTES', shape: [1], data: prediction };
    return [
      JSON.stringify({ prediction, probabilities, classes }),
      JSON.stringify({ predictions: prediction }),
      JSON.stringify({ model_name: 'soak', model_version: '1', outputs: [output] }),
      `${prediction[0]}\n`,
    ];
  });
  const all = Array.from(model.predict(rows.map((row) => [...row])) as ArrayLike<unknown>);
  return [...each, JSON.stringify({ prediction: all })];
}

async function soak(folder: string, seconds: number, form: Form): Promise<number> {
  const { files, requests } = await prepare();
  const path = join(folder, 'soak.nut');
  await writeFile(path, files[0]!);
  const server = await ObservedProcess.start(path, {
    limits,
    models: { watch: true, watchMs: 200 },
  });
  let asked = 0;
  const next = (): Sent => requests[asked++ % requests.length]!;
  const load = new OpenLoop(server.port, 4 * connections);
  let replaced = 0;
  const replace = async () => {
    await writeFile(`${path}.tmp`, files[++replaced % 2]!);
    await rename(`${path}.tmp`, path);
  };
  try {
    await load.saturate(next, connections, Math.min(2000, seconds * 100));
    const perSecond = await load.saturate(next, connections, Math.min(5000, seconds * 200));
    process.stdout.write(
      `${perSecond.toFixed(0)} requests a second at most; ${(perSecond * form.share).toFixed(0)} from now on\n`,
    );
    const warmedUp = load.outcomes.right.length;
    await server.observe();
    const seen: (Observation & { readonly at: number })[] = [];
    const begun = performance.now();
    const at = () => (performance.now() - begun) / 1000;
    let replacing = Promise.resolve();
    const replacer = setInterval(() => {
      replacing = replacing.then(replace);
    }, 1000);
    const every = seconds < 60 ? 1000 : 10_000;
    const observer = setInterval(async () => {
      const observation = { ...(await server.observe()), at: at() };
      seen.push(observation);
      if (seen.length % 6 === 0 && every > 1000) process.stdout.write(`${lineOf(observation)}\n`);
    }, every);
    await load.run(next, perSecond * form.share, seconds * 1000);
    clearInterval(replacer);
    clearInterval(observer);
    await replacing;
    await sleep(1000);
    return await judge(server, load, seen, { seconds, replaced, warmedUp, form });
  } finally {
    load.close();
    await server.end();
  }
}

const lineOf = (one: Observation & { readonly at: number }): string =>
  `${one.at.toFixed(0)} s: heap ${formatBytes(one.heapBytes)}, resident ${formatBytes(one.residentBytes)}, ${one.handles} handles, delay of the event loop p99 ${one.delayP99Ms.toFixed(1)} ms`;

interface Run {
  readonly seconds: number;
  readonly replaced: number;
  readonly warmedUp: number;
  readonly form: Form;
}

async function judge(
  server: ObservedProcess,
  { outcomes }: OpenLoop,
  seen: readonly (Observation & { readonly at: number })[],
  { seconds, replaced, warmedUp, form }: Run,
): Promise<number> {
  const reloaded = await counted(
    server.port,
    'nuthatch_reloads_total{model="soak",outcome="reloaded"}',
  );
  const waits = outcomes.right.slice(warmedUp);
  const { isAlone, growth: most } = form;
  const failed = outcomes.wrong.length + outcomes.refused.length + outcomes.lost;
  const isAnswered = failed === (isAlone ? 0 : outcomes.refused.length);
  process.stdout.write(
    `${waits.length} requests answered to the bit in ${seconds} s, ${failed} failed (${outcomes.refused.length} refused, ${outcomes.lost} lost); ` +
      `median, p99 and longest wait ${[0.5, 0.99, 1].map((share) => `${quantile(waits, share).toFixed(1)} ms`).join(', ')}; ${reloaded} reloads of ${replaced}\n`,
  );
  for (const one of outcomes.wrong.slice(0, 3)) process.stdout.write(`  ${one}\n`);
  // Code is compiled and caches fill in a first part.
  const settled = seen.slice(Math.ceil(seen.length / 5));
  const rows = measures.map(({ name, of, format, isJudged }) => {
    const values = settled.map(of);
    const growth = growthOf(
      settled.map((one) => one.at),
      values,
    );
    const last = values.at(-1)!;
    const allowed = name === 'resident memory' ? Math.max(most, mostResidentGrowth) : most;
    const isGood = !isJudged || (!isAlone && !alwaysJudged.has(name)) || growth <= allowed * last;
    return {
      isGood,
      cells: [
        name,
        ...[values[0]!, quantile(values, 0.5), last, quantile(values, 1)].map(format),
        isJudged ? `${((100 * growth) / last).toFixed(1)} %` : '',
        isGood ? '' : 'grows',
      ],
    };
  });
  const head = ['', 'first', 'median', 'last', 'most', 'growth by a line', ''];
  process.stdout.write(`${formatTable([head, ...rows.map(({ cells }) => cells)])}\n`);
  // One that rests too shortly is passed over for the next.
  const isReloaded = reloaded > (isAlone ? replaced / 2 : 0);
  return isAnswered && waits.length > 0 && isReloaded && rows.every(({ isGood }) => isGood) ? 0 : 1;
}

/** What a busy machine cannot make grow. */
const alwaysJudged = new Set(['heap, collected']);

const whole = (value: number): string => value.toFixed(0);
const milliseconds = (value: number): string => `${value.toFixed(1)} ms`;
const measures: readonly {
  readonly name: string;
  readonly of: (one: Observation) => number;
  readonly format: (value: number) => string;
  readonly isJudged: boolean;
}[] = [
  { name: 'heap, collected', of: (one) => one.heapBytes, format: formatBytes, isJudged: true },
  { name: 'buffers', of: (one) => one.bufferBytes, format: formatBytes, isJudged: true },
  { name: 'resident memory', of: (one) => one.residentBytes, format: formatBytes, isJudged: true },
  { name: 'open handles', of: (one) => one.handles, format: whole, isJudged: true },
  { name: 'sockets', of: (one) => one.sockets, format: whole, isJudged: true },
  { name: 'event loop, p99', of: (one) => one.delayP99Ms, format: milliseconds, isJudged: false },
  { name: 'event loop, most', of: (one) => one.delayMostMs, format: milliseconds, isJudged: false },
];

/** From the first time to the last, of a line by least squares. */
function growthOf(times: readonly number[], values: readonly number[]): number {
  const mean = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / of.length;
  const [time, value] = [mean(times), mean(values)];
  let [products, squares] = [0, 0];
  times.forEach((at, i) => {
    products += (at - time) * (values[i]! - value);
    squares += (at - time) ** 2;
  });
  return (products / squares) * (times.at(-1)! - times[0]!);
}

async function counted(port: number, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(name));
  return Number(line?.slice(line.lastIndexOf(' ') + 1) ?? 0);
}

process.exitCode = await main();
