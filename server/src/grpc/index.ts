import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { FastifyBaseLogger } from 'fastify';
import type { Context } from '../context.js';
import { toListenError } from '../listen-error.js';
import type { Tls } from '../security/tls.js';
import { TlsCredentials } from './credentials.js';
import { Health } from './generated/health_pb.js';
import { GRPCInferenceService } from './generated/inference_pb.js';
import { health, Watchers } from './health.js';
import { inference } from './inference.js';
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

/**
 * Serves the models of a context over gRPC.
 *
 * @param port 0 for any that is free
 * @param tls null for plain connections
 * @throws NuthatchError `io` where the port cannot be had
 */
export async function serveGrpc(
  context: Context,
  log: FastifyBaseLogger,
  host: string,
  port: number,
  tls: Tls | null,
  observers: readonly CallObserver[] = [],
): Promise<GrpcServer> {
  const secure = tls === null ? null : new TlsCredentials(tls);
  const server = new Server({
    // Inflated ones, too.
    'grpc.max_receive_message_length': mostMessageBytes,
    'grpc.max_send_message_length': -1,
    // Each may hold a message.
    'grpc.max_concurrent_streams': 100,
    'grpc.max_connection_idle_ms': 5 * minuteMs,
    // Peers that are gone do not say so.
    'grpc.keepalive_time_ms': minuteMs,
    'grpc.keepalive_timeout_ms': minuteMs / 2,
    'grpc.enable_channelz': 0,
  });
  const watchers = new Watchers(context);
  server.addService(
    define(GRPCInferenceService),
    implement(GRPCInferenceService, inference, context, log, observers),
  );
  server.addService(define(Health), {
    ...implement(Health, health, context, log, []),
    watch: watchers.watch,
  });
  const name = host.includes(':') ? `[${host}]` : host;
  const bound = await new Promise<number>((resolve, reject) => {
    const credentials = secure ?? ServerCredentials.createInsecure();
    server.bindAsync(`${name}:${port}`, credentials, (error, found) =>
      error === null ? resolve(found) : reject(toListenError(error, host, port)),
    );
  });
  const close = () =>
    new Promise<void>((resolve, reject) => {
      watchers.end();
      server.tryShutdown((error) => (error === undefined ? resolve() : reject(error)));
    });
  return { address: `${name}:${bound}`, renew: (renewed) => secure?.renew(renewed), close };
}
