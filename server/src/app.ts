import compress from '@fastify/compress';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import type { Context } from './context.js';
import { toHttpError } from './http-error.js';
import { documentation } from './openapi/routes.js';
import type { ServeOptions } from './options.js';
import { page } from './page/routes.js';
import { protocols } from './protocols/index.js';
import { guardRoutes, probe } from './security/guard.js';
import { answerHeaders, pageHeaders } from './security/headers.js';
import { shedLoad } from './security/overload.js';
import { limitRate } from './security/rate-limit.js';
import type { Tls } from './security/tls.js';

export interface AppOptions {
  /** A logger's level, or false for none. */
  readonly logLevel: string | false;
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

/** The server without its socket: every protocol on the models of a context. */
export function createApp(context: Context, options: AppOptions): FastifyInstance {
  const { metrics } = context;
  const { logLevel, limits, security, tls } = options;
  const { requestMs = 30_000, connections = 1024, turnMs = 500 } = limits;
  const sockets = {
    headersTimeout: Math.min(10_000, requestMs),
    // How often Node looks for those that are late.
    connectionsCheckingInterval: 1000,
    maxHeaderSize: 16 * 2 ** 10,
  };
  const app = Fastify({
    logger: logLevel === false ? false : { level: logLevel },
    bodyLimit: limits.bodyBytes ?? 6 * 2 ** 20,
    requestTimeout: requestMs,
    connectionTimeout: limits.idleMs ?? 30_000,
    keepAliveTimeout: limits.keepAliveMs ?? 5000,
    trustProxy: security.trustProxy ?? false,
    // While it drains: requests on open connections are still answered.
    return503OnClosing: false,
    routerOptions: { caseSensitive: true, maxParamLength: 300 },
    ...(tls === null ? { http: sockets } : { https: { ...sockets, ...tls } }),
  } as FastifyServerOptions);
  app.server.maxConnections = connections;
  app.server.maxHeadersCount = 100;
  // Clients send no type, or a wrong one: what a body is, the route says.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...usualTypes, '*'], { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  // What a body inflates to is held to the limit of bodies, too.
  app.register(compress, { requestEncodings: ['gzip', 'deflate', 'identity'], threshold: 1024 });
  app.decorateRequest('served', null);
  app.decorateRequest('steps', null);
  const ended = () => {
    metrics.inFlight--;
  };
  const headers = answerHeaders(tls !== null);
  app.addHook('onRequest', (request, reply, done) => {
    metrics.inFlight++;
    reply.headers(headers);
    // Of what is posted nothing is kept anyway.
    if (request.method === 'GET') reply.header('cache-control', 'no-store');
    // Not by onResponse, which does not come where the client has gone.
    reply.raw.once('close', ended);
    done();
  });
  shedLoad(app, turnMs);
  app.addHook('onResponse', ({ served, method, routeOptions }, reply, done) => {
    const seconds = reply.elapsedTime / 1000;
    metrics.times.observe(served, routeOptions.url ?? 'none', method === 'POST', seconds);
    served?.statistics.ended(reply.statusCode < 400, reply.elapsedTime);
    done();
  });
  app.setErrorHandler((error, request, reply) => {
    const told = toHttpError(error);
    if (told.statusCode >= 500 && told !== error) request.log.error(error);
    metrics.errors.inc({ code: told.code });
    const { code, message, path } = told;
    return reply.status(told.statusCode).send({ error: { code, message, path } });
  });
  app.setNotFoundHandler((request, reply) => {
    metrics.errors.inc({ code: 'not-found' });
    const message = `there is no ${request.method} ${request.url.split('?')[0]}`;
    return reply.status(404).send({ error: { code: 'not-found', message, path: '' } });
  });
  guardRoutes(app, context.access);
  const { corsOrigins, requestsPerMinute } = security;
  if (corsOrigins !== undefined) app.register(cors, { origin: corsOrigins });
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
