import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { HttpError } from '../http-error.js';
import type { Access } from './access.js';
import { credentialsOf } from './guard.js';

/** Clients that are counted at a time: the one that was not seen for longest is forgotten. */
const mostClients = 10_000;

/** Lets each token, and each address without one, ask so often. Probes are not counted. */
export function limitRate(app: FastifyInstance, access: Access, perMinute: number): void {
  app.register(rateLimit, {
    max: perMinute,
    timeWindow: 60_000,
    cache: mostClients,
    keyGenerator: ({ headers, ip }) => access.find(credentialsOf(headers))?.name ?? ip,
    errorResponseBuilder: (_request, { max }) =>
      new HttpError(429, 'rate-limited', `more than ${max} requests in a minute`),
  });
}
