import compress from '@fastify/compress';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Context } from './context.js';
import { toHttpError } from './http-error.js';
import { documentation } from './openapi/routes.js';
import { protocols } from './protocols/index.js';
import { guardRoutes } from './security/guard.js';

export interface AppOptions {
  /** A logger's level, or false for none. */
  readonly logLevel: string | false;
  /** Bytes that a body may have. */
  readonly bodyBytes: number;
  /** Whether the server describes itself at /openapi.json and /docs. */
  readonly docs: boolean;
}

/** Fastify finds the parser of a type at once where it knows its name. */
const usualTypes = [
  ...['application/json', 'application/x-www-form-urlencoded', 'application/octet-stream'],
  ...['text/csv', 'application/jsonlines'],
];

/** The server without its socket: every protocol on the models of a context. */
export function createApp(
  context: Context,
  { logLevel, bodyBytes, docs }: AppOptions,
): FastifyInstance {
  const { metrics } = context;
  const app = Fastify({
    logger: logLevel === false ? false : { level: logLevel },
    bodyLimit: bodyBytes,
    requestTimeout: 30_000,
    keepAliveTimeout: 5000,
    // While it drains: requests on open connections are still answered.
    return503OnClosing: false,
    routerOptions: { caseSensitive: true, maxParamLength: 300 },
  });
  // Clients send no type, or a wrong one: what a body is, the route says.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...usualTypes, '*'], { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  // What a body inflates to is held to the limit of bodies, too.
  app.register(compress, { requestEncodings: ['gzip', 'deflate', 'identity'], threshold: 1024 });
  app.decorateRequest('served', null);
  app.addHook('onRequest', (_request, _reply, done) => {
    metrics.inFlight++;
    done();
  });
  app.addHook('onResponse', ({ served, method, routeOptions }, reply, done) => {
    metrics.inFlight--;
    const seconds = reply.elapsedTime / 1000;
    metrics.times.observe(served, routeOptions.url ?? 'none', method === 'POST', seconds);
    served?.statistics.ended(reply.statusCode < 400, reply.elapsedTime);
    done();
  });
  app.setErrorHandler((error, request, reply) => {
    const told = toHttpError(error);
    if (told.statusCode >= 500) request.log.error(error);
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
  // Each in a scope of its own: some tell errors in other words.
  for (const protocol of protocols) app.register(async (scope) => protocol(scope, context));
  if (docs) app.register(async (scope) => documentation(scope, context));
  return app;
}
