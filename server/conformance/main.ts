import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createEnvironment, projectFolder } from '../../test/conformance/environments.js';
import { writeTable } from '../../test/formats/marked-table.js';

/**
 * Runs the real clients, unmodified, against the server, and prints client × protocol with pass or fail: `--write` puts the table into
 * docs/serving/clients.md. Exits 1 where one fails.
 */
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

/** Clients by the environment that holds them: not all go together. */
const clients: readonly (readonly [environment: string, file: string])[] = [
  ['serving-clients', 'http_clients.py'],
  ['serving-clients', 'triton.py'],
  ['serving-clients', 'kserve_clients.py'],
  ['saves', 'mlflow_clients.py'],
  ['serving-mlserver', 'mlserver_cli.py'],
  ['saves', 'otlp.py'],
  // Servers besides, which take a while to start.
  ['serving-mlserver', 'mlserver_oracle.py'],
  ['saves', 'mlflow_oracle.py'],
];

interface Check {
  readonly client: string;
  readonly protocol: string;
  /** What went wrong; null where nothing did. */
  readonly failed: string | null;
}

const mostClientMs = 120_000;
/** A forest of flowers, whose file holds what scikit-learn answered. */
const model = join(projectFolder, 'fixtures/demo/model.json');

interface Started {
  readonly child: ChildProcess;
  readonly ports: readonly [http: string, grpc: string];
}

async function startServer(path: string, flags: readonly string[]): Promise<Started> {
  const main = join(projectFolder, 'dist/src/cli/main.js');
  const ports: string[] = [];
  const child = spawn(
    process.execPath,
    [main, 'serve', path, '--port', '0', '--grpc-port', '0', ...flags],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        AIP_PREDICT_ROUTE: '/v1/endpoints/1:predict',
        AIP_HEALTH_ROUTE: '/v1/endpoints/1',
      },
    },
  );
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^serving (?:gRPC )?at .*:(\d+)$/.exec(line)?.[1];
    if (port !== undefined) ports.push(port);
    if (ports.length === 2) return { child, ports: [ports[0]!, ports[1]!] };
  }
  throw new Error('the server did not start');
}

const tokens = { admin: randomUUID(), client: randomUUID() };

/** A server of two models that may be loaded and unloaded with a token. */
async function startGuarded(folder: string): Promise<Started> {
  const tokenFile = join(folder, 'tokens');
  writeFileSync(tokenFile, `${tokens.admin} admin\n${tokens.client}\n`, { mode: 0o600 });
  const models = join(folder, 'models');
  mkdirSync(models);
  for (const name of ['iris', 'spare']) copyFileSync(model, join(models, `${name}.json`));
  return startServer(models, ['--token-file', tokenFile]);
}

/** The checks of a client's program; a program that fails otherwise is a check that failed. */
async function run(
  python: string,
  file: string,
  { ports }: Started,
  guarded: Started,
): Promise<readonly Check[]> {
  const path = join(projectFolder, 'server/conformance/clients', file);
  const child = spawn(python, ['-B', path, ...ports, model], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: mostClientMs,
    env: {
      ...process.env,
      ADMIN_HTTP: `127.0.0.1:${guarded.ports[0]}`,
      ADMIN_GRPC: `127.0.0.1:${guarded.ports[1]}`,
      ADMIN_TOKEN: tokens.admin,
      CLIENT_TOKEN: tokens.client,
    },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const checks: Check[] = [];
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout }))
    if (line.startsWith('{"client"')) checks.push(JSON.parse(line) as Check);
  const [code, signal] = await ended;
  if (code !== 0 || checks.length === 0) {
    const failed = `ended with ${signal ?? code}: ${said.trim().slice(-500)}`;
    checks.push({ client: file, protocol: 'all', failed });
  }
  return checks;
}

const pythons = new Map<string, string>();
for (const [environment] of clients)
  if (!pythons.has(environment)) pythons.set(environment, createEnvironment(environment));

const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'nuthatch-clients-'));
const servers = [await startServer(model, ['--model-name', 'iris']), await startGuarded(folder)];
const found: (readonly Check[])[] = [];
try {
  // Two at a time: they wait for imports and for servers more than they work.
  const left = [...clients.entries()];
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [i, [environment, file]] = next;
      found[i] = await run(pythons.get(environment)!, file, servers[0]!, servers[1]!);
      for (const { client, protocol, failed } of found[i]) {
        console.log(`${failed === null ? 'ok    ' : 'FAILED'}  ${client}: ${protocol}`);
        if (failed !== null) console.log(`        ${failed}`);
      }
    }
  };
  await Promise.all([work(), work()]);
} finally {
  for (const { child } of servers) child.kill('SIGTERM');
}
const checks = found.flat();
for (const { child } of servers) {
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
  if (code === 0) continue;
  checks.push({ client: 'the server', protocol: 'SIGTERM', failed: `ended with ${code}` });
  console.log(`FAILED  the server ended with ${code}`);
}
rmSync(folder, { recursive: true });

const failures = checks.filter(({ failed }) => failed !== null).length;
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(`${checks.length - failures} passed, ${failures} failed, in ${seconds} s`);
if (values.write) {
  const rows = checks.map(
    ({ client, protocol, failed }) =>
      `| ${client} | ${protocol} | ${failed === null ? 'passes' : 'fails'} |`,
  );
  const table = ['| client | protocol | |', '| - | - | - |', ...rows].join('\n');
  writeTable(join(projectFolder, 'docs/serving/clients.md'), 'clients', table);
}
process.exitCode = failures === 0 ? 0 : 1;
