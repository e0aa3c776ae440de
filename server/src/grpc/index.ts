import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { FastifyBaseLogger } from 'fastify';
import type { Context } from '../context.js';
import type { ServeOptions } from '../options.js';
import type { LimitRate } from '../security/rate-limit.js';
import type { Tls } from '../security/tls.js';
import { listen } from './connections.js';
import { TlsCredentials } from './credentials.js';
import { Health } from './generated/health_pb.js';
import { GRPCInferenceService } from './generated/inference_pb.js';
import { health, Watchers } from './health.js';
import { inference } from './inference.js';
import { endLate } from './late.js';
import { type CallObserver, define, implement } from './service.js';

/** A server of gRPC that listens. */
export interface GrpcServer {
  readonly address: string;
  /** Takes other certificates from now on. */
  renew(tls: Tls): void;
  /** Answers what has come, and ends. */
  close(): Promise<void>;
}

/** As clients of KServe are built to send. */
const mostMessageBytes = 8 * 2 ** 20;
const minuteMs = 60_000;
/** After which clients are told to connect anew: whatever keeps a connection busy and takes no answers ends then. */
const longestMs = 10 * minuteMs;

export interface GrpcOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly limits: NonNullable<ServeOptions['limits']>;
  /** null for plain connections. */
  readonly tls: Tls | null;
  /** null where clients may ask as often as they like. */
  readonly limitRate: LimitRate | null;
  readonly observers: readonly CallObserver[];
}

/** Serves the models of a context over gRPC. @throws NuthatchError `io` where the port cannot be had */
export async function serveGrpc(
  context: Context,
  log: FastifyBaseLogger,
  { host, port, limits, tls, limitRate, observers }: GrpcOptions,
): Promise<GrpcServer> {
  const { requestMs = 30_000, idleMs = 30_000, connections = 1024 } = limits;
  const silentMs = Math.min(10_000, requestMs);
  const secure = tls === null ? null : new TlsCredentials(tls, silentMs);
  const server = new Server({
    // Inflated ones, too.
    'grpc.max_receive_message_length': mostMessageBytes,
    'grpc.max_send_message_length': -1,
    // Each may hold a message.
    'grpc.max_concurrent_streams': 100,
    'grpc.max_connection_idle_ms': idleMs,
    'grpc.max_connection_age_ms': longestMs,
    'grpc.max_connection_age_grace_ms': requestMs,
    // Peers that are gone do not say so.
    'grpc.keepalive_time_ms': minuteMs,
    'grpc.keepalive_timeout_ms': minuteMs / 2,
    'grpc.enable_channelz': 0,
    interceptors: [endLate(requestMs)],
  });
  const watchers = new Watchers(context);
  server.addService(
    define(GRPCInferenceService),
    implement(GRPCInferenceService, inference, context, { log, limitRate, observers }),
  );
  server.addService(define(Health), {
    ...implement(Health, health, context, { log, limitRate, observers: [] }),
    watch: watchers.watch,
  });
  const name = host.includes(':') ? `[${host}]` : host;
  const injector = server.createConnectionInjector(secure ?? ServerCredentials.createInsecure());
  const sockets = await listen(injector, { host, port, most: connections, silentMs });
  const close = () =>
    new Promise<void>((resolve, reject) => {
      watchers.end();
      sockets.close();
      server.tryShutdown((error) => (error === undefined ? resolve() : reject(error)));
    });
  return { address: `${name}:${sockets.port}`, renew: (renewed) => secure?.renew(renewed), close };
}
