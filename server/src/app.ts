import helmet from '@fastify/helmet';
import Fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify';
import { compression } from './compression.js';
import type { Context } from './context.js';
import { HttpError } from './http-error.js';
import { type Logger, requestIds } from './log.js';
import { documentation } from './openapi/routes.js';
import type { ServeOptions } from './options.js';
import { page } from './page/routes.js';
import { protocols } from './protocols/index.js';
import { tell } from './refusal.js';
import { answerInTurns } from './request-turns.js';
import { watchRequests } from './request-watch.js';
import { guardRoutes, probe } from './security/guard.js';
import { answerHeaders, pageHeaders } from './security/headers.js';
import { holdBytes } from './security/held.js';
import { limitRate } from './security/rate-limit.js';
import type { Tls } from './security/tls.js';

export interface AppOptions {
  readonly log: Logger;
  readonly limits: NonNullable<ServeOptions['limits']>;
  readonly security: Omit<NonNullable<ServeOptions['security']>, 'tls'>;
  readonly tls: Tls | null;
  /** Whether the server describes itself at /openapi.json and /docs. */
  readonly docs: boolean;
  /** Whether people find a page at /. */
  readonly page: boolean;
}

/** Fastify finds the parser of a type at once where it knows its name. */
const usualTypes = [
  ...['application/json', 'application/x-www-form-urlencoded', 'application/octet-stream'],
  ...['text/csv', 'application/jsonlines'],
];

/** Else Fastify loads two libraries, 110 modules, for schemas that no route of ours has. */
const noSchema = (): never => {
  throw new Error('routes have no schemas here');
};

/** The server without its socket: every protocol on the models of a context. */
export function createApp(context: Context, options: AppOptions): FastifyInstance {
  const { metrics } = context;
  const { log, limits, security, tls } = options;
  const { requestMs = 30_000, connections = 1024, turnMs = 500 } = limits;
  const { bodyBytes = 6 * 2 ** 20, heldBytes = 256 * 2 ** 20 } = limits;
  const sockets = {
    headersTimeout: Math.min(10_000, requestMs),
    // How often Node looks for those that are late.
    connectionsCheckingInterval: 1000,
    maxHeaderSize: 16 * 2 ** 10,
    handshakeTimeout: Math.min(10_000, requestMs),
  };
  const app = Fastify({
    // Its own takes two listeners and two lines for each request.
    schemaController: { compilersFactory: { buildValidator: noSchema, buildSerializer: noSchema } },
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIds(),
    bodyLimit: bodyBytes,
    requestTimeout: requestMs,
    connectionTimeout: limits.idleMs ?? 30_000,
    keepAliveTimeout: limits.keepAliveMs ?? 5000,
    trustProxy: security.trustProxy ?? false,
    // While it drains: requests on open connections are still answered.
    return503OnClosing: false,
    routerOptions: { caseSensitive: true, maxParamLength: 300 },
    ...(tls === null ? { http: sockets } : { https: { ...sockets, ...tls } }),
  } as FastifyServerOptions);
  app.log = log;
  app.server.maxConnections = connections;
  app.server.maxHeadersCount = 100;
  // Clients send no type, or a wrong one: what a body is, the route says.
  app.removeAllContentTypeParsers();
  const held = { bodyBytes, heldBytes, answerMs: requestMs };
  holdBytes(app, [...usualTypes, '*'], held, () => context.isBehind);
  app.register(compression);
  app.decorateRequest('served', null);
  app.decorateRequest('steps', null);
  answerInTurns(app, turnMs);
  app.setErrorHandler((error, request, reply) => {
    const { statusCode, code, message, path } = tell(error, request, reply, metrics);
    return reply.status(statusCode).send({ error: { code, message, path } });
  });
  app.setNotFoundHandler((request, reply) => {
    const asked = `${request.method} ${request.url.split('?')[0]}`;
    const error = new HttpError(404, 'not-found', `there is no ${asked}`);
    const { code, message, path } = tell(error, request, reply, metrics);
    return reply.status(404).send({ error: { code, message, path } });
  });
  guardRoutes(app, context.access);
  // Behind the guard's, so that its hook comes before: who is refused is counted by the route, too.
  const watch = watchRequests(app, metrics, log);
  const headers = Object.entries(answerHeaders(tls !== null));
  // One for all that each request needs: another costs as much as what most of them do.
  app.addHook('onRequest', (request, reply, done) => {
    watch(request, reply);
    request.reply = reply;
    // Fastify is given no logger, of which it would make another for each request.
    request.log = log;
    reply.log = log;
    for (const [name, value] of headers) reply.header(name, value);
    // Of what is posted nothing is kept anyway.
    if (request.method === 'GET') reply.header('cache-control', 'no-store');
    done();
  });
  const { corsOrigins, requestsPerMinute } = security;
  if (corsOrigins !== undefined) app.register(import('@fastify/cors'), { origin: corsOrigins });
  if (requestsPerMinute !== undefined) limitRate(app, context.access, requestsPerMinute);
  // Each in a scope of its own: some tell errors in other words.
  for (const protocol of protocols) app.register(async (scope) => protocol(scope, context));
  app.register(async (scope) => {
    await scope.register(helmet, pageHeaders(tls !== null));
    if (options.docs) documentation(scope, context);
    if (options.page) page(scope, context);
  });
  // Where clients of KServe V1 and Azure ML look.
  if (!options.page) app.get('/', probe, () => ({ status: 'alive' }));
  return app;
}
