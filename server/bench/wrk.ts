import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What a load generator saw. */
export interface Load {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly requests: number;
  /** Not answered, or not with a status of success; and the latter alone. */
  readonly failed: number;
  readonly refused: number;
}

export interface LoadOptions {
  readonly url: string;
  /** A file of bodies, as requests.lua reads it. */
  readonly bodies: string;
  readonly seconds: number;
  readonly connections: number;
  /** Milliseconds that each connection waits on average before it asks again. */
  readonly pauseMillis?: number;
}

/** Loads a server by wrk, from one thread: all connections ask as fast as they are answered, or after pauses. */
export async function runWrk(options: LoadOptions): Promise<Load> {
  const { url, bodies, seconds, connections, pauseMillis } = options;
  const script = fileURLToPath(new URL('../../../server/bench/requests.lua', import.meta.url));
  const args = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--timeout', '30s'];
  const own = [bodies, ...(pauseMillis === undefined ? [] : [String(pauseMillis)])];
  const { stdout } = await run('wrk', [...args, '-s', script, url, '--', ...own]);
  const told = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, number>;
  const { requests, failed, refused, micros, p50, p99 } = told;
  return {
    perSecond: (requests! / micros!) * 1e6,
    p50: p50! / 1000,
    p99: p99! / 1000,
    requests: requests!,
    failed: failed!,
    refused: refused!,
  };
}

const run = promisify(execFile);
