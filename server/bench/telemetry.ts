import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectFolder } from '../../bench/fixtures.js';
import { describeMachine } from '../../bench/machine.js';
import { quantile } from '../../bench/measurement.js';
import { formatTable } from '../../src/cli/print.js';
import { ServedProcess } from './served-process.js';

const help = `npm run bench:telemetry -- [--rounds N] [--requests N]

What a request costs the server's process, in processor time, without OpenTelemetry and with shares of requests traced. The servers take
turns, so that what else the machine does meets all of them; every answer is checked.
`;

/** Shares of requests that are traced; null without OpenTelemetry. */
const shares = [null, 0, 0.01, 1] as const;
const connections = 8;
const body = JSON.stringify({ features: [5.1, 3.5, 1.4, 0.2] });

interface Subject {
  readonly name: string;
  readonly server: ServedProcess;
  /** Microseconds a request, of each round. */
  readonly costs: number[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '11' },
      requests: { type: 'string', default: '4000' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  process.stdout.write(`${describeMachine()}\n`);
  let received = 0;
  const collector = createServer((request, response) => {
    request.on('data', (part: Buffer) => {
      received += part.length;
    });
    request.on('end', () => response.setHeader('content-type', 'application/x-protobuf').end());
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const folder = await mkdtemp(join(tmpdir(), 'nuthatch-telemetry-'));
  const subjects: Subject[] = [];
  try {
    for (const share of shares) subjects.push(await start(folder, endpoint, share));
    const requests = Number(values.requests);
    for (const { server } of subjects) await costOf(server, requests);
    for (let round = 0; round < Number(values.rounds); round++)
      for (const { server, costs } of subjects) costs.push(await costOf(server, requests));
  } finally {
    for (const { server } of subjects) await server.end();
    collector.close();
    collector.closeAllConnections();
    await rm(folder, { recursive: true });
  }
  const rows = subjects.map(({ name, costs }) => [
    name,
    ...[0.25, 0.5, 0.75].map((share) => quantile(costs, share).toFixed(1)),
  ]);
  process.stdout.write(
    `${formatTable([['traced', 'lower quartile, µs a request', 'median', 'upper quartile'], ...rows])}\n`,
  );
  process.stdout.write(`the collector was sent ${(received / 1e6).toFixed(1)} MB\n`);
}

async function start(folder: string, endpoint: string, share: number | null): Promise<Subject> {
  const path = join(folder, `${share}.json`);
  const telemetry = { endpoint, sample: share, metrics: false };
  await writeFile(path, JSON.stringify(share === null ? {} : { telemetry }));
  const model = join(projectFolder, 'fixtures/demo/model.json');
  const server = await ServedProcess.start(model, '--config', path);
  const name = share === null ? 'without OpenTelemetry' : `${share * 100} % of requests`;
  return { name, server, costs: [] };
}

/** Microseconds of the server's processor time that a request takes. */
async function costOf(server: ServedProcess, requests: number): Promise<number> {
  const before = await server.metric('process_cpu_seconds_total');
  let left = requests;
  const ask = async () => {
    while (left-- > 0) {
      const answer = await server.ask('POST', '/predict', body);
      if (answer.body !== '{"prediction":["setosa"]}') throw new Error(`found ${answer.body}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, ask));
  return ((await server.metric('process_cpu_seconds_total')) - before) * (1e6 / requests);
}

await main();
