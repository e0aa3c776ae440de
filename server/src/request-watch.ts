import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { noSteps } from './context.js';
import { type Logger, sentId } from './log.js';
import type { Metrics } from './metrics.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The address of its route, as it was registered. */
    route: string;
  }
}

/** What takes longer is logged as slow. */
const slowMs = 1000;

/**
 * Counts, times and logs requests, from their heads on, until they are answered or the client has gone.
 *
 * @returns what is to be called with each, when its head has come
 */
export function watchRequests(
  app: FastifyInstance,
  metrics: Metrics,
  log: Logger,
): (request: FastifyRequest, reply: FastifyReply) => void {
  const logsAll = log.isLevelEnabled('debug');
  const end = (request: FastifyRequest, { raw }: FastifyReply, begun: number) => {
    metrics.inFlight--;
    const ms = performance.now() - begun;
    const { served, method, route } = request;
    const { statusCode } = raw;
    const entry = () => entryOf(request, statusCode, ms);
    if (!raw.writableEnded) return log.info(entry(), 'the client has gone');
    metrics.times.observe(served, route, method === 'POST', ms / 1000);
    served?.statistics.ended(statusCode < 400, ms);
    if (ms > slowMs) log.warn(entry(), 'slow');
    else if (statusCode >= 400) log.info(entry(), 'refused');
    else if (logsAll) log.debug(entry(), 'answered');
  };
  app.decorateRequest('route', 'none');
  // By a hook for each route: what a request tells of its route, it gathers anew each time it is asked.
  app.addHook('onRoute', (route) => {
    const { url } = route;
    const name: onRequestHookHandler = (request, _reply, done) => {
      request.route = url;
      done();
    };
    route.onRequest = [name, ...[route.onRequest ?? []].flat()];
  });
  return (request, reply) => {
    metrics.inFlight++;
    const begun = performance.now();
    if (sentId(request.headers) !== null) reply.header('x-request-id', request.id);
    if (logsAll) request.steps = noSteps();
    // One listener; a hook of the end takes two, and does not come where the client has gone.
    reply.raw.on('close', () => end(request, reply, begun));
  };
}

/** A line of the log. */
const entryOf = (
  { id, method, route, served, steps }: FastifyRequest,
  status: number,
  milliseconds: number,
): object => ({
  reqId: id,
  method,
  route,
  ...(served && { model: served.name, version: served.version }),
  ...(steps?.rows != null && { rows: steps.rows }),
  status,
  ms: Math.round(milliseconds * 1000) / 1000,
});
