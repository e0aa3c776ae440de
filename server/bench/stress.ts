import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { projectFolder } from '../../bench/fixtures.js';
import { makeLargeForest } from '../../bench/large-forest.js';
import { describeMachine } from '../../bench/machine.js';
import { quantile } from '../../bench/measurement.js';
import { createRandom } from '../../bench/random.js';
import { writeNut } from '../../formats/index.js';
import { formatBytes, formatTable } from '../../src/cli/print.js';
import { createModel } from '../../src/index.js';
import { ObservedProcess } from './observed-process.js';
import { OpenLoop, postOf, type Sent } from './open-loop.js';
import type { Probed } from './probes-thread.js';
import { SlowClients, slownesses } from './slow-sockets.js';

const help = `npm run stress -- [options]

Ten times the requests that a server can answer, and a thousand clients that keep connections busy with next to nothing. Ends with 1 where
an answer is wrong, a refusal says not when to come again, a probe waits for a second, the server takes more than a second to recover, it
takes more memory than it may, or a slow client stays for ever.

  --seconds N   of overload, each time; default 20
  --sockets N   slow clients; default 1,000
  --quick       2 seconds, 200 sockets with shorter limits
`;

const large = { trees: 500, splits: 1000, features: 20, classes: 3, seed: 1 };
const mostWaitMs = 1000;
const times = 10;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      sockets: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const seconds = Number(values.seconds ?? (values.quick ? 2 : 20));
  const sockets = Number(values.sockets ?? (values.quick ? 200 : 1000));
  process.stdout.write(`${describeMachine()}\n`);
  const folder = await mkdtemp(join(tmpdir(), 'nuthatch-stress-'));
  try {
    const faults = [
      ...(await overload(folder, seconds)),
      ...(await slowSockets(sockets, values.quick)),
    ];
    for (const fault of faults) process.stdout.write(`fault: ${fault}\n`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const millis = (value: number): string => `${value.toFixed(0)} ms`;
const spread = (values: readonly number[]): string =>
  values.length === 0
    ? '–'
    : [0.5, 0.99, 1].map((share) => millis(quantile(values, share))).join(', ');

/** Ten times as many requests as it can answer, of some rows each. Returns what does not hold. */
async function overload(folder: string, seconds: number): Promise<string[]> {
  const faults: string[] = [];
  const path = join(folder, 'large.nut');
  const description = makeLargeForest(large);
  await writeFile(path, writeNut(description));
  const model = createModel(description);
  if (model.task !== 'classifier' || model.multiOutput) throw new Error('expected a classifier');
  const random = createRandom(1);
  const sentOf = (count: number): Sent => {
    const rows = Array.from({ length: count }, () =>
      Array.from({ length: large.features }, random),
    );
    const prediction = Array.from(model.predict(rows) as ArrayLike<unknown>);
    const answer = JSON.stringify({ prediction });
    return {
      bytes: postOf('/predict', JSON.stringify({ features: rows })),
      isRight: (body) => body === answer,
    };
  };
  const table = [
    [
      'rows',
      'a second',
      'offered',
      'answered',
      'waits',
      'refused',
      'waits',
      'probes',
      'recovery',
      'drained',
      'memory',
    ],
  ];
  for (const count of [100, 2000]) {
    const requests = Array.from({ length: 4 }, () => sentOf(count));
    const one = sentOf(1);
    let asked = 0;
    const next = (): Sent => requests[asked++ % requests.length]!;
    const server = await ObservedProcess.start(path, {});
    const load = new OpenLoop(server.port, 900);
    try {
      await load.saturate(next, 8, 500);
      const perSecond = await load.saturate(next, 8, 1500);
      const before = load.outcomes.right.length;
      const endProbes = probe(server.port);
      const rss: number[] = [];
      const watch = setInterval(async () => rss.push((await server.observe()).residentBytes), 1000);
      const begun = performance.now();
      const run = load.run(next, times * perSecond, seconds * 1000, false);
      await sleep(seconds * 1000);
      const ended = performance.now();
      const recovery = await recoveryOf(server.port, one);
      await run;
      const drained = performance.now() - ended;
      const probes = await endProbes();
      clearInterval(watch);
      const { right, refused, wrong, lost } = load.outcomes;
      const [own, waits] = [right.slice(before), probes.waits];
      table.push([
        String(count),
        perSecond.toFixed(0),
        String(own.length + refused.length + wrong.length + lost),
        `${own.length}, ${((own.length / ((ended - begun) * perSecond)) * 1e5).toFixed(0)} %`,
        spread(own),
        String(refused.length),
        spread(refused),
        spread(waits),
        millis(recovery),
        millis(drained),
        rss.length === 0 ? '–' : formatBytes(Math.max(...rss)),
      ]);
      const fault = (holds: boolean, what: string) => {
        if (!holds) faults.push(`${count} rows: ${what}`);
      };
      fault(wrong.length === 0, `answers that are wrong: ${wrong[0]}`);
      fault(lost === 0, `${lost} connections ended without an answer`);
      fault(own.length > 0 && refused.length > 0, 'nothing was answered, or nothing refused');
      fault(Math.max(...own, 0) < 30_000, 'an answer came behind its deadline');
      fault(waits.length > 0 && Math.max(...waits) < mostWaitMs, `a probe waited`);
      fault(probes.failures === 0, `${probes.failures} probes failed`);
      fault(recovery <= mostWaitMs, 'it did not recover in a second');
    } finally {
      load.close();
      await server.end();
    }
  }
  process.stdout.write(
    `\nTen times what it can answer (waits: median, p99, longest; from when a request was due):\n${formatTable(table)}\n`,
  );
  return faults;
}

/** Milliseconds until a request is answered. */
async function recoveryOf(port: number, { bytes, isRight }: Sent): Promise<number> {
  const begun = performance.now();
  const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/predict`, { method: 'POST', body });
    const text = await response.text();
    if (response.status === 200 && isRight(text)) return performance.now() - begun;
    if (performance.now() - begun > 20_000) return Number.POSITIVE_INFINITY;
    await sleep(50);
  }
}

/** Probes in a thread of their own: where the load comes from, answers wait to be read. Returns what ends them, and tells how they went. */
function probe(port: number): () => Promise<Probed> {
  const thread = new Worker(new URL('./probes-thread.js', import.meta.url), {
    workerData: { port },
  });
  const told = once(thread, 'message') as Promise<[Probed]>;
  return async () => {
    thread.postMessage('end');
    return (await told)[0];
  };
}

/** Many clients that are slow in every way, while others ask as ever. Returns what does not hold. */
async function slowSockets(count: number, isQuick: boolean): Promise<string[]> {
  const faults: string[] = [];
  const path = join(projectFolder, 'fixtures/demo/model.json');
  const tls = (name: string) => join(projectFolder, `server/test/tls/${name}`);
  const limits = {
    rows: 100_000,
    cells: 4_000_000,
    ...(isQuick && { requestMs: 3000, idleMs: 3000 }),
  };
  const server = await ObservedProcess.start(path, { limits, grpc: { port: 0 } });
  const secure = await ObservedProcess.start(path, {
    limits,
    security: { tls: { cert: tls('first.crt'), key: tls('first.key') } },
  });
  const load = new OpenLoop(server.port, 16);
  const body = JSON.stringify({ features: [5.1, 3.5, 1.4, 0.2] });
  const sent = {
    bytes: postOf('/predict', body),
    isRight: (text: string) => text.includes('setosa'),
  };
  const { trees } = await widthOf(server.port);
  const rows = Math.ceil(3_500_000 / trees);
  const features = Array(rows).fill([5.1, 3.5, 1.4, 0.2]);
  const kinds = slownesses(JSON.stringify({ features, method: 'apply' }));
  const ports = {
    plain: server.port,
    tls: secure.port,
    grpc: Number(server.grpcAddress!.split(':')[1]),
  };
  const each = Math.ceil(count / (kinds.length - 1));
  const first = await server.observe();
  let most = 0;
  const watch = setInterval(async () => {
    most = Math.max(most, (await server.observe()).residentBytes);
  }, 500);
  // An answer of many megabytes takes a second to make: a few will do.
  const clients = kinds.map(
    (kind) => new SlowClients(kind, kind.name === 'takes no answer' ? 5 : each, ports),
  );
  try {
    // A connection of gRPC is let go when it has been idle once or twice as long as it may be.
    const patience = isQuick ? 12_000 : 100_000;
    // Until those answers are made.
    await sleep(2000);
    const begun = performance.now();
    const isOpen = () => clients.some(({ open }) => open > 0);
    while (isOpen() && performance.now() - begun < patience) {
      await load.run(() => sent, 50, 1000);
      // By now it has been let go.
      if (performance.now() - begun > patience / 2) for (const one of clients) one.readOn();
    }
    clearInterval(watch);
    const last = await server.observe();
    const { right, refused, wrong, lost } = load.outcomes;
    const table = clients.map(({ name, lives, open }) => [
      name,
      String(lives.length + open),
      String(open),
      lives.length === 0 ? '–' : `${(Math.max(...lives) / 1000).toFixed(1)} s`,
    ]);
    process.stdout.write(
      `\n${count} slow clients, meanwhile ${right.length} requests answered in ${spread(right)} (median, p99, longest), ${refused.length + wrong.length + lost} not; ` +
        `memory ${formatBytes(first.residentBytes)} before, ${formatBytes(most)} at most; heap ${formatBytes(first.heapBytes)} before, ${formatBytes(last.heapBytes)} behind; sockets left ${last.sockets}\n` +
        `${formatTable([['', 'clients', 'left', 'longest life'], ...table])}\n`,
    );
    const fault = (holds: boolean, what: string) => {
      if (!holds) faults.push(`slow sockets: ${what}`);
    };
    fault(right.length > 0 && refused.length + wrong.length + lost === 0, 'others were not served');
    fault(quantile(right, 0.99) < mostWaitMs, 'others waited');
    for (const { name, open } of clients) fault(open === 0, `${name}: ${open} stay`);
    // What is held of bodies and answers, twice while it is copied, and the process itself.
    fault(most - first.residentBytes < 600 * 2 ** 20, `${formatBytes(most)} of memory`);
    return faults;
  } finally {
    clearInterval(watch);
    for (const one of clients) one.close();
    load.close();
    await Promise.all([server.end(), secure.end()]);
  }
}

async function widthOf(port: number): Promise<{ readonly trees: number }> {
  const body = JSON.stringify({ features: [5.1, 3.5, 1.4, 0.2], method: 'apply' });
  const response = await fetch(`http://127.0.0.1:${port}/predict`, { method: 'POST', body });
  const { prediction } = (await response.json()) as { prediction: number[][] };
  return { trees: prediction[0]!.length };
}

process.exitCode = await main();
