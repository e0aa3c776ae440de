import type { Server as TlsServer } from 'node:tls';
import closeWithGrace from 'close-with-grace';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { createApp } from './app.js';
import { backlog } from './backlog.js';
import { captureHttp } from './capture/http.js';
import { openKeeper } from './capture/keeper.js';
import { Context } from './context.js';
import { addDrift } from './drift/routes.js';
import type { GrpcServer } from './grpc/index.js';
import { toListenError } from './listen-error.js';
import { createLog } from './log.js';
import { Metrics } from './metrics.js';
import type { ServeOptions } from './options.js';
import { type Change, Repository } from './repository.js';
import { Access } from './security/access.js';
import { sharedLimit } from './security/rate-limit.js';
import { readTls, watchTls } from './security/tls.js';
import { openTokenFile } from './security/token-file.js';
import { wantedOf } from './telemetry/wanted.js';
import { every } from './watch.js';

/** A server that listens. */
export interface Served {
  readonly app: FastifyInstance;
  readonly context: Context;
  readonly address: string;
  /** Where gRPC is served, as HOST:PORT; null where it is not. */
  readonly grpcAddress: string | null;
  /** Answers what has come, and ends. */
  close(): Promise<void>;
}

/**
 * Serves a model file of any format, a folder of MLflow, or a folder of models and versions.
 *
 * @throws NuthatchError where a model cannot be read or does not hold its golden rows
 */
export async function serve(path: string, options: ServeOptions = {}): Promise<Served> {
  const { models = {} } = options;
  const repository = new Repository(models, (change) => {
    metrics.changed(change);
    logChange(app.log, change);
  });
  const { limits = {}, security = {} } = options;
  const { rows = 10_000, cells = 1_000_000 } = limits;
  const metrics = new Metrics();
  const { tokenFile, open = [], tls } = security;
  const tokens =
    tokenFile === undefined
      ? null
      : await openTokenFile(tokenFile, open, (error) => app.log.error(error));
  const context = new Context(
    repository,
    metrics,
    { rows, cells, waitingRows: models.waitingRows, turnMs: limits.turnMs },
    tokens?.access ?? new Access(null, open),
  );
  const certificates = tls === undefined ? null : await readTls(tls);
  const app = createApp(context, {
    log: createLog(options.logLevel ?? false),
    docs: options.docs ?? true,
    page: options.page ?? true,
    limits,
    security,
    tls: certificates,
  });
  const wanted = wantedOf(options.telemetry, process.env);
  // As of gRPC, its libraries are loaded for those alone who want it.
  const telemetry =
    wanted && (await (await import('./telemetry/open.js')).openTelemetry(context, wanted, app.log));
  telemetry?.traceRequests(app);
  addDrift(app, context, options.drift ?? {});
  const keeper = options.capture && (await openKeeper(context, app.log, options.capture));
  if (keeper) captureHttp(app, keeper);
  await repository.load(path, options.modelName ?? null);
  const hasShadows = Object.values(models.byName ?? {}).some((one) => one.shadow !== undefined);
  const shadows = hasShadows
    ? new (await import('./shadows.js')).Shadows(repository, metrics)
    : null;
  if (shadows !== null) context.observers.push(shadows.observe);
  const unwatch = models.watch
    ? every(models.watchMs ?? 1000, () => repository.look(), app.log)
    : () => {};
  const host = options.host ?? '127.0.0.1';
  let grpc: GrpcServer | null = null;
  const unwatchTls =
    tls &&
    watchTls(
      tls,
      (renewed) => {
        (app.server as unknown as TlsServer).setSecureContext(renewed);
        grpc?.renew(renewed);
      },
      (error) => app.log.error(error),
    );
  const close = async () => {
    unwatch();
    unwatchTls?.();
    repository.drain();
    // A connection whose last request is answered only now is idle, too, and not waited for.
    const idle = setInterval(() => app.server.closeIdleConnections(), 100);
    await Promise.all([app.close(), grpc?.close()]);
    clearInterval(idle);
    await keeper?.close();
    await Promise.all([repository.close(), shadows?.close(), telemetry?.close()]);
    tokens?.close();
  };
  try {
    // Its libraries are loaded for those alone who want it.
    if (options.grpc) {
      const { serveGrpc } = await import('./grpc/index.js');
      const observers = [...(telemetry?.callObservers ?? [])];
      if (keeper) observers.push((await import('./capture/grpc.js')).captureCalls(keeper));
      const limitRate = security.requestsPerMinute === undefined ? null : sharedLimit(app);
      const { port } = options.grpc;
      const own = { host, port, limits, tls: certificates, limitRate, observers };
      grpc = await serveGrpc(context, app.log, own);
    }
    const { port = 8080 } = options;
    const address = await app.listen({ host, port, backlog }).catch((error) => {
      throw toListenError(error, host, port);
    });
    return { app, context, address, grpcAddress: grpc?.address ?? null, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function logChange(log: FastifyBaseLogger, change: Change): void {
  const { outcome, model, version, served, error } = change;
  if (outcome === 'failed') log.error({ model, version, err: error }, 'a model was not loaded');
  else log.info({ model, version, digest: served?.digest }, `model ${outcome}`);
}

/** Serves until the process is told to end, and lets what has come be answered first: `ended` is kept then. */
export async function serveUntilTold(
  path: string,
  options: ServeOptions = {},
): Promise<Served & { readonly ended: Promise<void> }> {
  let served: Served | null = null;
  const ended = new Promise<void>((resolve) => {
    // Before anything is loaded: the first process of a container that handles no signal is not ended by one. A start that fails ends by
    // itself, with a code of its own.
    closeWithGrace({ delay: mostDrainMs, skip: ['beforeExit'] }, async () => {
      await served?.close();
      resolve();
    });
  });
  served = await serve(path, options);
  return { ...served, ended };
}

/** Clouds end a process half a minute after they told it to. */
const mostDrainMs = 25_000;
