import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getActiveResourcesInfo, memoryUsage } from 'node:process';
import { loadServer } from '../../src/cli/load-package.js';

interface Server {
  serveUntilTold(
    path: string,
    options: object,
  ): Promise<{ address: string; grpcAddress: string | null; ended: Promise<void> }>;
}

/** What a process says of itself when its parent asks, by a channel that no client reaches. */
export interface Observation {
  /** Of what lives: measured behind a collection, for which the process is started with --expose-gc. */
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** Buffers outside of the heap. */
  readonly bufferBytes: number;
  /** Sockets, timers, files and the like that are open. */
  readonly handles: number;
  readonly sockets: number;
  /** Of the event loop, since the last observation. */
  readonly delayP99Ms: number;
  readonly delayMostMs: number;
}

/** `nuthatch serve` for programs that look into it: `node --expose-gc observed-server.js PATH OPTIONS`. */
const [path, options] = process.argv.slice(2);
const { serveUntilTold } = await loadServer<Server>('serving');
const { address, grpcAddress, ended } = await serveUntilTold(path!, JSON.parse(options!));
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
process.on('message', () => process.send!(observe()));
process.send!({ address, grpcAddress });
await ended;
process.disconnect();

function observe(): Observation {
  const [delayP99Ms, delayMostMs] = [delay.percentile(99) / 1e6, delay.max / 1e6];
  global.gc!();
  const { heapUsed, rss, external, arrayBuffers } = memoryUsage();
  const resources = getActiveResourcesInfo();
  delay.reset();
  return {
    heapBytes: heapUsed,
    residentBytes: rss,
    bufferBytes: Math.max(external, arrayBuffers),
    handles: resources.length,
    sockets: resources.filter((name) => name === 'TCPSocketWrap').length,
    delayP99Ms,
    delayMostMs,
  };
}
