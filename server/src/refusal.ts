import type { FastifyReply, FastifyRequest } from 'fastify';
import { type HttpError, toHttpError } from './http-error.js';
import type { Metrics } from './metrics.js';

/** What a client is told of an error, whatever its protocol's words for it are. It is counted, and a failure within is logged. */
export function tell(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  metrics: Metrics,
): HttpError {
  const told = toHttpError(error);
  if (told.statusCode >= 500 && told !== error)
    request.log.error({ err: error, reqId: request.id }, told.message);
  metrics.errors.inc({ code: told.code });
  // By it, what a client tells of is found.
  reply.header('x-request-id', request.id);
  return told;
}
