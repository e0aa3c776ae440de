import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NuthatchError } from 'nuthatch';
import { mayBeModel } from '../discover.js';
import { commandLine, portOf } from './command-line.js';

/** What a container runs: nuthatch's command line, told what the cloud says. `healthcheck` asks the server that runs already. */
const args = process.argv.slice(2);
if (args[0] === 'healthcheck') await askHealth();
else await start();

async function start(): Promise<void> {
  try {
    process.argv.splice(2, args.length, ...commandLine(args, process.env, holds));
  } catch (error) {
    if (!(error instanceof NuthatchError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
  const manifestPath = createRequire(import.meta.url).resolve('nuthatch/package.json');
  const { bin } = createRequire(import.meta.url)(manifestPath) as { bin: { nuthatch: string } };
  await import(pathToFileURL(join(dirname(manifestPath), bin.nuthatch)).href);
}

function holds(path: string): boolean {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return false;
    return !stats.isDirectory() || readdirSync(path).some(mayBeModel);
  } catch {
    // What cannot be read is told when it is served.
    return true;
  }
}

async function askHealth(): Promise<void> {
  const address = `http://127.0.0.1:${portOf(process.env)}/readyz`;
  const answer = await fetch(address, { signal: AbortSignal.timeout(2000) }).catch(() => null);
  process.exitCode = answer?.ok ? 0 : 1;
}
